"""Arcs: the directed, costed edges of a network in CSR form, as trees read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from geodata.arrays import BoolArray, Float32Array, Int32Array, UInt32Array
from geodata.computing.tasks import computed_once
from geodata.errors import InputError
from routes.search.kernels.admission import check_arcs, cost_array, index_array, node_array
from routes.search.kernels.memory_layout import Layout, PackedArcs, lay_out
from routes.search.kernels.rounding import Tally, margin, tally

SAMPLED = 1000
"""Number of arcs sampled to choose the width of a bucket."""
LOW, APART = 0.05, 32.0
"""A bucket is at most `APART` times as wide as the quantile `LOW` of the costs."""
HIGH, NARROW = 0.9, 1e-3
"""It is at least `NARROW` times the quantile `HIGH`, so that the buckets span one dear arc."""


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
    reorder
        Whether nodes are laid out anew in memory, see `routes.search.kernels.memory_layout`; by
        default, when there are many. The caller's numbers stay as they are.
    layers
        Number of copies of the network in the arcs, one layer above the other.

    Raises
    ------
    InputError
        When the arcs are not sorted by tail, a head is not a node, or arrays differ in length.
    """

    start: Int32Array
    tail: Int32Array
    head: Int32Array
    link: Int32Array
    along: BoolArray
    reorder: bool | None = None
    layers: int = 1

    def __post_init__(self) -> None:
        for name, size in (("start", None), ("head", None), ("tail", len(self.head)),
                           ("link", len(self.head))):  # fmt: skip
            object.__setattr__(self, name, index_array(name, getattr(self, name), size))
        check_arcs(self.start, self.tail, self.head)
        along = np.ascontiguousarray(self.along, np.bool_)
        if along.shape != self.head.shape:
            raise InputError("along", along.shape, f"Give {len(self.head)} of true or false.")
        object.__setattr__(self, "along", along)

    @classmethod
    def from_links(
        cls,
        u: Int32Array,
        v: Int32Array,
        n: int,
        *,
        uv: BoolArray,
        vu: BoolArray,
        reorder: bool | None = None,
    ) -> Arcs:
        """Arcs of the links that are passable each way.

        Parameters
        ----------
        n
            Number of nodes.
        uv, vu
            Whether a link is passable from u to v, and from v to u.

        Raises
        ------
        InputError
            When the end of a link is not a node.
        """
        u, v = node_array("u", u, n), node_array("v", v, n)
        there, back = np.flatnonzero(uv), np.flatnonzero(vu)
        tail = np.concatenate([u[there], v[back]])
        order = np.argsort(tail, kind="stable")
        return cls(
            start=_starts(tail, n),
            tail=tail[order].astype(np.int32),
            head=np.concatenate([v[there], u[back]])[order].astype(np.int32),
            link=np.concatenate([there, back])[order].astype(np.int32),
            along=(np.arange(len(tail)) < len(there))[order],
            reorder=reorder,
        )

    @property
    def n(self) -> int:
        """Number of nodes."""
        return len(self.start) - 1

    def network_nodes(self, nodes: Int32Array) -> Int32Array:
        """Nodes of the network for nodes of any layer."""
        return nodes if self.layers == 1 else nodes % np.int32(self.n // self.layers)

    def network_arcs(self, numbers: Int32Array) -> Int32Array:
        """Arcs of the network for arcs of any layer."""
        count = len(self.head) // self.layers
        return numbers if self.layers == 1 else numbers % np.int32(count)

    @computed_once
    def layout(self) -> Layout:
        """Positions of nodes and arcs in memory."""
        return lay_out(self.start, self.tail, self.head, reorder=self.reorder)

    @computed_once
    def forward_link(self) -> UInt32Array:
        """Link of each arc, in the order in which a forward tree reads arcs."""
        return self.layout.forward.at_positions(self.link).view(np.uint32)


@dataclass(frozen=True, kw_only=True)
class ArcWeights:
    """Costs of arcs, checked and laid out once for many trees.

    For other costs of the same arcs, call `lay_out_costs` again; the arcs are not sorted or laid
    out again.

    Parameters
    ----------
    arcs
        The arcs.
    cost
        Cost of each arc, infinite where it is closed; shape (m,).
    delta
        Width of a bucket, near the median of costs that are neither zero nor infinite.
    """

    arcs: Arcs
    cost: Float32Array
    delta: np.float32

    @computed_once
    def forward(self) -> PackedArcs:
        """Arcs by tail."""
        return self.arcs.layout.forward.pack(self.cost)

    @computed_once
    def backward(self) -> PackedArcs:
        """Arcs by head."""
        return self.arcs.layout.backward.pack(self.cost)

    @computed_once
    def _tally(self) -> Tally:
        return tally(self.cost)

    def margin(self, total: float) -> float:
        """Share of `total` by which two sums along a path that costs `total` may differ."""
        return margin(self._tally, total, nodes=self.arcs.n)


def _starts(keys: npt.NDArray[Any], n: int) -> Int32Array:
    return np.concatenate([[0], np.cumsum(np.bincount(keys, minlength=n))]).astype(np.int32)


def lay_out_costs(arcs: Arcs, cost: npt.ArrayLike) -> ArcWeights:
    """Costs checked and laid out for many trees.

    Parameters
    ----------
    cost
        Cost of each arc, zero or more; infinite closes it. Shape (m,).

    Raises
    ------
    InputError
        When a cost is negative, not a number or too large, or the number of costs is not that of
        arcs.
    """
    single = cost_array("cost", cost, len(arcs.head))
    return ArcWeights(arcs=arcs, cost=single, delta=_width(single))


def _width(cost: Float32Array) -> np.float32:
    """Width of a bucket: the median cost, or less where many are far below it.

    Within a bucket labels are set in no order. If most arcs were a thousand times as dear as the
    others and set the width, all the others would share one bucket. If dear arcs spanned more
    buckets than there are, the pile beyond the window would be read again for every few labels.
    """
    sample = cost[:: len(cost) // SAMPLED + 1]
    usual = sample[(sample > 0) & np.isfinite(sample)]
    if not len(usual):
        return np.float32(1.0)
    low, middle, high = np.quantile(usual, [LOW, 0.5, HIGH])
    return np.float32(max(min(middle, APART * low), NARROW * high, 1e-30))
