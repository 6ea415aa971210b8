"""Distances by road between places, to compare the network with published ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geodata.arrays import Int64Array
from geodata.builder.roads.graphs import weighted_graph


def road_distance(nodes: pd.DataFrame, links: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """Road distance and time of the model beside the published ones.

    The distance is that of the fastest way. A name means any node of that name, the pair
    of nodes nearest each other if there are several; ``NAME (XX)`` only one in that
    country, and ``NAME border`` only a crossing.

    Parameters
    ----------
    nodes
        Columns name, country and kind.
    links
        Roads between them, ``u`` and ``v`` being rows of the nodes: seconds_uv, length_m.
    pairs
        The table ``distances``: town_a, town_b, km, hours.

    Returns
    -------
    frame
        town_a, town_b, km, model_km, error (model over published less 1), hours,
        model_hours; NaN where a town is not on the network or no road joins the two.
    """
    ends = (links["u"].to_numpy(), links["v"].to_numpy())
    graph = weighted_graph(links["seconds_uv"].to_numpy(), *ends, len(nodes))
    metres = {
        frozenset(pair): along
        for *pair, along in zip(*ends, links["length_m"].to_numpy(), strict=True)
    }
    table = pairs[["town_a", "town_b", "km", "hours"]].copy()
    for column in ("km", "hours"):
        table[column] = pd.to_numeric(table[column], errors="coerce")
    ways = [
        find_fastest(graph, metres, nodes_named(nodes, a), nodes_named(nodes, b))
        for a, b in zip(table["town_a"], table["town_b"], strict=True)
    ]
    table[["model_km", "model_hours"]] = np.array(ways, float).reshape(-1, 2)
    table["error"] = table["model_km"] / table["km"] - 1.0
    return table[["town_a", "town_b", "km", "model_km", "error", "hours", "model_hours"]]


def nodes_named(nodes: pd.DataFrame, name: str) -> Int64Array:
    """Rows of the nodes that match a name in the table of distances."""
    country = name[-3:-1] if name.endswith(")") else ""
    bare = name.removesuffix(f" ({country})").removesuffix(" border")
    meant = (nodes["name"] == bare) & ((nodes["country"] == country) | (country == ""))
    if name.removesuffix(f" ({country})").endswith(" border"):
        meant &= nodes["kind"] == "crossing"
    return np.flatnonzero(meant.to_numpy(bool))


def find_fastest(
    graph: csr_array, metres: dict[frozenset[int], float], starts: Int64Array, ends: Int64Array
) -> tuple[float, float]:
    """Kilometres and hours of the fastest way between two sets of nodes.

    Parameters
    ----------
    graph
        Seconds between nodes, shape (nodes, nodes); each pair passes both ways.
    metres
        Length by pair of neighbouring nodes.
    starts, ends
        Rows of the nodes.

    Returns
    -------
    (float, float)
        Both NaN when there is no way.
    """
    if not len(starts) or not len(ends):
        return np.nan, np.nan
    seconds, previous = dijkstra(graph, directed=False, indices=starts, return_predecessors=True)
    row, column = np.unravel_index(np.argmin(seconds[:, ends]), (len(starts), len(ends)))
    at, total = int(ends[column]), 0.0
    if not np.isfinite(seconds[row, at]):
        return np.nan, np.nan
    while at != starts[row]:
        before = int(previous[row, at])
        total += metres[frozenset((before, at))]
        at = before
    return total / 1000.0, float(seconds[:, ends].min()) / 3600.0
