"""Spurs: which places a local road must join to the roads, as a least spanning forest."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import Delaunay, cKDTree

from geodata.area.study_area import StudyArea
from geodata.arrays import BoolArray, Float64Array, Int64Array
from geodata.builder.roads.graphs import weighted_graph
from geodata.builder.study_grid import REFINE, StudyGrid

Dry = Callable[[Float64Array, Float64Array], BoolArray]

ON_ROAD_M = 1500.0
WET_SHARE = 0.08
SAMPLES = 49


def dry_ways(grid: StudyGrid) -> Dry:
    """Whether straight ways stay on land: at most `WET_SHARE` of each is over water.

    A little is allowed, because a river is bridged and a coast is coarse at 250 m.
    """
    area, origin = grid.area, grid.area.transform

    def dry(start: Float64Array, end: Float64Array) -> BoolArray:
        wet = np.zeros(len(start))
        for t in (np.arange(SAMPLES) + 0.5) / SAMPLES:
            x, y = (start + t * (end - start)).T
            east, north = area.project(x, y)
            column, row = (east - origin.c) / origin.a, (north - origin.f) / origin.e
            fine = np.array([row, column]) * REFINE
            inside = tuple(np.clip(fine.astype(int).T, 0, np.array(grid.fine_land.shape) - 1).T)
            wet += ~grid.fine_land[inside]
        return np.asarray(wet <= WET_SHARE * SAMPLES)

    return dry


def places_off_road(places: pd.DataFrame, nodes: pd.DataFrame, area: StudyArea) -> pd.DataFrame:
    """Places farther than `ON_ROAD_M` from every road node of their own country."""
    away = np.full(len(places), np.inf)
    for code in sorted(set(places["country"])):
        own, there = nodes[nodes["country"] == code], (places["country"] == code).to_numpy()
        if len(own):
            tree = cKDTree(np.column_stack(area.project(own["x"], own["y"])))
            points = np.column_stack(area.project(places["x"], places["y"]))
            away[there], _ = tree.query(points[there])
    return places[away > ON_ROAD_M].reset_index(drop=True)


def spanning_forest(
    places: pd.DataFrame, nodes: pd.DataFrame, area: StudyArea, *, reach_m: Float64Array, dry: Dry
) -> tuple[Int64Array, Int64Array]:
    """Pairs that join places to road nodes, or to places nearer to these, at least total length.

    The edges of a Delaunay triangulation of places and road nodes are the candidates. All
    road nodes of a country count as one, so that no spur joins two road networks that are
    apart. Places that nothing within reach joins stay apart.

    Parameters
    ----------
    places, nodes
        x, y, country; `places` are off the road.
    reach_m
        Longest edge at each place.
    dry
        Whether the straight way between points (n, 2) and (n, 2) in degrees stays on land.

    Returns
    -------
    u, v
        Rows: of `nodes` below ``len(nodes)``, and of `places` from there on.
    """
    both = pd.concat([nodes, places], ignore_index=True)[["x", "y", "country"]]
    u, v, metres = _candidates(both, area)
    road = len(nodes)
    reach = np.concatenate([np.full(road, np.inf), reach_m])
    code = both["country"].to_numpy(object)
    fits = (v >= road) & (code[u] == code[v]) & (metres <= np.minimum(reach[u], reach[v]))
    u, v, metres = u[fits], v[fits], metres[fits]
    at = both[["x", "y"]].to_numpy(float)
    kept = dry(at[u], at[v])
    return _least(u[kept], v[kept], metres[kept], road=road, total=len(both))


def _candidates(
    points: pd.DataFrame, area: StudyArea
) -> tuple[Int64Array, Int64Array, Float64Array]:
    """Edges of the triangulation, the lower row first, with their length."""
    metres = np.column_stack(area.project(points["x"], points["y"]))
    corners = Delaunay(metres, qhull_options="QJ Pp").simplices
    pairs = np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]])
    edges = np.unique(np.sort(pairs, axis=1), axis=0).astype(np.int64)
    away = metres[edges[:, 0]] - metres[edges[:, 1]]
    return edges[:, 0], edges[:, 1], np.hypot(away[:, 0], away[:, 1])


def _least(
    u: Int64Array, v: Int64Array, metres: Float64Array, *, road: int, total: int
) -> tuple[Int64Array, Int64Array]:
    """Least spanning forest of the edges when all rows below `road` are one."""
    if not len(u):
        return u, v
    start, end = np.maximum(u - road + 1, 0), v - road + 1
    order = np.lexsort((metres, end, start))
    first = np.r_[True, np.any(np.diff(np.c_[start, end][order], axis=0) != 0, axis=1)]
    edge = order[first]
    size = total - road + 1
    numbered = weighted_graph(metres[edge] + 1.0, start[edge], end[edge], size)
    tree = minimum_spanning_tree(numbered).tocoo()
    chosen = set(zip(tree.row.tolist(), tree.col.tolist(), strict=True))
    kept = np.array([pair in chosen for pair in zip(start[edge], end[edge], strict=True)])
    return u[edge[kept]], v[edge[kept]]
