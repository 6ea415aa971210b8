"""Connectivity of a network: largest component, access to waters, and roads at crossings."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from geodata.arrays import Int64Array
from geodata.network.network import Network
from geodata.network.snapping import Snapper
from routes.search.arcs import Arcs
from routes.search.network_arcs import arc_hours, network_arcs
from routes.search.trees import grow_tree

WATER_SNAP_M = 5000.0
_LEAST_BESIDE_M = 1000.0
"""Metres, a cell where that is more, within which a place lies beside a road."""


def strong_share(network: Network) -> pd.Series:
    """Share of land and of sea nodes in the largest strongly connected component."""
    arcs = network_arcs(network)
    ones = np.ones(len(arcs.head))
    graph = csr_array((ones, arcs.head, arcs.start), shape=(arcs.n, arcs.n), copy=True)
    # scipy before 1.15 never returns when two arcs join the same nodes.
    graph.sum_duplicates()
    _, part = connected_components(graph, connection="strong")
    inside = part == np.bincount(part).argmax()
    at_sea = (network.nodes["kind"] == "sea").to_numpy()
    parts = {"land": inside[~at_sea], "sea": inside[at_sea]}
    return pd.Series({kind: part.mean() for kind, part in parts.items() if len(part)})


def reached_by_water(
    network: Network, waters: Mapping[str, tuple[float, float]], *, origin: tuple[float, float]
) -> pd.DataFrame:
    """Hours by boat from the open sea to some waters, infinite for waters that are cut off.

    Parameters
    ----------
    waters
        Longitude and latitude by name.
    origin
        Longitude and latitude of a place in the open sea.

    Returns
    -------
    frame: water, hours.
    """
    arcs, links = network_arcs(network), network.links
    boat = links["mode"].isin(["sea", "river"]) | links["class"].isin(["mouth", "access"])
    land = network.nodes["kind"].isin(["mesh", "junction", "place", "crossing"]).to_numpy()
    ashore = land[links["u"]] | land[links["v"]]
    afloat = (boat & ~ashore).to_numpy()
    hours = np.where(afloat[arcs.link], arc_hours(network, arcs), np.inf)
    water = network.nodes["kind"].isin(["sea", "landing"]).to_numpy()
    snapper = Snapper(network.area, network.nodes["x"], network.nodes["y"], among=water)
    start = snapper.nearest(origin[:1], origin[1:]).node
    reached = grow_tree(arcs, hours, start).cost
    x, y = zip(*waters.values(), strict=True)
    snap = snapper.nearest(x, y, limit_m=WATER_SNAP_M)
    hours_to = np.where(snap.node >= 0, reached[snap.node], np.inf)
    return pd.DataFrame({"water": list(waters), "hours": hours_to})


def crossing_paths(network: Network) -> pd.DataFrame:
    """Km by road from each side of each formal crossing to the nearest place of its country.

    The two sides are joined by the crossing's own link, so finite distances on both mean
    that the crossing lies on a road between the two places.

    Returns
    -------
    frame: name, country_a, place_a, km_a, country_b, place_b, km_b; no place and infinite where
    cut off.
    """
    links, nodes = network.links, network.nodes
    roads = ((links["mode"] == "road") & (links["crossing"] == "")).to_numpy()
    u, v = links["u"].to_numpy(), links["v"].to_numpy()
    # Both ways, since a street that is one-way comes from its place or leads there.
    arcs = Arcs.from_links(u, v, len(nodes), uv=roads, vu=roads)
    km = links["length_m"].to_numpy(float)[arcs.link] / 1000
    country = nodes["country"].to_numpy(object)
    formal = links[links["crossing"] == "formal"].sort_values("ref")
    at = np.unique(formal[["u", "v"]].to_numpy(np.int64))
    towns = {code: _towns(network, arcs, at[country[at] == code]) for code in set(country[at])}
    rows = []
    for name, *sides in zip(formal["name"], formal["u"], formal["v"], strict=True):
        row: dict[str, object] = {"name": name}
        for end, side in zip("ab", sides, strict=True):
            own = towns[country[side]]
            away = own["km"].to_numpy() + grow_tree(arcs, km, [side]).cost[own["road"]]
            nearest = int(away.argmin()) if np.isfinite(away).any() else None
            row |= {
                f"country_{end}": str(country[side]),
                f"place_{end}": "" if nearest is None else str(own["name"].iloc[nearest]),
                f"km_{end}": np.inf if nearest is None else float(away[nearest]),
            }
        rows.append(row)
    return pd.DataFrame(rows)


def _towns(network: Network, roads: Arcs, sides: Int64Array) -> pd.DataFrame:
    """Places of a country: name, the nearest node of its roads, and how far that is in km.

    Places of mapped roads lie beside them, often nearer to a footpath or to a yard that no road
    joins to others: the nodes are those of roads that reach a side of a crossing.
    """
    nodes = network.nodes
    country = nodes["country"].to_numpy(object)
    own = country == country[sides[0]]
    places = nodes[(nodes["kind"] == "place") & own]
    graph = csr_array((np.ones(len(roads.head)), (roads.tail, roads.head)), shape=(roads.n,) * 2)
    _, part = connected_components(graph, directed=False)
    # Each link is two arcs, so that every node that a road touches is a tail.
    touched = np.isin(np.arange(roads.n), roads.tail)
    joined = own & touched & np.isin(part, part[sides])
    limit = max(float(network.area.cell_m), _LEAST_BESIDE_M)
    snap = Snapper(network.area, nodes["x"], nodes["y"], among=joined).nearest(
        places["x"], places["y"], limit_m=limit
    )
    towns = pd.DataFrame({"name": places["name"], "road": snap.node, "km": snap.metres / 1000})
    return towns[towns["road"] >= 0]
