"""Which tiles of a provider a box needs, and what they are called."""

from __future__ import annotations

import math
from collections.abc import Iterator

from geodata.area.box import Box

_STEPS = 64


def degree_tiles(box: Box, degrees: int) -> list[dict[str, str | int]]:
    """Tiles of so many degrees, called after their south-western corner.

    Returns
    -------
    list of dict
        ``ns``, ``lat``, ``ew`` and ``lon`` of each, as addresses hold them.

    Examples
    --------
    >>> from geodata.sources.download.providers.tiles import degree_tiles
    >>> from geodata.area.box import Box
    >>> degree_tiles(Box(-89.5, 15.2, -88.5, 15.8), 1)[0]
    {'ns': 'N', 'lat': 15, 'ew': 'W', 'lon': 90}
    """
    west, south, east, north = box
    tiles: dict[tuple[int, int], None] = {}
    for lat in _corners(south, north, degrees):
        for lon in _corners(west, east, degrees):
            tiles[lat, (lon + 180) % 360 - 180] = None
    return [
        {"ns": "S" if lat < 0 else "N", "lat": abs(lat), "ew": "W" if lon < 0 else "E",
         "lon": abs(lon)}
        for lat, lon in tiles
        if -90 <= lat < 90
    ]  # fmt: skip


def _corners(least: float, most: float, degrees: int) -> range:
    first = math.floor(least / degrees) * degrees
    return range(first, max(math.ceil(most / degrees) * degrees, first + degrees), degrees)


_TILE_M = 1_000_000
_LEFT_M, _TOP_M = -18_041_000, 9_000_000
"""Corner of tile R1, C1 of the Global Human Settlement Layer, in metres of Mollweide."""


def mollweide_tiles(box: Box) -> list[dict[str, str | int]]:
    """Tiles of 1,000 km of the Global Human Settlement Layer, as ``row`` and ``column``."""
    from pyproj import Transformer

    project = Transformer.from_crs("EPSG:4326", "ESRI:54009", always_xy=True).transform
    tiles: dict[tuple[int, int], None] = {}
    for west, east in halves(box.west, box.east):
        # Along a parallel x grows evenly, along a meridian it bends: rows are looked at one by one.
        for lat in _between(box.south, box.north):
            left, y = project(west, lat)
            right, _ = project(east, lat)
            row = math.floor((_TOP_M - y) / _TILE_M) + 1
            first, last = (math.floor((x - _LEFT_M) / _TILE_M) + 1 for x in (left, right))
            tiles |= dict.fromkeys((row, column) for column in range(first, last + 1))
    return [{"row": row, "column": column} for row, column in sorted(tiles)]


def halves(west: float, east: float) -> list[tuple[float, float]]:
    """A stretch of longitudes in parts between -180 and 180."""
    parts = []
    for turn in (-360, 0, 360):
        least, most = max(west + turn, -180.0), min(east + turn, 180.0)
        if least < most:
            parts.append((least, most))
    return parts


def _between(least: float, most: float) -> Iterator[float]:
    for step in range(_STEPS + 1):
        yield least + (most - least) * step / _STEPS
