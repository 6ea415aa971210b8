"""Lengths on the ground, all on one ellipsoid."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from pyproj import Geod

from geodata.arrays import Float64Array

GEOD = Geod(ellps="WGS84")
DEGREE_M = 111_000.0
"""Metres of a degree of latitude, rounded: for margins and steps, not for lengths."""
EQUATOR_DEGREE_M = 111_320.0
"""Metres of a degree of longitude on the equator."""
LONG_DEGREE_M = 111_400.0
"""Metres that no degree exceeds within 59 degrees of the equator."""


Degrees = float | Float64Array


def length(line: Float64Array) -> float:
    """Geodesic length in metres of a line of vertices (n, 2) in degrees."""
    return float(GEOD.line_length(line[:, 0], line[:, 1]))


def sample(line: Float64Array, step_m: float) -> Float64Array:
    """Points along a line, its vertices among them, no more than `step_m` apart."""
    pieces = []
    for start, end in pairwise(line):
        parts = max(1, int(np.ceil(length(np.array([start, end])) / step_m)))
        pieces.append(start + (end - start) * np.arange(parts)[:, None] / parts)
    return np.vstack([*pieces, line[-1:]])


def geodesic(
    x1: Degrees,
    y1: Degrees,
    x2: Degrees,
    y2: Degrees,
) -> Float64Array:
    """Metres along the WGS 84 ellipsoid between pairs of points.

    Parameters
    ----------
    x1, y1, x2, y2
        Longitudes and latitudes in degrees, each of shape (n,), or single numbers.
    """
    _, _, metres = GEOD.inv(x1, y1, x2, y2)
    return np.asarray(metres, np.float64)


def on_earth(x: Float64Array, y: Float64Array) -> Float64Array:
    """Places (n, 3) in metres from the centre of the ellipsoid, so that chords are distances.

    Parameters
    ----------
    x, y
        Longitudes and latitudes in degrees, each of shape (n,).
    """
    lon, lat = np.radians(x), np.radians(y)
    normal = GEOD.a / np.sqrt(1.0 - GEOD.es * np.sin(lat) ** 2)
    return np.stack(
        [normal * np.cos(lat) * np.cos(lon), normal * np.cos(lat) * np.sin(lon),
         normal * (1.0 - GEOD.es) * np.sin(lat)], axis=1,
    )  # fmt: skip


SHORT_M = 2000.0
POLAR = 80.0


def steps(x: Float64Array, y: Float64Array) -> Float64Array:
    """Metres from each vertex to the next, n - 1 of them.

    Short steps are measured on the plane that touches the ellipsoid between their ends, with an
    error below a millimetre at two kilometres; longer steps are geodesics.
    """
    east, north = np.radians(np.diff(x)), np.radians(np.diff(y))
    sine = np.sin(np.radians((y[1:] + y[:-1]) / 2))
    bent = 1.0 - GEOD.es * sine**2
    normal = GEOD.a / np.sqrt(bent)
    across = normal * np.sqrt(1.0 - sine**2) * east
    along = normal * (1.0 - GEOD.es) / bent * north
    metres: Float64Array = np.hypot(across, along)
    long = np.flatnonzero(~(metres < SHORT_M) | (np.abs(y[1:]) > POLAR))
    metres[long] = geodesic(x[long], y[long], x[long + 1], y[long + 1])
    return metres
