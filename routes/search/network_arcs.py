"""Arcs of a network, and hours along them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

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


def domestic_hours(network: Network, arcs: Arcs) -> Float64Array:
    """Travel times with every border closed: a town or post abroad serves nobody at home."""
    at_home = (network.links["crossing"] == "").to_numpy()
    return np.where(at_home[arcs.link], arc_hours(network, arcs), np.inf)


def hours_to(
    network: Network,
    arcs: Arcs,
    hours: Float64Array,
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    entry: npt.ArrayLike | None = None,
) -> Float64Array:
    """Hours from every node to the nearest of some points; infinite where none is reached."""
    snap = Snapper(network.area, network.nodes["x"], network.nodes["y"]).nearest(
        x, y, limit_m=SNAP_M
    )
    near = snap.node >= 0
    late = np.zeros(len(snap.node)) if entry is None else np.asarray(entry, float)
    return grow_tree(arcs, hours, snap.node[near], entry=late[near], reverse=True).cost.astype(
        float
    )


def at_nodes(network: Network, surface: npt.NDArray[np.floating]) -> Float64Array:
    """Value of a surface at every node's cell."""
    row, column = network.area.cell_of(network.nodes["x"], network.nodes["y"])
    return np.asarray(surface[row, column], float)
