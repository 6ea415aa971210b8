"""Paths side by side: on a mesh, two paths a cell apart are one way although they share no arc.

Sharing is therefore measured by distance, not by arcs in common.
"""

from __future__ import annotations

import numpy as np
import shapely

from geodata.arrays import BoolArray, Float64Array, Int32Array

NEAR_M = 5000.0
"""Ways closer than this are the same way: half a coarse cell, to either side."""


def mark_beside(nodes: Int32Array, east: Float64Array, north: Float64Array) -> BoolArray:
    """Whether each node of the network lies within `NEAR_M` of a path.

    Parameters
    ----------
    nodes
        Nodes of a path in order.
    east, north
        Metres of every node of the network; shape (n,).
    """
    way = shapely.LineString(np.column_stack([east[nodes], north[nodes]]))
    west, south, right, top = way.bounds
    inside = (east >= west - NEAR_M) & (east <= right + NEAR_M)
    inside &= (north >= south - NEAR_M) & (north <= top + NEAR_M)
    rows = np.flatnonzero(inside)
    shapely.prepare(way)
    near = np.zeros(len(east), bool)
    near[rows] = shapely.dwithin(way, shapely.points(east[rows], north[rows]), NEAR_M)
    return near


def sum_to_roots(parent: Int32Array, value: Float64Array) -> Float64Array:
    """Sum of a value from every node up to the root of its tree, by pointer doubling.

    Parameters
    ----------
    parent
        Node before each node, -1 at a root; shape (n,).
    value
        Values to sum, one or k for each node; shape (n,) or (n, k).
    """
    total, up = value.astype(np.float64), parent.copy()
    while len(rows := np.flatnonzero(up >= 0)):
        total[rows] += total[up[rows]]
        up[rows] = up[up[rows]]
    return total
