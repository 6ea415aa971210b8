"""The reader of users' layers: one for points and events, of all kinds of files."""

from __future__ import annotations

from collections.abc import Callable

from geodata.sources.userfiles.formats.geojson import read_geojson
from geodata.sources.userfiles.formats.geopackage import read_geopackage
from geodata.sources.userfiles.formats.markup import read_gpx, read_kml
from geodata.sources.userfiles.formats.packed import read_flatgeobuf, read_shapefile
from geodata.sources.userfiles.formats.table import read_table
from geodata.sources.userfiles.layer import UserLayer, check_degrees
from geodata.sources.userfiles.source import Source

_READERS: dict[str, Callable[[Source], UserLayer]] = {
    "table": read_table,
    "geojson": read_geojson,
    "geopackage": read_geopackage,
    "shapefile": read_shapefile,
    "kml": read_kml,
    "gpx": read_gpx,
    "flatgeobuf": read_flatgeobuf,
}

_OF_MANY = ("geopackage", "gpx")
"""Kinds whose files may have several layers; another has one, which is called as the file is."""


def read_layer(source: Source) -> UserLayer:
    """Rows of a file, in degrees, each with the place that it has in the file.

    No file makes this open another one or an address, but for the parts of a shapefile and
    the journal of a GeoPackage.

    Raises
    ------
    InputError
        When there is no such file or layer, or it is a directory, a device or a pipe.
    DataError
        When it cannot be read, has no rows, several layers or no CRS, or a coordinate is no
        degree; the message names file, row and remedy.
    OSError
        When the system does not let it be read.
    """
    if source.kind not in _OF_MANY:
        source.one_layer([source.path.stem])
    return check_degrees(_READERS[source.kind](source))
