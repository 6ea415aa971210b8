"""The band: arcs that lie on a path within the slack, less spurs.

Slack of an arc is ``d_o(tail) + cost + d_d(head) - best``, with `d_o` the least cost from the
origins and `d_d` the least cost to the destinations. An arc is a spur when every way on from it
but straight back exceeds the slack.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from geodata.errors import InputError, NoPathError
from routes.buckets import NO_ARC
from routes.search import Arcs, Goals, Meeting, Tree, Weights, prepare, tree

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Naturals = npt.NDArray[np.uint32]
Ints = npt.NDArray[np.int32]
MAX_SLACK = 1.0
ROUNDING = 1e-5
"""Added to the slack: two sums of a thousand single-precision costs differ by less."""
_0, _1, _2 = np.uint64(0), np.uint64(1), np.uint64(2)


@dataclass(frozen=True, kw_only=True)
class Band:
    """The arcs within the slack, and on demand the network of its own that they make.

    Parameters
    ----------
    weights
        Arcs and costs of the whole network.
    position, total
        The arcs kept, in the order of the forward layout, and the cost of the best path over
        each.
    number
        `NO_ARC` for the places of nodes outside the band.
    origins, destinations
        Nodes of the whole network.
    ending
        Cost of ending at each destination.
    home
        Tree to the destinations.
    best
        Least cost between origins and destinations.
    limit
        ``(1 + slack + ROUNDING) * best``.
    """

    weights: Weights
    position: Naturals
    total: Singles
    number: Naturals
    origins: Ints
    destinations: Ints
    ending: Singles
    home: Tree
    best: float
    limit: float

    @cached_property
    def slack(self) -> Floats:
        """Slack of each arc."""
        return np.asarray(np.maximum(self.total - np.float32(self.best), 0), np.float64)

    @cached_property
    def link(self) -> Ints:
        """Link of each arc."""
        return np.asarray(self.weights.arcs.forward_link[self.position].view(np.int32))

    @cached_property
    def _cut(self) -> tuple[Any, ...]:
        arcs, packed = self.weights.arcs, self.weights.forward
        side = arcs.layout.forward
        number = self.number.copy()
        return number, *_cut_out(
            side.start, packed, packed.view(np.float32), side.arc, arcs.link, arcs.along,
            number, self.position,
        )  # fmt: skip

    @cached_property
    def arcs(self) -> Arcs:
        """The arcs, with nodes numbered anew, near ones near each other."""
        _, _, start, tail, head, _, link, along, _ = self._cut
        return Arcs(start=start, tail=tail, head=head, link=link, along=along, reorder=False)

    @cached_property
    def node(self) -> Ints:
        """Number of each node in the whole network."""
        node = self.weights.arcs.layout.node
        return np.asarray(self._cut[1] if node is None else node[self._cut[1]])

    @property
    def arc(self) -> Ints:
        """Number of each arc in the whole network."""
        return np.asarray(self._cut[5])

    @property
    def cost(self) -> Floats:
        """Cost of each arc."""
        return np.asarray(self._cut[8])

    @cached_property
    def to_go(self) -> Singles:
        """Least cost to a destination, per node, the cost of ending there included."""
        return np.asarray(self.home.label[self._cut[1]])

    @cached_property
    def origin_nodes(self) -> Ints:
        """Origins in the new numbering."""
        return self._inside(self.origins)[0]

    @cached_property
    def destination_nodes(self) -> Ints:
        """Destinations in the new numbering."""
        return self._inside(self.destinations)[0]

    @cached_property
    def ending_costs(self) -> Singles:
        """Cost of ending at each of these."""
        return self.ending[self._inside(self.destinations)[1]]

    def _inside(self, nodes: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
        numbers = self._cut[0][self.weights.arcs.layout.places(nodes)]
        inside = numbers != NO_ARC
        return numbers[inside].astype(np.int32), inside


def check_slack(slack: float) -> float:
    """The relative slack, refused unless it is between 0 and `MAX_SLACK`."""
    if not 0 <= slack <= MAX_SLACK:
        remedy = f"Give a share of the best cost between 0 and {MAX_SLACK:g}, such as 0.1."
        raise InputError("slack", slack, remedy)
    return slack


def to_destinations(
    arcs: Arcs,
    cost: npt.ArrayLike | Weights,
    destinations: Ints,
    entry: npt.ArrayLike,
    *,
    goals: Goals | None = None,
    meeting: Meeting | None = None,
) -> Tree:
    """Least cost from every node to a destination, the cost of ending there included.

    Parameters
    ----------
    goals
        Origins, from `origin_goals`: nodes too far from the destinations to matter to any of
        them are left out.
    meeting
        What is shared with a tree from the origins that grows at the same time.
    """
    return tree(arcs, cost, destinations, entry=entry, reverse=True, goals=goals, meeting=meeting)


def origin_goals(origins: list[Ints], *, slack: float, entry: npt.ArrayLike = 0.0) -> Goals:
    """Origins that a tree to the destinations has to reach, each with the slack to spare."""
    return Goals.of(origins, stretch=(1 + slack + ROUNDING) * (1 + ROUNDING), entry=entry)


def find_band(
    arcs: Arcs,
    cost: npt.ArrayLike | Weights,
    origins: Ints,
    destinations: Ints,
    *,
    slack: float,
    home: Tree,
    out: Tree | None = None,
    entry: npt.ArrayLike = 0.0,
    ending: npt.ArrayLike = 0.0,
    threads: int = 1,
) -> Band:
    """Arcs within a relative slack of the best path between origins and destinations.

    Parameters
    ----------
    home
        Tree to the destinations, from `to_destinations`.
    out
        Tree from the origins as far as the slack; grown here, guided by the other, when not
        given.
    entry, ending
        Cost of starting at each origin, and of ending at each destination, as `home` has it.
    threads
        One, or two to look at each half of the arcs at the same time.

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
    weights = cost if isinstance(cost, Weights) else prepare(arcs, cost)
    late, layout = _each(entry, origins), arcs.layout
    best = float((home.label[layout.places(origins)] + late).min())
    if not np.isfinite(best):
        remedy = "No path leads to a destination with the modes that the profile allows."
        raise NoPathError("from", origins[:3].tolist(), remedy)
    limit = best * (1 + slack + ROUNDING)
    if out is None:
        out = tree(arcs, weights, origins, entry=late, limit=limit, to_go=home)
    forward, packed = layout.forward, weights.forward
    number = np.full(arcs.n, NO_ARC)
    pieces = _halves(
        forward.start, packed, packed.view(np.float32), layout.backward.start,
        out.label, home.label, home.via, np.float32(limit), number, threads=threads,
    )  # fmt: skip
    position, total = pieces[0] if threads < 2 else map(np.concatenate, zip(*pieces, strict=True))
    return Band(
        weights=weights, position=position, total=total, number=number, origins=origins,
        destinations=destinations, ending=_each(ending, destinations), home=home, best=best,
        limit=limit,
    )  # fmt: skip


