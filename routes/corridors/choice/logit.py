"""Logit assignment over efficient arcs, in log space, linear in their number.

An arc is efficient when it brings the traveller nearer to the end. Between two nodes that are as
near as each other, because the arc costs nothing or less than single precision can tell, it is
so when it leaves fewer such arcs to follow. No cycle is efficient then, and every node that reaches
an end has a way on.

References
----------
Dial 1971, A probabilistic multipath traffic assignment model, Transportation Research 5 (efficient
arcs). Weights are kept as logarithms, so that long paths do not underflow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numba
import numpy as np

from geodata.arrays import Float64Array, Int32Array
from geodata.computing.compiled import kernel
from geodata.errors import InputError
from routes.search.arcs import Arcs


@dataclass(frozen=True, kw_only=True)
class FamilyLoading:
    """Flow on arcs and out of exits.

    Parameters
    ----------
    arc
        Flow on each arc; shape (m,).
    leaving
        Flow that ends at each node; shape (n,).
    """

    arc: Float64Array
    leaving: Float64Array


class EfficientArcs(NamedTuple):
    """Arcs, and what tells which of them are efficient.

    Parameters
    ----------
    start, head, cost
        Arcs of node i are ``start[i]:start[i + 1]``; where each leads, and what it costs.
    to_go
        Least cost from each node to an end.
    level
        From each node, the fewest arcs to one that leads nearer or ends; -1 where none does.
    """

    start: Int32Array
    head: Int32Array
    cost: Float64Array
    to_go: Float64Array
    level: Int32Array


def log_weights(
    arcs: Arcs, cost: Float64Array, to_go: Float64Array, ends: Float64Array, *, theta: float
) -> Float64Array:
    """Logarithm of the summed weight ``exp(-theta * cost)`` of all efficient paths to an end.

    Parameters
    ----------
    cost
        Cost of each arc, infinite for those that may not be used; shape (m,).
    to_go
        Least cost from each node to an end, as a tree to the ends gives it in single precision.
    ends
        Logarithm of the weight of ending at each node, minus infinity where none ends.
    theta
        Dispersion, per unit of cost.

    Raises
    ------
    InputError
        When theta is not above zero, or an array is not of one value an arc, or a node.
    """
    if not theta > 0:
        raise InputError("theta", theta, "It must be above zero.")
    order, ways = _order(arcs, cost, to_go, ends)
    weights: Float64Array = _gather(ways, order, ends, theta)
    return weights


def load(
    arcs: Arcs,
    cost: Float64Array,
    to_go: Float64Array,
    ends: Float64Array,
    weights: Float64Array,
    demand: Float64Array,
    *,
    theta: float,
) -> FamilyLoading:
    """Send demand along efficient paths in proportion to their weight.

    Parameters
    ----------
    weights
        What `log_weights` gave for the same arguments.
    demand
        Flow that starts at each node; shape (n,). Flow is conserved at every node.

    Raises
    ------
    InputError
        When an array is not of one value an arc, or a node.
    """
    _require_sizes(arcs.n, "node", weights=weights, demand=demand)
    order, ways = _order(arcs, cost, to_go, ends)
    arc, leaving = _spread(ways, order[::-1], ends, weights, demand, theta)
    return FamilyLoading(arc=arc, leaving=leaving)


def _order(
    arcs: Arcs, cost: Float64Array, to_go: Float64Array, ends: Float64Array
) -> tuple[Int32Array, EfficientArcs]:
    """Nodes from which an end is reached, those nearer first, and the arcs to follow."""
    _require_sizes(len(arcs.head), "arc", cost=cost)
    _require_sizes(arcs.n, "node", to_go=to_go, ends=ends)
    inside = np.flatnonzero(np.isfinite(to_go))
    nearest = inside[np.argsort(to_go[inside], kind="stable")]
    order, level = _levelled(arcs.start, arcs.tail, arcs.head, cost, to_go, ends, nearest)
    return order, EfficientArcs(arcs.start, arcs.head, cost, to_go, level)


def _require_sizes(size: int, of: str, **arrays: Float64Array) -> None:
    """Refuse arrays of another length: the kernels would read beyond their ends."""
    for name, values in arrays.items():
        if np.shape(values) != (size,):
            raise InputError(name, np.shape(values), f"Give one for each {of}: {size:,}.")


@kernel(nogil=True)
def _levelled(
    start: Any, tail: Any, head: Any, cost: Any, to_go: Any, ends: Any, nearest: Any
) -> Any:
    """Nodes that reach an end, and from each the fewest arcs to one that leads nearer or ends.

    Only nodes as near as each other lie between; those that reach no end have level -1.
    """
    order, level = np.empty(len(nearest), np.int32), np.full(len(to_go), -1, np.int32)
    first, back = _level_ways(tail, head, cost, to_go)
    many, i = 0, 0
    while i < len(nearest):
        here, done = to_go[nearest[i]], many
        while i < len(nearest) and to_go[nearest[i]] == here:
            node = nearest[i]
            i += 1
            leads = ends[node] > -np.inf
            for a in range(start[node], start[node + 1]):
                leads |= to_go[head[a]] < here and cost[a] < np.inf and level[head[a]] >= 0
            if leads:
                level[node], order[many] = 0, node
                many += 1
        while done < many:
            node = order[done]
            done += 1
            for k in range(first[node], first[node + 1]):
                if level[back[k]] < 0:
                    level[back[k]], order[many] = level[node] + 1, back[k]
                    many += 1
    return order[:many], level


@kernel(nogil=True)
def _level_ways(tail: Any, head: Any, cost: Any, to_go: Any) -> Any:
    """By head, the tails of the arcs that join nodes as near as each other."""
    first = np.zeros(len(to_go) + 1, np.int64)
    for a in range(len(head)):
        first[head[a] + 1] += _level_way(to_go[tail[a]], to_go[head[a]], cost[a])
    first = np.cumsum(first)
    back, at = np.empty(first[-1], np.int32), first[:-1].copy()
    if len(back):
        for a in range(len(head)):
            if _level_way(to_go[tail[a]], to_go[head[a]], cost[a]):
                back[at[head[a]]] = tail[a]
                at[head[a]] += 1
    return first, back


@numba.njit(nogil=True, forceinline=True)
def _level_way(here: Any, there: Any, cost: Any) -> Any:
    """Whether an arc joins two nodes as near as each other, and costs nothing that tells."""
    return here == there and here < np.inf and np.float32(there) + np.float32(cost) == here


@numba.njit(nogil=True, forceinline=True)
def _efficient(to_go: Any, level: Any, node: Any, head: Any, cost: Any) -> Any:
    """Whether an arc brings the traveller nearer."""
    here, there = to_go[node], to_go[head]
    return there < here or (level[head] < level[node] and _level_way(here, there, cost))


@kernel(nogil=True)
def _gather(ways: Any, order: Any, ends: Any, theta: float) -> Any:
    start, head, cost, to_go, level = ways
    weights = np.full(len(to_go), -np.inf)
    for node in order:
        top = ends[node]
        for a in range(start[node], start[node + 1]):
            if _efficient(to_go, level, node, head[a], cost[a]):
                top = max(top, weights[head[a]] - theta * cost[a])
        if top == -np.inf:
            continue
        total = np.exp(ends[node] - top)
        for a in range(start[node], start[node + 1]):
            if _efficient(to_go, level, node, head[a], cost[a]):
                total += np.exp(weights[head[a]] - theta * cost[a] - top)
        weights[node] = top + np.log(total)
    return weights


@kernel(nogil=True)
def _spread(ways: Any, order: Any, ends: Any, weights: Any, demand: Any, theta: float) -> Any:
    start, head, cost, to_go, level = ways
    here = demand.copy()
    flow = np.zeros(len(head))
    leaving = np.zeros(len(demand))
    for node in order:
        if here[node] <= 0 or weights[node] == -np.inf:
            continue
        # Shares are made to add up: those of the largest weights are not exact to the last digit.
        leaving[node] = total = np.exp(ends[node] - weights[node])
        for a in range(start[node], start[node + 1]):
            if _efficient(to_go, level, node, head[a], cost[a]):
                flow[a] = np.exp(weights[head[a]] - theta * cost[a] - weights[node])
                total += flow[a]
        leaving[node] *= here[node] / total
        for a in range(start[node], start[node + 1]):
            flow[a] *= here[node] / total
            here[head[a]] += flow[a]
    return flow, leaving
