"""The band: arcs that lie on a path within the slack, less spurs.

Slack of an arc is ``d_o(tail) + cost + d_d(head) - best``, with `d_o` the least cost from the
origins and `d_d` the least cost to the destinations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geodata.errors import InputError, NoPathError
from routes.search import Arcs, Tree, tree

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
MAX_SLACK = 1.0


@dataclass(frozen=True, kw_only=True)
class Band:
    """A network of its own, made of the arcs within the slack.

    Parameters
    ----------
    arcs
        The arcs, with nodes numbered anew.
    origin_nodes, destination_nodes
        In the new numbering.
    node, arc
        Number of each node and arc in the whole network.
    cost, slack
        Per arc.
    to_go
        Least cost to a destination, per node; at a destination, the cost of ending there.
    best
        Least cost between origins and destinations.
    limit
        ``(1 + slack) * best``.
    """

    arcs: Arcs
    origin_nodes: Ints
    destination_nodes: Ints
    node: Ints
    arc: Ints
    cost: Floats
    slack: Floats
    to_go: Floats
    best: float
    limit: float


def check_slack(slack: float) -> float:
    """The relative slack, refused unless it is between 0 and `MAX_SLACK`."""
    if not 0 <= slack <= MAX_SLACK:
        remedy = f"Give a share of the best cost between 0 and {MAX_SLACK:g}, such as 0.1."
        raise InputError("slack", slack, remedy)
    return slack


def to_destinations(arcs: Arcs, cost: Floats, destinations: Ints, entry: Floats) -> Tree:
    """Least cost from every node to a destination, the cost of ending there included."""
    return tree(arcs, cost, destinations, entry=entry, reverse=True)


def find_band(
    arcs: Arcs,
    cost: Floats,
    origins: Ints,
    destinations: Ints,
    *,
    slack: float,
    home: Tree,
) -> Band:
    """Arcs within a relative slack of the best path between origins and destinations.

    Parameters
    ----------
    home
        Tree to the destinations, from `to_destinations`.

    Raises
    ------
    InputError
        When the slack is out of range, or an origin is a destination.
    NoPathError
        When no destination can be reached.
    """
    check_slack(slack)
    if len(np.intersect1d(origins, destinations)):
        remedy = "The origin is a destination; choose two places apart."
        raise InputError("from", int(np.intersect1d(origins, destinations)[0]), remedy)
    best = float(home.cost[origins].min())
    if not np.isfinite(best):
        remedy = "No path leads to a destination with the modes that the profile allows."
        raise NoPathError("from", origins[:3].tolist(), remedy)
    limit = best * (1 + slack) + 1e-9
    out = tree(arcs, cost, origins, limit=limit, to_go=home.cost)
    total = out.cost[arcs.tail] + cost + home.cost[arcs.head]
    kept = np.flatnonzero(total <= limit)
    onward = home.arc[arcs.head[kept]]
    turns_back = (onward >= 0) & (arcs.head[onward] == arcs.tail[kept])
    kept = kept[~turns_back]
    return _renumbered(arcs, kept, cost, total - best, home.cost, origins, destinations,
                       best=best, limit=limit)  # fmt: skip


def _renumbered(
    arcs: Arcs,
    kept: npt.NDArray[np.int64],
    cost: Floats,
    slack: Floats,
    to_go: Floats,
    origins: Ints,
    destinations: Ints,
    *,
    best: float,
    limit: float,
) -> Band:
    nodes = np.unique(np.concatenate([arcs.tail[kept], arcs.head[kept]]))
    number = np.full(arcs.n, -1, np.int32)
    number[nodes] = np.arange(len(nodes))
    tail = number[arcs.tail[kept]]
    start = np.searchsorted(tail, np.arange(len(nodes) + 1)).astype(np.int32)
    sub = Arcs(start=start, tail=tail, head=number[arcs.head[kept]], link=arcs.link[kept],
               along=arcs.along[kept])  # fmt: skip
    first, last = number[origins], number[destinations]
    return Band(
        arcs=sub,
        origin_nodes=first[first >= 0],
        destination_nodes=last[last >= 0],
        node=nodes.astype(np.int32),
        arc=kept.astype(np.int32),
        cost=cost[kept],
        slack=np.maximum(slack[kept], 0.0),
        to_go=to_go[nodes],
        best=best,
        limit=limit,
    )
