"""Layout of nodes and arcs in memory, so that a growing tree reads arcs near each other.

Nodes are laid out in clusters: each is grown breadth-first from the border of those before
it, so that a cluster's labels share a few cache lines and neighbouring clusters lie close.
An arc is packed as its far end followed by its cost, eight bytes that are read together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from geodata.arrays import Float32Array, Int32Array, UInt32Array
from geodata.computing.compiled import kernel
from geodata.computing.tasks import computed_once

CLUSTER = 512
"""Nodes in a cluster: their labels and arcs fill a first-level cache."""
LEAST_ORDERED = 1 << 18
"""Networks with fewer nodes keep the caller's order, because their labels fit the cache anyway."""


class PackedArcs(NamedTuple):
    """Arcs of one direction, as a tree follows them, each cost beside its far end.

    Parameters
    ----------
    start
        Arcs of place i are ``start[i]:start[i + 1]``.
    end, cost
        Two views, of integers and of floats, of the same memory: the far end of arc k is
        ``end[2k]`` and its cost ``cost[2k + 1]``. Two more arcs follow the last one, because memory
        is prefetched.
    """

    start: UInt32Array
    end: UInt32Array
    cost: Float32Array


@dataclass(frozen=True, kw_only=True)
class Side:
    """Arcs of one direction, as a tree follows them.

    Parameters
    ----------
    start
        Arcs of place i are ``start[i]:start[i + 1]``; shape (n + 1,).
    end
        Place of the far end of each arc; shape (m,).
    arc
        Number of each arc in the caller's order, None where it is the same; shape (m,).
    """

    start: UInt32Array
    end: UInt32Array
    arc: UInt32Array | None

    def pack(self, cost: Float32Array) -> PackedArcs:
        """The arcs with their costs."""
        packed: UInt32Array = _packed(self.end, cost, self.arc)
        return PackedArcs(self.start, packed, packed.view(np.float32))

    def at_positions(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Values by arc brought into the order of positions."""
        return values if self.arc is None else values[self.arc]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Places of nodes and arcs.

    Parameters
    ----------
    start, tail, head
        Arcs sorted by tail, as the caller numbers them.
    node
        Node at each place, None where every node stays at its own number; shape (n,).
    """

    start: Int32Array
    tail: Int32Array
    head: Int32Array
    node: Int32Array | None

    @property
    def n(self) -> int:
        """Number of nodes."""
        return len(self.start) - 1

    @computed_once
    def place(self) -> Int32Array | None:
        """Place of each node, the inverse of `node`."""
        if self.node is None:
            return None
        place = np.empty(self.n, np.int32)
        place[self.node] = np.arange(self.n, dtype=np.int32)
        return place

    @computed_once
    def forward(self) -> Side:
        """Arcs by tail."""
        if self.node is None:
            return Side(start=self.start.view(np.uint32), end=self.head.view(np.uint32), arc=None)
        return self._side(self.tail, self.head)

    @computed_once
    def backward(self) -> Side:
        """Arcs by head, followed against their direction."""
        return self._side(self.head, self.tail)

    def _side(self, near: Int32Array, far: Int32Array) -> Side:
        place = np.arange(self.n, dtype=np.int32) if self.place is None else self.place
        start, end, arc = _sorted_arcs(near, far, place, self.n)
        return Side(start=start, end=end, arc=arc)

    def places(self, nodes: Int32Array) -> UInt32Array:
        """Place of some nodes."""
        places = nodes if self.place is None else self.place[nodes]
        return np.ascontiguousarray(places).view(np.uint32)

    def nodes(self, places: UInt32Array | Int32Array) -> Int32Array:
        """Nodes at some places, the inverse of `places`."""
        return places.view(np.int32) if self.node is None else self.node[places]

    def at_places(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Values by node brought into the order of places."""
        return values if self.node is None else values[self.node]

    def at_nodes(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Values by place brought into the order of nodes."""
        return values if self.place is None else values[self.place]


def lay_out(
    start: Int32Array, tail: Int32Array, head: Int32Array, *, reorder: bool | None = None
) -> Layout:
    """Layout of arcs sorted by tail.

    Parameters
    ----------
    reorder
        Whether nodes are moved; by default, when there are at least `LEAST_ORDERED` nodes.
    """
    if reorder is None:
        reorder = len(start) > LEAST_ORDERED
    node = _clustered(start, head, CLUSTER) if reorder else None
    return Layout(start=start, tail=tail, head=head, node=node)


@kernel(nogil=True)
def _packed(end: Any, cost: Any, arc: Any) -> Any:
    """Far end and cost of each arc, interleaved, with two spare arcs at the end."""
    packed = np.zeros(2 * len(end) + 4, np.uint32)
    value = packed.view(np.float32)
    for k in range(len(end)):
        packed[2 * k] = end[k]
        value[2 * k + 1] = cost[k if arc is None else arc[k]]
    return packed


@kernel(nogil=True)
def _sorted_arcs(near: Any, far: Any, place: Any, n: int) -> Any:
    """Counting sort of arcs by the place of their near end; stable."""
    start = np.zeros(n + 1, np.uint32)
    for a in range(len(near)):
        start[place[near[a]] + 1] += np.uint32(1)
    for i in range(n):
        start[i + 1] += start[i]
    end = np.empty(len(near), np.uint32)
    arc = np.empty(len(near), np.uint32)
    following = start[:-1].copy()
    for a in range(len(near)):
        i = place[near[a]]
        k = following[i]
        following[i] = k + np.uint32(1)
        end[k] = place[far[a]]
        arc[k] = a
    return start, end, arc


@kernel(nogil=True)
def _clustered(start: Any, head: Any, size: int) -> Any:
    """Nodes in clusters of a size, each grown from the oldest border node of earlier clusters."""
    n = len(start) - 1
    node = np.empty(n, np.int32)
    border = np.empty(n, np.int32)
    state = np.zeros(n, np.uint8)  # 0 unseen, 1 on the border, 2 placed
    placed = first = last = unseen = 0
    while placed < n:
        seed = -1
        while first < last and seed < 0:
            if state[border[first]] == 1:
                seed = border[first]
            first += 1
        if seed < 0:
            while state[unseen] != 0:
                unseen += 1
            seed = unseen
        begun = grown = placed
        node[placed] = seed
        state[seed] = 2
        placed += 1
        while grown < placed:
            here = node[grown]
            grown += 1
            for a in range(start[here], start[here + 1]):
                near = head[a]
                if state[near] == 2:
                    continue
                if placed - begun < size:
                    state[near] = 2
                    node[placed] = near
                    placed += 1
                elif state[near] == 0:
                    state[near] = 1
                    border[last] = near
                    last += 1
    return node
