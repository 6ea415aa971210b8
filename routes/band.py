"""The band: arcs that lie on a path within the slack, less spurs.

Slack of an arc is ``d_o(tail) + cost + d_d(head) - best``, with `d_o` the least cost from the
origins and `d_d` the least cost to the destinations. An arc is a spur when every way on from it
but straight back exceeds the slack. To end at a node is a way on.

Both sums are single precision. An arc is inside when they stay within ``(1 + slack)`` times the
best cost and the margin by which sums may be off along a path of `TIMES` as many arcs as the best
one and `MORE` (`routes.rounding`), so that no arc within the slack is missed, on chains of any
length. The trees are grown beyond that by what sums along any path at all may be off: labels of
nodes in the band are then those of endless trees, bit by bit, however trees were bounded on the
way, and the band depends on nothing else.
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
from routes.admission import ANY, cost_array, node_array
from routes.buckets import NO_ARC
from routes.rounding import FIRST, apart_by
from routes.search import Arcs, Goals, Meeting, Tree, Weights, prepare, tree

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Naturals = npt.NDArray[np.uint32]
Ints = npt.NDArray[np.int32]
MAX_SLACK = 1.0
TIMES, MORE = 8, 256
"""Arcs of a path in the band: at most so many times those of the best one, and so many more."""
_BEYOND = (1 + FIRST) ** 3 * (1 + 1e-6)
"""Trees grow so much further than the slack: for both sums, and the path that they meet on."""
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
    stretch
        ``1 + slack``.
    margin
        Share by which sums along paths in the band may be off.
    limit
        ``stretch * (1 + margin) * best``.
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
    stretch: float
    margin: float
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
        return np.asarray(self.weights.arcs.layout.nodes(self._cut[1]))

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
    return Goals.of(origins, stretch=(1 + slack) * _BEYOND, entry=entry)


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
    origins = node_array("from", origins, arcs.n)
    destinations = node_array("to", destinations, arcs.n)
    if len(both := np.intersect1d(origins, destinations)):
        remedy = "The origin is a destination; choose two places apart."
        raise InputError("from", int(both[0]), remedy)
    if home.layout is not arcs.layout:
        raise InputError("home", home.layout.n, "Give a tree over the same arcs.")
    weights = cost if isinstance(cost, Weights) else prepare(arcs, cost)
    late = cost_array("entry", entry, len(origins), most=ANY)
    tolls = cost_array("ending", ending, len(destinations), most=ANY)
    best = _best(home, origins, late)
    if not np.isfinite(best):
        remedy = "No path leads to a destination with the modes that the profile allows."
        raise NoPathError("from", origins[:3].tolist(), remedy)
    spare = weights.margin(best * (1 + slack))
    margin = min(spare, apart_by(TIMES * _length(weights, home, origins, late) + MORE))
    limit = best * (1 + slack) * (1 + margin)
    if out is None:
        if home.within < limit * (1 + spare):
            ends = arcs.layout.nodes(home.sources)
            home = tree(arcs, weights, ends, entry=home.entry, reverse=True)
        out = tree(arcs, weights, origins, entry=late, limit=limit * (1 + spare), to_go=home)
    position, total, number = _inside(weights, out, home, limit, threads)
    return Band(
        weights=weights, position=position, total=total, number=number, origins=origins,
        destinations=destinations, ending=tolls, home=home, best=best, stretch=1 + slack,
        margin=margin, limit=limit,
    )  # fmt: skip


def _best(home: Tree, origins: Ints, entry: Singles) -> float:
    """Least cost of the origins, infinite where none leads to a destination."""
    costs = home.label[home.layout.places(origins)] + entry
    return float(costs.min(initial=np.float32(np.inf)))


def _length(weights: Weights, home: Tree, origins: Ints, entry: Singles) -> int:
    """Fewest arcs of a best path; it does not depend on which of several the tree took."""
    places, packed = home.layout.places(origins), weights.forward
    first = places[int((home.label[places] + entry).argmin())]
    return int(_fewest(
        home.layout.forward.start, packed, packed.view(np.float32), home.label, first,
        home.sources, home.entry,
    ))  # fmt: skip


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _fewest(
    start: Any, end: Any, cost: Any, home: Any, first: Any, stops: Any, tolls: Any
) -> Any:  # fmt: skip
    """Steps from a place to the nearest end over arcs that lie on best paths, breadth first."""
    seen = np.zeros(len(home), np.bool_)
    ends = np.zeros(len(home), np.bool_)
    for k in range(len(stops)):
        ends[stops[k]] |= tolls[k] == home[stops[k]]
    row = [np.uint64(first)]
    seen[first] = True
    steps = 0
    while len(row) > 0:
        following = [np.uint64(0) for _ in range(0)]
        for u in row:
            if ends[u]:
                return steps
            for k in range(np.uint64(start[u]), np.uint64(start[u + _1])):
                v = np.uint64(end[_2 * np.uint64(k)])
                if not seen[v] and cost[_2 * np.uint64(k) + _1] + home[v] == home[u]:
                    seen[v] = True
                    following.append(v)
        row = following
        steps += 1
    return steps


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
    grows them in turn, the second guided by the first. The band is the same. Where two have
    found no path, or one so dear that the trees may have missed arcs of it, one does it again.

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
    asked: dict[str, Any] = {
        "slack": slack, "entry": entry, "ending": ending, "threads": threads
    }  # fmt: skip
    if threads > 1:
        home, out = _met(arcs, weights, origins, destinations, slack, entry, ending)
        best = _best(home, out.layout.nodes(out.sources), out.entry)
        if np.isfinite(best) and weights.margin(best * (1 + slack)) <= FIRST:
            return find_band(arcs, weights, origins, destinations, home=home, out=out, **asked)
    goals = origin_goals([origins], slack=slack, entry=entry)
    home = to_destinations(arcs, weights, destinations, ending, goals=goals)
    return find_band(arcs, weights, origins, destinations, home=home, **asked)


def _met(
    arcs: Arcs, weights: Weights, origins: Ints, destinations: Ints, slack: float,
    entry: npt.ArrayLike, ending: npt.ArrayLike,
) -> tuple[Tree, Tree]:  # fmt: skip
    """The tree to the destinations and that from the origins, grown towards each other."""
    ends = origin_goals([destinations], slack=slack, entry=ending)
    starts = origin_goals([origins], slack=slack, entry=entry)
    meeting = Meeting.on(arcs)
    with ThreadPoolExecutor(1) as other:
        growing = other.submit(
            tree, arcs, weights, origins, entry=entry, goals=ends, meeting=meeting
        )
        home = to_destinations(arcs, weights, destinations, ending, goals=starts, meeting=meeting)
        return home, growing.result()


def _inside(
    weights: Weights, out: Tree, home: Tree, limit: float, threads: int
) -> tuple[Naturals, Singles, Naturals]:
    """Positions and totals of the arcs within a limit, and the mark of the nodes within."""
    layout, packed = out.layout, weights.forward
    number = np.full(layout.n, NO_ARC)
    order = np.lexsort((home.entry, home.sources))
    pieces = _halves(
        layout.forward.start, packed, packed.view(np.float32), layout.backward.start,
        out.label, home.label, home.via, np.float32(limit), number, home.sources[order],
        home.entry[order], threads=threads,
    )  # fmt: skip
    position, total = pieces[0] if threads < 2 else map(np.concatenate, zip(*pieces, strict=True))
    return position, total, number


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
    number: Any, stops: Any, tolls: Any, first: int, last: int,
) -> Any:  # fmt: skip
    """Slack, band and spurs in one pass over the arcs of nodes that the second tree reached.

    An arc is inside when its total is and both its ends are. One from u to v turns back when the
    arc by which v is left is one of those *into* u, positions ``back[u]`` to ``back[u + 1]`` of
    the reverse tree. It is a spur when, besides, no other arc out of v leads on within the slack
    and no path within it ends at v; which of several arcs of one cost the tree took does not
    matter.

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
            inside = (along <= limit) & (out[v] + home[v] <= limit)
            kept += np.uint64(inside & ~turns)
            if turns and inside:
                ahead = here + cost[_2 * a + _1]
                goes = _goes_on(start, end, cost, home, v, i, ahead, limit, stops, tolls)
                kept += np.uint64(goes)
    return position[:kept], total[:kept]


@numba.njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _goes_on(
    start: Any, end: Any, cost: Any, home: Any, node: Any, behind: Any, ahead: Any, limit: Any,
    stops: Any, tolls: Any,
) -> Any:  # fmt: skip
    """Whether a way within the limit leads on from a node, other than straight back, or ends."""
    for k in range(np.uint64(start[node]), np.uint64(start[node + _1])):
        a = np.uint64(k)
        w = end[_2 * a]
        # Added up as the tree did, so that its own arc is as dear here as there.
        onward = cost[_2 * a + _1] + home[w]
        if w != behind and w != node and ahead + onward <= limit:
            return True
    at = np.searchsorted(stops, node)
    return at < len(stops) and stops[at] == node and ahead + tolls[at] <= limit


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
