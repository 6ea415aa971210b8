"""Logit assignment over efficient arcs, in log space, linear in their number.

References
----------
Dial 1971, A probabilistic multipath traffic assignment model, Transportation Research 5:
an arc is efficient when it brings the traveller nearer to the end. Weights are kept as
logarithms, so that long paths do not underflow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from geodata.errors import InputError
from routes.search import Arcs

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Loading:
    """Flow on arcs and out of exits.

    Parameters
    ----------
    arc
        Flow on each arc; shape (m,).
    leaving
        Flow that ends at each node; shape (n,).
    """

    arc: Floats
    leaving: Floats


def log_weights(arcs: Arcs, cost: Floats, to_go: Floats, ends: Floats, *, theta: float) -> Floats:
    """Logarithm of the summed weight ``exp(-theta * cost)`` of all efficient paths to an end.

    Parameters
    ----------
    cost
        Cost of each arc, infinite for those that may not be used; shape (m,).
    to_go
        Least cost from each node to an end; an arc is efficient when it lowers this.
    ends
        Logarithm of the weight of ending at each node, minus infinity where none ends.
    theta
        Dispersion, per unit of cost.

    Raises
    ------
    InputError
        When theta is not above zero.
    """
    if not theta > 0:
        raise InputError("theta", theta, "It must be above zero.")
    order = _by_cost(to_go)
    weights: Floats = _gather(arcs.start, arcs.head, cost, to_go, order, ends, theta)
    return weights


def load(
    arcs: Arcs,
    cost: Floats,
    to_go: Floats,
    ends: Floats,
    weights: Floats,
    demand: Floats,
    *,
    theta: float,
) -> Loading:
    """Send demand along efficient paths in proportion to their weight.

    Parameters
    ----------
    weights
        What `log_weights` gave for the same arguments.
    demand
        Flow that starts at each node; shape (n,). Flow is conserved at every node.
    """
    order = _by_cost(to_go)[::-1]
    arc, leaving = _spread(arcs.start, arcs.head, cost, to_go, order, ends, weights, demand, theta)
    return Loading(arc=arc, leaving=leaving)


def _by_cost(to_go: Floats) -> npt.NDArray[np.intp]:
    """Nodes from which an end is reached, nearest first."""
    inside = np.flatnonzero(np.isfinite(to_go))
    return np.asarray(inside[np.argsort(to_go[inside], kind="stable")])


@numba.njit(cache=True, nogil=True)
def _gather(
    start: Any, head: Any, cost: Any, to_go: Any, order: Any, ends: Any, theta: float
) -> Any:
    weights = np.full(len(to_go), -np.inf)
    for node in order:
        top = ends[node]
        for a in range(start[node], start[node + 1]):
            if to_go[head[a]] < to_go[node]:
                top = max(top, weights[head[a]] - theta * cost[a])
        if top == -np.inf:
            continue
        total = np.exp(ends[node] - top)
        for a in range(start[node], start[node + 1]):
            if to_go[head[a]] < to_go[node]:
                total += np.exp(weights[head[a]] - theta * cost[a] - top)
        weights[node] = top + np.log(total)
    return weights


@numba.njit(cache=True, nogil=True)
def _spread(
    start: Any,
    head: Any,
    cost: Any,
    to_go: Any,
    order: Any,
    ends: Any,
    weights: Any,
    demand: Any,
    theta: float,
) -> Any:
    here = demand.copy()
    flow = np.zeros(len(head))
    leaving = np.zeros(len(demand))
    for node in order:
        if here[node] <= 0 or weights[node] == -np.inf:
            continue
        leaving[node] = here[node] * np.exp(ends[node] - weights[node])
        for a in range(start[node], start[node + 1]):
            if to_go[head[a]] < to_go[node]:
                share = np.exp(weights[head[a]] - theta * cost[a] - weights[node])
                flow[a] = here[node] * share
                here[head[a]] += flow[a]
    return flow, leaving
