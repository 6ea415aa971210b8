"""Footing: the nodes at which a flow may begin or end, by its modes and the arcs open to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from geodata.arrays import BoolArray, Float32Array, Int32Array
from geodata.computing.compiled import kernel
from geodata.network.network import MODES, Network
from routes.search.arcs import Arcs


@dataclass(frozen=True, kw_only=True)
class Footing:
    """Nodes at which a flow may begin or end.

    A node belongs to the modes of its links: a flow without a boat cannot begin at a node at sea,
    though a landing may lead ashore from it. A node with no other links than transfers, such as a
    port, belongs to the modes that the transfers lead to.

    Parameters
    ----------
    leaving, entering
        Nodes at which the flow may begin, and at which it may end; shape (n,).
    modes
        Modes with at least one open arc.
    """

    leaving: BoolArray
    entering: BoolArray
    modes: tuple[str, ...]

    def usable(self, *, arriving: bool) -> BoolArray:
        """Nodes at which the flow may end, or begin."""
        return self.entering if arriving else self.leaving

    @classmethod
    def of(cls, network: Network, arcs: Arcs, cost: Float32Array) -> Footing:
        """Make the footing of a flow on a network.

        Parameters
        ----------
        arcs
            Arcs of the network.
        cost
            Cost of each, infinite where it is closed; shape (m,).
        """
        columns = network.link_columns
        names, mode = columns.categories["mode"], columns.values["mode"]
        transfer, sea = (names.index(name) if name in names else -1 for name in ("transfer", "sea"))
        kinds = network.node_columns
        afloat = np.array([*(name == "sea" for name in kinds.categories["kind"]), False])
        mode_arcs = ModeArcs(arcs.tail, arcs.head, arcs.link, cost, mode)
        leaving, entering, used = _standing(
            mode_arcs, afloat[kinds.values["kind"]], ModeRows(transfer, sea, len(names))
        )
        open_modes = {name for name, some in zip(names, used.tolist(), strict=True) if some}
        return cls(
            leaving=leaving,
            entering=entering,
            modes=tuple(mode for mode in MODES if mode in open_modes),
        )


class ModeArcs(NamedTuple):
    """Arcs, with the cost and the link of each, and the mode of each link."""

    tail: Int32Array
    head: Int32Array
    link: Int32Array
    cost: Float32Array
    mode: npt.NDArray[Any]


class ModeRows(NamedTuple):
    """Rows of two modes among all, -1 where the network has none; and how many there are."""

    transfer: int
    sea: int
    many: int


@kernel(nogil=True)
def _standing(mode_arcs: Any, afloat: Any, modes: Any) -> Any:
    """Nodes that can be left, and entered, by a mode that they belong to; and the modes used."""
    tail, head, link, cost, mode = mode_arcs
    transfer, sea, many = modes
    n = len(afloat)
    own, moved = np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    out, into, used = np.zeros(n, np.bool_), np.zeros(n, np.bool_), np.zeros(many, np.bool_)
    for a in range(len(tail)):
        u, v, own_mode = tail[a], head[a], mode[link[a]]
        passable = cost[a] < np.inf
        used[own_mode] |= passable
        out[u] |= passable
        into[v] |= passable
        if own_mode != transfer:
            own[u] = own[v] = True
            moved[u] |= passable
            moved[v] |= passable
    for node in np.flatnonzero(afloat & ~own):
        # A single cell of water from which only the shore can be reached.
        own[node], moved[node] = True, sea >= 0 and used[sea]
    leaving, entering = out & moved, into & moved
    changed = True
    while changed:
        changed = False
        for a in range(len(tail)):
            u, v = tail[a], head[a]
            if mode[link[a]] != transfer or not cost[a] < np.inf:
                continue
            if not own[u] and leaving[v] and not leaving[u]:
                leaving[u] = changed = True
            if not own[v] and entering[u] and not entering[v]:
                entering[v] = changed = True
    return leaving, entering, used
