"""The sea mesh: every navigable water cell, with a line of sight kept clear of land."""

from __future__ import annotations

import numpy as np
import shapely
from scipy import ndimage

from geodata.area.geodesy import geodesic
from geodata.arrays import BoolArray, Float64Array, Int64Array
from geodata.builder.meshes.mesh import Mesh, neighbours
from geodata.builder.study_grid import REFINE, StudyGrid

CRUISE_KMH = {1: 30.0, 2: 20.0, 3: 20.0}
"""Speed by class of water (sea, lagoon, lake). Assumption: a loaded open boat with outboard
engines, half its top speed, because it lies up by day and slows down for the swell."""


def build_sea_mesh(grid: StudyGrid) -> Mesh:
    """Mesh over all navigable cells; no link touches land at full coast resolution."""
    a, b = neighbours(grid.water > 0)
    same = grid.water.ravel()[a] == grid.water.ravel()[b]
    a, b = a[same], b[same]
    x, y = (c.ravel() for c in grid.area.centres())
    clear = _in_sight(grid, a, b, x, y)
    a, b = a[clear], b[clear]
    length = geodesic(x[a], y[a], x[b], y[b])
    speed = np.array([0.0, *CRUISE_KMH.values()])[grid.water.ravel()[a]]
    seconds = length * 3.6 / speed
    return Mesh(
        cells=np.flatnonzero(grid.water > 0),
        a=a,
        b=b,
        length_m=length,
        seconds_ab=seconds,
        seconds_ba=seconds,
    )


def _in_sight(
    grid: StudyGrid,
    a: Int64Array,
    b: Int64Array,
    x: Float64Array,
    y: Float64Array,
) -> BoolArray:
    """Whether the straight line between two cells meets no land.

    Only lines near the coast are tested against the polygons; the test there is exact.
    """
    near = _near_land(grid).ravel()
    tested = np.flatnonzero(near[a] | near[b])
    ends = np.stack([np.c_[x[a[tested]], y[a[tested]]], np.c_[x[b[tested]], y[b[tested]]]], axis=1)
    lines = np.asarray(shapely.linestrings(ends), object)
    clear = np.ones(len(a), bool)
    clear[tested] = ~grid.touches_land(lines)
    return clear


def _near_land(grid: StudyGrid) -> BoolArray:
    """Cells within three cells of any land: a knight's move spans less."""
    rows, columns = grid.area.shape
    blocks = grid.fine_land.reshape(rows, REFINE, columns, REFINE)
    any_land = blocks.any(axis=(1, 3)) | _coast_cells(grid)
    return np.asarray(ndimage.distance_transform_edt(~any_land) <= 3)


def _coast_cells(grid: StudyGrid) -> BoolArray:
    """Cells that hold a vertex of the coast: cays too small for the fine mask."""
    x, y = shapely.get_coordinates(grid.coast).T
    row, column = grid.area.cell_of(x, y)
    cells = np.zeros(grid.area.shape, bool)
    cells[row, column] = True
    return cells
