"""Shortest-path trees over arcs in CSR form, by a bucket queue.

The queue is sequential delta-stepping (Meyer and Sanders 2003): labels wait in cyclic
buckets of width delta, a bucket is worked until it is empty, and a node may be labelled
again within its bucket. It is exact for any non-negative costs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from geodata.errors import InputError

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
MAX_BUCKETS = 1 << 16
SAMPLED = 1000
"""Arcs looked at to find the width of a bucket."""


@dataclass(frozen=True, kw_only=True)
class Arcs:
    """Directed arcs, sorted by tail.

    Parameters
    ----------
    start
        Arcs of node i are ``start[i]:start[i + 1]``; shape (n + 1,).
    tail, head
        Nodes of each arc; shape (m,).
    link
        Row of the link that the arc comes from; shape (m,).
    along
        True where the arc runs from the link's `u` to its `v`; shape (m,).
    """

    start: Ints
    tail: Ints
    head: Ints
    link: Ints
    along: npt.NDArray[np.bool_]

    @classmethod
    def from_links(
        cls, u: Ints, v: Ints, n: int, *, uv: npt.NDArray[np.bool_], vu: npt.NDArray[np.bool_]
    ) -> Arcs:
        """Arcs of the links that are passable each way.

        Parameters
        ----------
        n
            Number of nodes.
        uv, vu
            Whether a link is passable from u to v, and from v to u.
        """
        there, back = np.flatnonzero(uv), np.flatnonzero(vu)
        tail = np.concatenate([u[there], v[back]])
        order = np.argsort(tail, kind="stable")
        return cls(
            start=_starts(tail, n),
            tail=tail[order].astype(np.int32),
            head=np.concatenate([v[there], u[back]])[order].astype(np.int32),
            link=np.concatenate([there, back])[order].astype(np.int32),
            along=(np.arange(len(tail)) < len(there))[order],
        )

    @property
    def n(self) -> int:
        """Number of nodes."""
        return len(self.start) - 1

    @cached_property
    def backward(self) -> tuple[Ints, Ints]:
        """Start of each node's incoming arcs, and their numbers."""
        order = np.argsort(self.head, kind="stable").astype(np.int32)
        return _starts(self.head, self.n), order


@dataclass(frozen=True, kw_only=True)
class Tree:
    """Least costs from (or to) the nearest source.

    Parameters
    ----------
    cost
        Per node, infinite where unreached; shape (n,).
    arc
        Per node, the arc by which it is reached (forward) or left (reverse), -1 for none.
    """

    cost: Floats
    arc: Ints


def _starts(keys: npt.NDArray[Any], n: int) -> Ints:
    return np.concatenate([[0], np.cumsum(np.bincount(keys, minlength=n))]).astype(np.int32)


def tree(
    arcs: Arcs,
    cost: npt.ArrayLike,
    sources: npt.ArrayLike,
    *,
    entry: npt.ArrayLike | None = None,
    reverse: bool = False,
    limit: float = np.inf,
    to_go: Floats | None = None,
) -> Tree:
    """Tree of least cost from many sources at once.

    Parameters
    ----------
    cost
        Cost of each arc, not negative; infinite closes it. Shape (m,).
    sources
        Nodes to start from.
    entry
        Cost of starting at each source; zero when not given.
    reverse
        Follow arcs against their direction: costs *to* the sources.
    limit
        Nodes dearer than this are left unreached.
    to_go
        Least cost still to come per node; it is added before the limit is applied.

    Raises
    ------
    InputError
        When a cost or entry is negative or NaN, or a source is not a node.
    """
    weights = np.ascontiguousarray(cost, np.float64)
    if len(weights) and not weights.min() >= 0:
        raise InputError("cost", float(weights.min()), "Costs must be numbers, zero or more.")
    nodes = np.ascontiguousarray(sources, np.int32)
    labels = np.zeros(len(nodes)) if entry is None else np.ascontiguousarray(entry, np.float64)
    if len(labels) and not labels.min() >= 0:
        raise InputError("entry", float(labels.min()), "Entry costs must be zero or more.")
    if len(nodes) and not 0 <= nodes.min() <= nodes.max() < arcs.n:
        raise InputError("sources", int(nodes.max()), f"Nodes are numbered 0 to {arcs.n - 1}.")
    start, order = arcs.backward if reverse else (arcs.start, _NONE)
    ends = arcs.tail if reverse else arcs.head
    finite = weights[np.isfinite(weights)]
    delta, buckets = _widths(finite, labels)
    remaining = np.zeros(0) if to_go is None else to_go
    reached, arc = _grow(
        start, order, ends, weights, nodes, labels, delta, buckets, limit, remaining
    )
    return Tree(cost=reached, arc=arc)


