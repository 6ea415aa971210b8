"""The off-road mesh over all land cells, with walking speeds from slope and land cover."""

from __future__ import annotations

import numpy as np

from geodata.area.geodesy import geodesic
from geodata.arrays import Float64Array, Int64Array
from geodata.builder.meshes.mesh import Mesh, neighbours
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


PLAIN_KMH = 4.2
"""Walking speed where land cover is unknown: as in open shrubland. Assumption."""


def pace(grid: StudyGrid) -> Float64Array:
    """Seconds to walk a metre, per cell: on flat ground, or from the friction surface."""
    if grid.friction is not None:
        return np.asarray(grid.friction.astype(float) * 60)
    air = 1.0 if grid.elevation is None else thin_air(grid.elevation.astype(float))
    if grid.landcover is None:
        return np.full(grid.area.shape, 3.6 / PLAIN_KMH) / air
    speeds = np.full(18, np.nan)
    for land_class, kmh in WALKING_KMH.items():
        speeds[land_class] = kmh
    kmh = speeds[grid.landcover.astype(int)] * air
    return np.asarray(3.6 / kmh)


def build_land_mesh(grid: StudyGrid) -> Mesh:
    """Mesh over all land cells, without moves that cross water wider than a cell.

    The time of a link is its length times the mean pace of its two cells, divided by
    Tobler's function relative to the flat; up and down differ. Without elevation all cells count as
    flat.
    """
    mask = grid.country >= 0
    a, b = neighbours(mask)
    fordable = grid.water_metres(a, b) <= grid.area.cell_m
    a, b = a[fordable], b[fordable]
    x, y = (c.ravel() for c in grid.area.centres())
    length = geodesic(x[a], y[a], x[b], y[b])
    up, down = _slopes(grid, a, b, length)
    walk = pace(grid).ravel()
    flat = length * (walk[a] + walk[b]) / 2
    return Mesh(
        cells=np.flatnonzero(mask),
        a=a,
        b=b,
        length_m=length,
        seconds_ab=flat * TOBLER_FLAT / up,
        seconds_ba=flat * TOBLER_FLAT / down,
    )


def _slopes(
    grid: StudyGrid, a: Int64Array, b: Int64Array, length: Float64Array
) -> tuple[Float64Array, Float64Array]:
    """Tobler's speed from `a` to `b` and back; that of flat ground if the pace includes the slope.

    Terrain finer than the grid is steeper than the grid's cells: half of the way rises and half
    falls by the difference.
    """
    if grid.elevation is None or grid.friction is not None:
        flat = np.full(len(a), TOBLER_FLAT)
        return flat, flat
    height = grid.elevation.ravel().astype(float)
    slope = (height[b] - height[a]) / length
    if grid.slope is None:
        return tobler(slope), tobler(-slope)
    steep = grid.slope.ravel().astype(float)
    rough = np.maximum((steep[a] + steep[b]) / 2 - np.abs(slope), 0.0)
    return _over(slope, rough), _over(-slope, rough)


def _over(slope: Float64Array, rough: Float64Array) -> Float64Array:
    """Mean speed over ground whose slope varies up and down around its mean slope."""
    return np.asarray(2 / (1 / tobler(slope + rough) + 1 / tobler(slope - rough)))
