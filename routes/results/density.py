"""Density: lines laid over the grid, cell by cell."""

from __future__ import annotations

import numpy as np
import shapely

from geodata.area.study_area import StudyArea
from geodata.arrays import Float64Array, Int64Array
from geodata.network.network import Network

STEP = 0.25
"""Lines are laid over the grid in pieces of this share of a cell."""
LEAST_DENSITY = 1e-5
"""Links below this share of flow add nothing that a map could show."""


def flow_density(network: Network, usage: Float64Array) -> Float64Array:
    """Share of flow per cell width: usage of links times the length of way in each cell."""
    return lay_links(network, np.flatnonzero(usage >= LEAST_DENSITY), usage)


def lay_links(network: Network, rows: Int64Array, usage: Float64Array) -> Float64Array:
    """Usage of some links, laid over the grid as they are drawn."""
    points, line = shapely.get_coordinates(network.lines(rows), return_index=True)
    metres = np.stack(network.area.project(*points.T), axis=1)
    return lay(network.area, metres, line, usage[rows])


def lay(
    area: StudyArea, points: Float64Array, line: Int64Array, weight: Float64Array
) -> Float64Array:
    """Weight of the lines times their length in each cell, in cell widths.

    Parameters
    ----------
    points
        Vertices in metres of the area's grid, line by line; shape (n, 2).
    line
        Line of each vertex, ascending; shape (n,).
    weight
        Weight of each line.

    Returns
    -------
    array of `area.shape`; what lies outside the grid is left out.
    """
    steps = np.flatnonzero(line[1:] == line[:-1])
    way = (points[1:] - points[:-1])[steps]
    metres = np.hypot(*way.T)
    pieces = np.maximum(np.ceil(metres / (STEP * area.cell_m)).astype(int), 1)
    own = np.repeat(np.arange(len(steps)), pieces)
    t = (np.arange(len(own)) - np.repeat(np.cumsum(pieces) - pieces, pieces) + 0.5) / pieces[own]
    east, north = (points[steps[own]] + t[:, None] * way[own]).T
    column = np.floor((east - area.transform.c) / area.cell_m).astype(int)
    row = np.floor((area.transform.f - north) / area.cell_m).astype(int)
    rows, columns = area.shape
    held = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
    part = (weight[line[steps]] * metres / pieces / area.cell_m)[own[held]]
    cell = row[held] * columns + column[held]
    return np.asarray(np.bincount(cell, part, rows * columns).reshape(area.shape), np.float64)