_NONE = np.zeros(0, np.int32)


def _widths(finite: Floats, labels: Floats) -> tuple[float, int]:
    """Width of a bucket, about the median cost, and how many cover the longest leap."""
    if not len(finite):
        return 1.0, 2
    longest = max(float(finite.max()), float(labels.max() - labels.min()) if len(labels) else 0.0)
    typical = float(np.median(finite[:: len(finite) // SAMPLED + 1]))
    delta = max(typical, longest / (MAX_BUCKETS - 4), 1e-9)
    return delta, int(longest / delta) + 3


@numba.njit(cache=True, nogil=True)
def _grow(
    start: Any,
    order: Any,
    ends: Any,
    cost: Any,
    sources: Any,
    labels: Any,
    delta: float,
    buckets: int,
    limit: float,
    to_go: Any,
) -> Any:
    """Work the buckets in turn; see the module's docstring."""
    n = len(start) - 1
    best = np.full(n, np.inf)
    via = np.full(n, -1, np.int32)
    first = np.full(buckets, -1, np.int32)
    capacity = max(1024, n)
    item = np.empty(capacity, np.int32)
    following = np.empty(capacity, np.int32)
    used = 0
    free = -1
    waiting = 0
    base = np.inf
    for k in range(len(sources)):
        base = min(base, labels[k])
    guided = len(to_go) > 0
    indirect = len(order) > 0
    for k in range(len(sources)):
        s, d = sources[k], labels[k]
        total = d + to_go[s] if guided else d
        if total <= limit and d < best[s]:
            best[s] = d
            slot = int((d - base) / delta) % buckets
            if used == capacity:
                capacity, item, following = _widen(capacity, item, following)
            item[used], following[used] = s, first[slot]
            first[slot] = used
            used += 1
            waiting += 1
    level = 0
    while waiting > 0:
        slot = level % buckets
        while first[slot] >= 0:
            entry = first[slot]
            first[slot] = following[entry]
            node = item[entry]
            following[entry] = free
            free = entry
            waiting -= 1
            d = best[node]
            if int((d - base) / delta) != level:
                continue
            for k in range(start[node], start[node + 1]):
                a = order[k] if indirect else k
                nd = d + cost[a]
                h = ends[a]
                if nd < best[h]:
                    total = nd + to_go[h] if guided else nd
                    if total > limit:
                        continue
                    best[h] = nd
                    via[h] = a
                    place = int((nd - base) / delta) % buckets
                    if free >= 0:
                        entry = free
                        free = following[entry]
                    else:
                        if used == capacity:
                            capacity, item, following = _widen(capacity, item, following)
                        entry = used
                        used += 1
                    item[entry], following[entry] = h, first[place]
                    first[place] = entry
                    waiting += 1
        level += 1
    return best, via


@numba.njit(cache=True)
def _widen(capacity: int, item: Any, following: Any) -> Any:
    """Twice the room for waiting labels."""
    more_items = np.empty(2 * capacity, np.int32)
    more_items[:capacity] = item
    more_following = np.empty(2 * capacity, np.int32)
    more_following[:capacity] = following
    return 2 * capacity, more_items, more_following


def path_arcs(arcs: Arcs, found: Tree, node: int, *, reverse: bool = False) -> Ints:
    """Arcs of the tree between a node and its source, in the direction of travel."""
    path = []
    while (arc := int(found.arc[node])) >= 0:
        path.append(arc)
        node = int(arcs.head[arc] if reverse else arcs.tail[arc])
    return np.array(path if reverse else path[::-1], np.int32)
