"""Junctions: roads of one country are joined where their lines cross."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from geodata.area.geodesy import geodesic
from geodata.area.study_area import StudyArea
from geodata.arrays import BoolArray, Float64Array, Int64Array, ObjectArray

SAME_POINT_M = 1.0
"""Nodes and crossings of roads this near to each other are one."""
ROUNDS = 4
"""Largest number of rounds: a cut link bends by up to `SAME_POINT_M` and may then cross others."""
SHARED = ("length_m", "straight_m", "seconds_uv", "seconds_vu")


def with_junctions(
    nodes: pd.DataFrame, links: gpd.GeoDataFrame, area: StudyArea
) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """Join roads of one country where they cross or run together.

    At the scale at which these roads are drawn, nearly all roads that cross meet, and no
    source says of any that it passes over another.

    Parameters
    ----------
    nodes
        x, y, kind, country, name.
    links
        Straight pieces of road, as `geodata.builder.roads.network.LINK_COLUMNS` has them. Links
        without a country are not changed.

    Returns
    -------
    nodes, links
        Links are cut where they cross; the pieces share the length and time of the link. Of two
        links that run along each other the faster one is kept. Nodes that no link needs are
        dropped.
    """
    for _ in range(ROUNDS):
        nodes, links = _merged(nodes, links, area)
        a, b, points = crossings_of(links)
        if not len(a):
            break
        nodes, links = _cut(nodes, links, a, b, points, area=area)
    return _merged(nodes, links, area)


def crossings_of(links: gpd.GeoDataFrame) -> tuple[Int64Array, Int64Array, Float64Array]:
    """Pairs of links of one country that meet elsewhere than at a shared node.

    Returns
    -------
    a, b
        Rows of links.
    points
        Points where they meet, (n, 2) in degrees; two rows for a pair that runs along each other.
    """
    lines = np.asarray(links.geometry)
    a, b = shapely.STRtree(lines).query(lines, predicate="intersects")
    code = links["country"].to_numpy(object)
    kept = (a < b) & (code[a] == code[b]) & (code[a] != "")
    a, b = a[kept], b[kept]
    meet = shapely.intersection(lines[a], lines[b])
    ends = links[["u", "v"]].to_numpy()
    joined = (ends[a][:, :, None] == ends[b][:, None, :]).any(axis=(1, 2))
    away = ~joined | (shapely.length(meet) > 1e-7)
    a, b, meet = a[away], b[away], meet[away]
    points, pair = shapely.get_coordinates(meet, return_index=True)
    return a[pair], b[pair], points


def _merged(
    nodes: pd.DataFrame, links: gpd.GeoDataFrame, area: StudyArea
) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """Merge nodes of one country at one place; keep the faster of two equal links."""
    first = _clusters(nodes[["x", "y"]].to_numpy(float), nodes["country"].to_numpy(object), area)
    kept = np.flatnonzero(first == np.arange(len(nodes)))
    number = np.cumsum(first == np.arange(len(nodes))) - 1
    u, v = (number[first[links[end].to_numpy()]] for end in ("u", "v"))
    links, nodes = links.assign(u=u, v=v), nodes.iloc[kept].reset_index(drop=True)
    links = _drawn(links, nodes)
    low, high = np.minimum(u, v), np.maximum(u, v)
    order = np.lexsort((np.arange(len(links)), links["seconds_uv"].to_numpy(), high, low))
    again = np.r_[False, (np.diff(low[order]) == 0) & (np.diff(high[order]) == 0)]
    single: BoolArray = np.ones(len(links), bool)
    single[order] = ~again
    return nodes, links[single & (u != v)].reset_index(drop=True)


def _clusters(points: Float64Array, code: ObjectArray, area: StudyArea) -> Int64Array:
    """The first row of those within `SAME_POINT_M` of each point and in its country."""
    metres = np.column_stack(area.project(points[:, 0], points[:, 1]))
    pairs = cKDTree(metres).query_pairs(SAME_POINT_M, output_type="ndarray")
    a, b = pairs[code[pairs[:, 0]] == code[pairs[:, 1]]].T
    graph = coo_array((np.ones(len(a)), (a, b)), shape=(len(points), len(points)))
    _, label = connected_components(graph, directed=False)
    _, first = np.unique(label, return_index=True)
    return np.asarray(first[label], np.int64)


def _cut(
    nodes: pd.DataFrame,
    links: gpd.GeoDataFrame,
    a: Int64Array,
    b: Int64Array,
    points: Float64Array,
    *,
    area: StudyArea,
) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """Cut links at points, at an existing node or a new one."""
    code = links["country"].to_numpy(object)[a]
    both = np.vstack([nodes[["x", "y"]].to_numpy(float), points])
    first = _clusters(both, np.concatenate([nodes["country"].to_numpy(object), code]), area)
    new, number = np.unique(first[first >= len(nodes)], return_inverse=True)
    first[first >= len(nodes)] = len(nodes) + number
    added: dict[str, Any] = {
        "x": both[new, 0], "y": both[new, 1], "kind": "junction",
        "country": code[new - len(nodes)], "name": "",
    }  # fmt: skip
    nodes = pd.concat([nodes, pd.DataFrame(added)], ignore_index=True)
    at = first[len(both) - len(points) :]
    cuts = np.unique(np.c_[np.r_[a, b], np.r_[at, at]], axis=0)
    return nodes, _divided(links, nodes, cuts)


def _divided(links: gpd.GeoDataFrame, nodes: pd.DataFrame, cuts: Int64Array) -> gpd.GeoDataFrame:
    """Divide links at the nodes on them, from pairs of (link, node)."""
    u, v = links["u"].to_numpy(), links["v"].to_numpy()
    link, node = cuts[(cuts[:, 1] != u[cuts[:, 0]]) & (cuts[:, 1] != v[cuts[:, 0]])].T
    xy = nodes[["x", "y"]].to_numpy(float)
    along = ((xy[node] - xy[u[link]]) * (xy[v[link]] - xy[u[link]])).sum(axis=1)
    rows = np.r_[np.arange(len(links)), link, np.arange(len(links))]
    rank = np.r_[np.zeros(len(links)), np.ones(len(link)), np.full(len(links), 2)]
    order = np.lexsort((np.r_[np.zeros(len(links)), along, np.zeros(len(links))], rank, rows))
    row, chain = rows[order], np.r_[u, node, v][order]
    inside = row[1:] == row[:-1]
    row, start, end = row[1:][inside], chain[:-1][inside], chain[1:][inside]
    metres = geodesic(*xy[start].T, *xy[end].T)
    share = metres / np.bincount(row, metres, minlength=len(links))[row]
    made = links.iloc[row].reset_index(drop=True).assign(u=start, v=end)
    made = made.assign(**{name: made[name].to_numpy() * share for name in SHARED})
    return _drawn(gpd.GeoDataFrame(made), nodes)


def _drawn(links: gpd.GeoDataFrame, nodes: pd.DataFrame) -> gpd.GeoDataFrame:
    """Links as straight lines between their nodes."""
    xy = nodes[["x", "y"]].to_numpy(float)
    ends = np.stack([xy[links["u"].to_numpy()], xy[links["v"].to_numpy()]], axis=1)
    return links.set_geometry(gpd.GeoSeries(shapely.linestrings(ends), crs=links.crs))