def find_corridor(
    arcs: Arcs,
    cost: npt.ArrayLike | Weights,
    origins: Ints,
    destinations: Ints,
    *,
    slack: float,
    entry: npt.ArrayLike = 0.0,
    ending: npt.ArrayLike = 0.0,
    threads: int = 1,
) -> Band:
    """Both trees of one corridor, and its band.

    Two threads grow both trees at once, each guided by what the other has found so far; one
    grows them in turn, the second guided by the first. The band is the same.

    Parameters
    ----------
    entry, ending
        Cost of starting at each origin, and of ending at each destination.

    Raises
    ------
    InputError
        When the slack is out of range, or an origin is a destination.
    NoPathError
        When no destination can be reached.
    """
    check_slack(slack)
    weights = cost if isinstance(cost, Weights) else prepare(arcs, cost)
    late = _each(ending, destinations)
    goals = origin_goals([origins], slack=slack, entry=entry)
    if threads < 2:
        home = to_destinations(arcs, weights, destinations, late, goals=goals)
        return find_band(
            arcs, weights, origins, destinations, slack=slack, home=home, entry=entry, ending=late
        )
    early = _each(entry, origins)
    ends = origin_goals([destinations], slack=slack, entry=ending)
    meeting = Meeting.on(arcs)
    with ThreadPoolExecutor(1) as other:
        growing = other.submit(
            tree, arcs, weights, origins, entry=early, goals=ends, meeting=meeting
        )
        home = to_destinations(arcs, weights, destinations, late, goals=goals, meeting=meeting)
        out = growing.result()
    return find_band(
        arcs, weights, origins, destinations, slack=slack, home=home, out=out, entry=entry,
        ending=late, threads=2,
    )  # fmt: skip


