"""Explains why there is no path: the part of the network that is cut off, and what closes it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.arrays import BoolArray, Float64Array, Int32Array, Int64Array
from geodata.network.network import Network
from routes.phrases import listed, number
from routes.search.arcs import Arcs
from routes.search.trees import grow_tree

LISTED = 3
"""Number of closed gateways that are named; the rest are counted."""


@dataclass(frozen=True, kw_only=True)
class _Part:
    """The nodes joined to one end, and the closed arcs between them and the rest."""

    end: str
    inside: BoolArray
    edge: Int64Array


def explain_no_path(
    network: Network,
    arcs: Arcs,
    cost: npt.ArrayLike,
    origins: npt.ArrayLike,
    destinations: npt.ArrayLike,
) -> str:
    """One sentence on why the destinations cannot be reached, and from which part.

    Of the nodes that the origins reach, and the nodes from which the destinations are reached, the
    sentence names the smaller part. Arcs between this part and the rest are closed because the
    profile does not allow their mode or, if other arcs of the mode are open, because an edit closes
    them.

    Parameters
    ----------
    cost
        Cost of each arc, infinite where it is closed; shape (m,).
    """
    weights = np.asarray(cost, np.float64)
    starts, ends = np.asarray(origins, np.int32), np.asarray(destinations, np.int32)
    out = np.isfinite(grow_tree(arcs, weights, starts).cost)
    if out[ends].any():
        return "The destination can be reached."
    reaching = np.isfinite(grow_tree(arcs, weights, ends, reverse=True).cost)
    leaving = np.flatnonzero(out[arcs.tail] & ~out[arcs.head])
    entering = np.flatnonzero(~reaching[arcs.tail] & reaching[arcs.head])
    if out.sum() < reaching.sum():
        part = _Part(end="origin", inside=out, edge=leaving)
        opening = "The origin cannot be left"
    else:
        part = _Part(end="destination", inside=reaching, edge=entering)
        opening = "The destination cannot be reached"
    around = _around(network, part.inside, starts if part.end == "origin" else ends)
    return f"{opening}: its part of the network ({around}) {_joined(network, arcs, weights, part)}."


def _around(network: Network, inside: BoolArray, ends: Int32Array) -> str:
    """Size of a part, and the named node in it that is nearest to its end."""
    count = int(inside.sum())
    size = number(count, "node")
    names = network.nodes["name"].astype(str).to_numpy(object)
    named = np.flatnonzero(names != "")
    within = named[inside[named]]
    word = "around" if len(within) else "near"
    known = within if len(within) else named
    if not len(known):
        return size
    x, y = network.nodes["x"].to_numpy()[known], network.nodes["y"].to_numpy()[known]
    east, north = network.area.project(x, y)
    at = network.nodes.iloc[int(ends[0])]
    here_east, here_north = network.area.project(at["x"], at["y"])
    nearest = known[np.hypot(east - here_east, north - here_north).argmin()]
    return f"{size} {word} {names[nearest]}"


def _joined(network: Network, arcs: Arcs, cost: Float64Array, part: _Part) -> str:
    """The arcs that would join a part to the rest, and why they are closed."""
    if not len(part.edge):
        way = "from it" if part.end == "origin" else "to it"
        return f"is an island: no link leads {way} by any mode"
    mode = network.links["mode"].astype(str).to_numpy(object)[arcs.link]
    usable = set(pd.unique(mode[np.isfinite(cost)]))
    crossed = sorted(set(mode[part.edge]))
    barred = [m for m in crossed if m not in usable]
    shut = part.edge[np.isin(mode[part.edge], list(usable))]
    reasons = []
    if barred:
        plural = "modes" if len(barred) > 1 else "mode"
        reasons.append(f"by {plural} {listed(barred)}, barred by profile or question")
    if len(shut):
        reasons.append(f"by {_closed(network, arcs, shut)}")
    return f"is joined to the rest only {' and '.join(reasons)}"


def _closed(network: Network, arcs: Arcs, shut: Int64Array) -> str:
    """Closed arcs of modes that are open elsewhere, named by gateway if they are gateways."""
    ids = network.links["gateway"].astype(str).to_numpy(object)[arcs.link[shut]]
    gateways = network.gateways
    known = gateways["name"][gateways["id"].isin(set(ids))].astype(str).tolist()
    if not known:
        return number(len(np.unique(arcs.link[shut])), "closed link")
    more = [f"{len(known) - LISTED} more"] if len(known) > LISTED else []
    word = "gateways" if len(known) > 1 else "gateway"
    return f"the closed {word} {listed([*known[:LISTED], *more])}"
