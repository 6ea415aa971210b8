"""Arcs of a network, and hours along them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.arrays import Float64Array, Int32Array, Int64Array
from geodata.network.network import Network
from geodata.network.snapping import Snapper
from routes.search.arcs import Arcs
from routes.search.trees import grow_tree

SNAP_M = 6000.0


def network_arcs(network: Network) -> Arcs:
    """Arcs of a network's links, passable ways only."""
    links = network.links
    return Arcs.from_links(
        links["u"].to_numpy(),
        links["v"].to_numpy(),
        len(network.nodes),
        uv=np.isfinite(links["seconds_uv"].to_numpy()),
        vu=np.isfinite(links["seconds_vu"].to_numpy()),
    )


def arc_hours(
    network: Network, arcs: Arcs, chosen: Int32Array | Int64Array | slice = slice(None)
) -> Float64Array:
    """Travel time in hours of each arc, or of those chosen."""
    link, values = arcs.link[chosen], network.link_columns.values
    seconds = np.where(arcs.along[chosen], values["seconds_uv"][link], values["seconds_vu"][link])
    return np.asarray(seconds.astype(float) / 3600)


def snap_points(network: Network, points: pd.DataFrame, *, at_home: bool = False) -> Int64Array:
    """Node nearest to each point, within the wider of `SNAP_M` and a cell; -1 for none.

    Parameters
    ----------
    points
        Columns x, y; and country, if `at_home`.
    at_home
        Whether only nodes on land in the country of the point are used: with every border closed, a
        node across the border or at sea leads to no node of that country.
    """
    nodes, limit_m = network.nodes, max(SNAP_M, network.area.cell_m)
    if not at_home:
        return network.snapper.nearest(points["x"], points["y"], limit_m=limit_m).node
    here, there = (table["country"].to_numpy(object) for table in (points, nodes))
    result = np.full(len(points), -1, np.int64)
    for code in pd.unique(here):
        own = here == code
        among = there == code if code else there != ""
        snapper = Snapper(network.area, nodes["x"], nodes["y"], among=among)
        near = snapper.nearest(points["x"][own], points["y"][own], limit_m=limit_m)
        result[own] = near.node
    return result


def hours_to(
    network: Network,
    arcs: Arcs,
    hours: Float64Array,
    ends: Int64Array,
    *,
    entry: npt.ArrayLike | None = None,
) -> Float64Array:
    """Hours from every node to the nearest of some nodes, infinite where none is reached.

    Parameters
    ----------
    ends
        Nodes; -1 stands for none. Without any node all hours are NaN.
    entry
        Hours to add at each of these nodes.
    """
    near = ends >= 0
    if not near.any():
        return np.full(len(network.nodes), np.nan)
    late = np.zeros(len(ends)) if entry is None else np.asarray(entry, float)
    return grow_tree(arcs, hours, ends[near], entry=late[near], reverse=True).cost.astype(float)


def domestic_hours(
    network: Network, arcs: Arcs, ends: Int64Array, *, entry: npt.ArrayLike | None = None
) -> Float64Array:
    """Hours as `hours_to` gives them, with every border closed and every shore abroad.

    A town or post abroad serves nobody in this country. Each country has a tree of its own, because
    water belongs to no country: in a common tree, a boat could land in the other country as well.
    Neighbours have no tree, because only the countries of the study are scored.
    """
    near = ends >= 0
    if not near.any():
        return np.full(len(network.nodes), np.nan)
    late = np.zeros(len(ends)) if entry is None else np.asarray(entry, float)
    country = network.nodes["country"].to_numpy(object)
    hours, least = arc_hours(network, arcs), np.full(len(country), np.inf)
    for code in np.intersect1d(country[ends[near]], network.area.countries):
        abroad = (country != code) & (country != "")
        closed = abroad[arcs.tail] | abroad[arcs.head]
        own = near & (country[ends] == code)
        at_home = np.where(closed, np.inf, hours)
        least = np.minimum(least, hours_to(network, arcs, at_home, ends[own], entry=late[own]))
    return least


def at_nodes(network: Network, surface: npt.NDArray[np.floating]) -> Float64Array:
    """Value of a surface at every node's cell."""
    row, column = network.area.cell_of(network.nodes["x"], network.nodes["y"])
    return np.asarray(surface[row, column], float)
