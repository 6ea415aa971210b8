"""The off-road mesh: every land cell, walked at the speed that slope and land cover allow."""

from __future__ import annotations

import numpy as np

from geodata.area.geodesy import geodesic
from geodata.arrays import Float64Array
from geodata.builder.mesh import Mesh, neighbours
from geodata.builder.study_grid import StudyGrid

WALKING_KMH = {
    1: 1.62, 2: 1.62, 3: 3.24, 4: 4.00, 5: 3.24, 6: 3.00, 7: 4.20, 8: 4.86, 9: 4.86,
    10: 4.86, 11: 2.00, 12: 2.50, 13: 5.00, 14: 3.24, 15: 1.62, 16: 3.00,
}  # fmt: skip
"""Walking speed in km/h by IGBP class: Weiss et al. 2018, Nature 553, table of land covers."""
TOBLER_FLAT = 5.0
"""Speed in km/h to which Weiss et al. 2018 refer Tobler's function."""


def tobler(slope: Float64Array) -> Float64Array:
    """Tobler's hiking function: walking speed in km/h.

    Parameters
    ----------
    slope
        Rise over run in the direction of travel, positive uphill.

    References
    ----------
    Tobler 1993, Three presentations on geographical analysis and modeling:
    ``6 exp(-3.5 |slope + 0.05|)``.
    """
    return np.asarray(6.0 * np.exp(-3.5 * np.abs(slope + 0.05)))


def thin_air(elevation: Float64Array) -> Float64Array:
    """Share of speed left at an elevation in metres (Weiss et al. 2018)."""
    return np.asarray(np.minimum(1.016 * np.exp(-0.0001072 * elevation), 1.0))


def pace(ground: StudyGrid) -> Float64Array:
    """Seconds to walk a metre on the flat, per cell."""
    speeds = np.full(18, np.nan)
    for land_class, kmh in WALKING_KMH.items():
        speeds[land_class] = kmh
    kmh = speeds[ground.landcover.astype(int)] * thin_air(ground.elevation.astype(float))
    return np.asarray(3.6 / kmh)


def land_mesh(ground: StudyGrid) -> Mesh:
    """Mesh over all land cells, without moves that cross water wider than a cell.

    The time of a link is its length times the mean pace of its two cells, divided by
    Tobler's function relative to the flat; up and down differ.
    """
    mask = ground.country >= 0
    a, b = neighbours(mask)
    fordable = ground.water_metres(a, b) <= ground.area.cell_m
    a, b = a[fordable], b[fordable]
    x, y = (c.ravel() for c in ground.area.centres())
    length = geodesic(x[a], y[a], x[b], y[b])
    height = ground.elevation.ravel().astype(float)
    slope = (height[b] - height[a]) / length
    walk = pace(ground).ravel()
    flat = length * (walk[a] + walk[b]) / 2
    return Mesh(
        cells=np.flatnonzero(mask),
        a=a,
        b=b,
        length_m=length,
        seconds_ab=flat * TOBLER_FLAT / tobler(slope),
        seconds_ba=flat * TOBLER_FLAT / tobler(-slope),
    )