def _each(costs: npt.ArrayLike, nodes: Ints) -> Singles:
    """A cost for each of some nodes, from one for all or one for each."""
    return np.array(np.broadcast_to(np.asarray(costs, np.float32), len(nodes)))


def _halves(*asked: Any, threads: int) -> list[tuple[Any, ...]]:
    """What `_within` finds in the whole, or in each half of the nodes on a thread of its own."""
    n = len(asked[0]) - 1
    look: Any = _within
    if threads < 2:
        return [look(*asked, 0, n)]
    with ThreadPoolExecutor(1) as other:
        second = other.submit(lambda: look(*asked, n // 2, n))
        return [look(*asked, 0, n // 2), second.result()]


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _within(
    start: Any, end: Any, cost: Any, back: Any, out: Any, home: Any, onward: Any, limit: Any,
    number: Any, first: int, last: int,
) -> Any:  # fmt: skip
    """Slack, band and spurs in one pass over the arcs of nodes that the second tree reached.

    An arc from u to v turns back when the arc by which v is left is one of those *into* u,
    positions ``back[u]`` to ``back[u + 1]`` of the reverse tree. It is a spur when, besides,
    no other arc out of v leads on within the slack.

    Returns
    -------
    position, total: of the arcs kept, `total` the cost of the best path over each.
    Nodes within the slack are marked in `number`, which holds `NO_ARC` for the others.
    """
    room = np.uint32(0)
    for i in range(first, last):
        if out[i] + home[i] <= limit:
            room += start[i + 1] - start[i]
    position, total = np.empty(room + 1, np.uint32), np.empty(room + 1, np.float32)
    kept = _0
    for i in range(first, last):
        here = out[i]
        if here + home[i] > limit:
            continue
        number[i] = 0
        low, many = back[i], np.uint32(back[i + 1] - back[i])
        for k in range(np.uint64(start[i]), np.uint64(start[i + 1])):
            a = np.uint64(k)
            v = np.uint64(end[_2 * a])
            along = here + cost[_2 * a + _1] + home[v]
            # No branch here: whether an arc is inside is a coin's toss to the processor.
            position[kept], total[kept] = a, along
            turns = np.uint32(onward[v] - low) < many
            kept += np.uint64((along <= limit) & ~turns)
            if turns and along <= limit:
                ahead = here + cost[_2 * a + _1]
                kept += np.uint64(_goes_on(start, end, cost, home, v, i, ahead, limit))
    return position[:kept], total[:kept]


@numba.njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _goes_on(
    start: Any, end: Any, cost: Any, home: Any, node: Any, behind: Any, ahead: Any, limit: Any
) -> Any:
    """Whether a node reached from another leads on within the limit, other than straight back."""
    for k in range(np.uint64(start[node]), np.uint64(start[node + _1])):
        a = np.uint64(k)
        w = end[_2 * a]
        if w != behind and ahead + cost[_2 * a + _1] + home[w] <= limit:
            return True
    return False


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _cut_out(
    start: Any, end: Any, cost: Any, arc: Any, link: Any, along: Any, number: Any, position: Any
) -> Any:
    """The arcs at some positions as a network of their own, its nodes numbered in `number`."""
    nodes = np.uint32(0)
    for i in range(len(number)):
        if number[i] != NO_ARC:
            number[i] = nodes
            nodes += np.uint32(1)
    m = len(position)
    node, begins = np.empty(nodes, np.int32), np.empty(nodes + 1, np.int32)
    tail, head = np.empty(m, np.int32), np.empty(m, np.int32)
    arcs, links = np.empty(m, np.int32), np.empty(m, np.int32)
    ways, single = np.empty(m, np.bool_), np.empty(m, np.float64)
    k = 0
    for i in range(len(number)):
        new = number[i]
        if new == NO_ARC:
            continue
        node[new], begins[new] = i, k
        while k < m and position[k] < start[i + 1]:
            a = np.uint64(position[k])
            tail[k], head[k] = new, number[np.uint64(end[_2 * a])]
            single[k] = cost[_2 * a + _1]
            old = a if arc is None else np.uint64(arc[a])
            arcs[k], links[k], ways[k] = old, link[old], along[old]
            k += 1
    begins[nodes] = k
    return node, begins, tail, head, arcs, links, ways, single
