"""Web Mercator tiles: where they lie, and the whole numbers that coordinates become in them.

A tile of zoom z is a square of the world, x counted from the antimeridian to the east and y from
the north, 2**z of each (OGC 17-083r4, WebMercatorQuad). The grid of a zoom divides each tile into
`EXTENT` units a side, so that a vertex is one pair of whole numbers in all tiles of its zoom.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from geodata.area.antimeridian import widen_box
from geodata.area.box import Box
from geodata.arrays import Float64Array

EXTENT = 4096
"""Units along the side of a tile."""
DEEPEST = 14
"""Zoom whose grid still fits in 32 bits with room to spare: a unit is 60 cm at the equator."""
LATITUDE = 85.051128779806604
"""Where the square world ends in north and south."""


def world(lonlat: Float64Array) -> Float64Array:
    """Degrees to shares of the world's width from its north-west corner.

    Parameters
    ----------
    lonlat
        Longitude and latitude in degrees, shape (n, 2).

    Returns
    -------
    numpy.ndarray
        x to the east and y to the south, each in [0, 1], shape (n, 2).
    """
    latitude = np.radians(np.clip(lonlat[:, 1], -LATITUDE, LATITUDE))
    y = 0.5 - np.arcsinh(np.tan(latitude)) / (2 * math.pi)
    return np.column_stack([lonlat[:, 0] / 360 + 0.5, y])


def degrees(x: float, y: float) -> tuple[float, float]:
    """Longitude and latitude of a place in the world's square."""
    return 360 * (x - 0.5), math.degrees(math.atan(math.sinh(2 * math.pi * (0.5 - y))))


def tile_range(box: Box, z: int) -> tuple[int, int, int, int]:
    """First and last x, first and last y of the tiles of a zoom that a box in degrees meets.

    Across the antimeridian x goes on, as the longitudes of the box do.
    """
    west, south, east, north = box
    corners = np.floor(world(np.array([[west, north], [east, south]])) * 2**z)
    corners[:, 1] = np.clip(corners[:, 1], 0, 2**z - 1)
    if widen_box(box) == box:
        corners[:, 0] = np.clip(corners[:, 0], 0, 2**z - 1)
    (left, top), (right, bottom) = corners.astype(int).tolist()
    return left, min(right, left + 2**z - 1), top, bottom


def tiles_over(box: Box, z: int) -> Iterator[tuple[int, int]]:
    """The x and y of each tile of a zoom that a box in degrees meets, by rows.

    East of the antimeridian x begins again.
    """
    left, right, top, bottom = tile_range(box, z)
    for y in range(top, bottom + 1):
        for x in range(left, right + 1):
            yield x % 2**z, y
