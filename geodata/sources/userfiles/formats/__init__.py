"""Formats of users' files, each read without opening anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.sources.userfiles.formats.crs import UNSAID, crs_of, to_degrees
    from geodata.sources.userfiles.formats.geojson import read_geojson
    from geodata.sources.userfiles.formats.geopackage import check_geopackage, read_geopackage
    from geodata.sources.userfiles.formats.markup import read_gpx, read_kml
    from geodata.sources.userfiles.formats.packed import (
        check_flatgeobuf,
        check_shapefile,
        read_flatgeobuf,
        read_shapefile,
    )
    from geodata.sources.userfiles.formats.table import EASTINGS, NORTHINGS, read_rows, read_table
    from geodata.sources.userfiles.formats.text import encoding_of
    from geodata.sources.userfiles.formats.wkb import shapes_of

__all__ = [
    "EASTINGS",
    "NORTHINGS",
    "UNSAID",
    "check_flatgeobuf",
    "check_geopackage",
    "check_shapefile",
    "crs_of",
    "encoding_of",
    "read_flatgeobuf",
    "read_geojson",
    "read_geopackage",
    "read_gpx",
    "read_kml",
    "read_rows",
    "read_shapefile",
    "read_table",
    "shapes_of",
    "to_degrees",
]

__getattr__, __dir__ = offer(__name__)
