"""Files of users: points and events as tables and map layers of many makers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.sources.userfiles.dates import UnreadableDateError, iso_dates, require_past
    from geodata.sources.userfiles.events import DATES, Events, read_events
    from geodata.sources.userfiles.formats.crs import UNSAID, crs_of, to_degrees
    from geodata.sources.userfiles.formats.geopackage import check_geopackage
    from geodata.sources.userfiles.formats.packed import check_flatgeobuf, check_shapefile
    from geodata.sources.userfiles.formats.table import EASTINGS, NORTHINGS, read_rows
    from geodata.sources.userfiles.formats.text import encoding_of
    from geodata.sources.userfiles.formats.wkb import shapes_of
    from geodata.sources.userfiles.layer import UserLayer, plain_heading
    from geodata.sources.userfiles.points import read_points
    from geodata.sources.userfiles.reader import read_layer
    from geodata.sources.userfiles.source import KINDS, REMEDIES, Source, file_of, is_source

__all__ = [
    "DATES",
    "EASTINGS",
    "KINDS",
    "NORTHINGS",
    "REMEDIES",
    "UNSAID",
    "Events",
    "Source",
    "UnreadableDateError",
    "UserLayer",
    "check_flatgeobuf",
    "check_geopackage",
    "check_shapefile",
    "crs_of",
    "encoding_of",
    "file_of",
    "is_source",
    "iso_dates",
    "plain_heading",
    "read_events",
    "read_layer",
    "read_points",
    "read_rows",
    "require_past",
    "shapes_of",
    "to_degrees",
]

__getattr__, __dir__ = offer(__name__)
