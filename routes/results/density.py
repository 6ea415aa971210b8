"""Density: lines laid over the grid, cell by cell."""

from __future__ import annotations

import numpy as np
import shapely

from geodata.area.grid import lay_lines
from geodata.arrays import Float64Array, Int64Array
from geodata.network.network import Network

LEAST_DENSITY = 1e-5
"""Links below this share of flow add nothing that a map could show."""


def flow_density(network: Network, usage: Float64Array) -> Float64Array:
    """Share of flow per cell width: usage of links times the length of way in each cell."""
    return lay_links(network, np.flatnonzero(usage >= LEAST_DENSITY), usage)


def lay_links(network: Network, rows: Int64Array, usage: Float64Array) -> Float64Array:
    """Usage of some links, laid over the grid as they are drawn."""
    points, line = shapely.get_coordinates(network.lines(rows), return_index=True)
    metres = np.stack(network.area.project(*points.T), axis=1)
    return lay_lines(network.area, metres, line, usage[rows])
