"""Chokepoints: the smallest set of gateways that cuts every path within the slack.

A gateway is many arcs, all the tracks of a border sector, and the slack bounds the length of
paths. A maximum flow with one unit of capacity a gateway would join a path that enters by one track
to a path that leaves by another, and count paths beyond the slack, so that its cut can be too
large. The cut is therefore found as a smallest hitting set, which is exact for both:

1. choose the lightest set of gateways that hits every path known so far (an integer programme);
2. close it and look for a path within the slack, one tree an origin;
3. if there is none, the set is a smallest cut. Else add the path, and others that share no gateway
  with it, to the known paths and begin again.

Every set chosen is a lower bound, so the first that leaves no path is a smallest one.

References
----------
Moreno-Centeno and Karp 2013, The implicit hitting set approach to solve combinatorial
optimization problems, Operations Research 61 (the method).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from geodata.arrays import BoolArray, Float32Array, Float64Array, Int32Array, Int64Array
from geodata.errors import DataError, InputError
from routes.search.arcs import Arcs, lay_out_costs
from routes.search.refusals import require_apart, require_path
from routes.search.slack import check_slack
from routes.search.trees import Tree, grow_tree, path_arcs

MOST_ROUNDS = 500
"""Sets of gateways tried before the search gives up."""


@dataclass(frozen=True, kw_only=True)
class Cut:
    """A smallest set of gateways that leaves no path within a slack.

    Parameters
    ----------
    slack
        As a share of the best cost of each origin.
    gateways
        Numbers of the gateways, ascending; None when a path passes no gateway, so that there is no
        cut.
    weight
        Sum of their weights, or their number when each weight is one. Infinite without a cut.
    """

    slack: float
    gateways: tuple[int, ...] | None
    weight: float

    @property
    def size(self) -> int | None:
        """Number of gateways; None without a cut."""
        return None if self.gateways is None else len(self.gateways)


@dataclass(frozen=True, kw_only=True)
class Trip:
    """Nodes where paths begin and may end; the slack counts from the trip's own best path.

    Parameters
    ----------
    name
        Name of the origin, for messages.
    origins, destinations
        Nodes; a path may use any of them.
    entry
        Cost of ending at each destination.
    """

    name: str
    origins: Int32Array
    destinations: Int32Array
    entry: Float64Array


def cut_curve(
    arcs: Arcs,
    cost: npt.ArrayLike,
    gateway: Int32Array,
    trips: Sequence[Trip],
    *,
    slacks: Sequence[float],
    weights: npt.ArrayLike | None = None,
) -> list[Cut]:
    """Smallest cut at every slack, in the order of `slacks`.

    Paths within a lower slack are also within every higher one, so that the curve takes little
    longer than its last point.

    Parameters
    ----------
    cost
        Cost of each arc, infinite where it is closed; shape (m,).
    gateway
        Number of each arc's gateway, -1 for none; shape (m,).
    weights
        Effort of closing each gateway, above zero; one by default.

    Raises
    ------
    InputError
        When a slack is out of range, there is no slack, a weight is not above zero, or an origin is
        a destination.
    NoPathError
        When a trip has no path while all is open.
    """
    if not len(slacks):
        raise InputError("slack", list(slacks), "Give one slack at least, such as 0.1.")
    for slack in slacks:
        check_slack(slack)
    count = int(gateway.max(initial=-1)) + 1
    price = np.ones(count) if weights is None else np.asarray(weights, np.float64)
    if len(price) < count or not (price > 0).all():
        remedy = f"Give {count} numbers above zero, one a gateway."
        raise InputError("weights", price.tolist()[:5], remedy)
    search = _Cutter(arcs, np.asarray(cost, np.float64), gateway, trips, price, max(slacks))
    cuts = {slack: search.cut(slack) for slack in sorted(set(slacks))}
    return [cuts[slack] for slack in slacks]


@dataclass(frozen=True, kw_only=True)
class _Inside:
    """A trip in the numbering of the network of arcs within the widest slack."""

    origins: Int32Array
    ends: Int32Array
    entry: Float64Array
    to_go: Float32Array
    best: float


class _Cutter:
    """The arcs within the widest slack, and the paths known so far."""

    def __init__(
        self,
        arcs: Arcs,
        cost: Float64Array,
        gateway: Int32Array,
        trips: Sequence[Trip],
        price: Float64Array,
        widest: float,
    ) -> None:
        weights = self.weights = lay_out_costs(arcs, cost)
        trees = _destination_trees(arcs, cost, trips)
        bests = [_best(trip, inbound) for trip, inbound in zip(trips, trees, strict=True)]
        kept = np.zeros(len(cost), bool)
        for trip, inbound, best in zip(trips, trees, bests, strict=True):
            limit = best * (1 + widest) * (1 + weights.margin(best * (1 + widest)))
            out = grow_tree(arcs, cost, trip.origins, limit=limit, to_go=inbound.cost)
            kept |= out.cost[arcs.tail] + cost + inbound.cost[arcs.head] <= limit
        self.arcs, number, node = _part(arcs, np.flatnonzero(kept))
        self.cost, self.gateway, self.price = cost[kept], gateway[kept], price
        self.trips = [
            _Inside(
                origins=_known(number[trip.origins]),
                ends=_known(number[trip.destinations]),
                entry=trip.entry[number[trip.destinations] >= 0],
                to_go=inbound.cost[node],
                best=best,
            )
            for trip, inbound, best in zip(trips, trees, bests, strict=True)
        ]
        self.paths: set[frozenset[int]] = set()

    def cut(self, slack: float) -> Cut:
        """Alternate between a set that hits all known paths and the paths that it misses."""
        quick = True
        for _ in range(MOST_ROUNDS):
            choose = light_hitting_set if quick else lightest_hitting_set
            chosen = choose(sorted(map(sorted, self.paths)), self.price)
            missed = self._missed(chosen, slack)
            if frozenset() in missed:
                return Cut(slack=slack, gateways=None, weight=np.inf)
            if not missed and not quick:
                weight = float(self.price[list(chosen)].sum())
                return Cut(slack=slack, gateways=chosen, weight=weight)
            # A greedy set leads to new paths as well as the lightest set does, without the integer
            # programme.
            quick = quick and bool(missed)
            self.paths |= missed
        remedy = f"No smallest cut was proven in {MOST_ROUNDS} rounds; ask for less slack."
        raise DataError("slack", slack, remedy)

    def _missed(self, closed: tuple[int, ...], slack: float) -> set[frozenset[int]]:
        """Gateways of paths within the slack that avoid the closed ones and each other."""
        shut = np.zeros(len(self.price) + 1, bool)
        shut[list(closed)] = True
        missed: set[frozenset[int]] = set()
        for trip in self.trips:
            within = trip.best * (1 + slack)
            limit = within * (1 + self.weights.margin(within))
            while (passed := self._passed(shut, trip, limit)) is not None:
                missed.add(passed)
                if not passed:
                    break
                shut[list(passed)] = True
        return missed

    def _passed(self, shut: BoolArray, trip: _Inside, limit: float) -> frozenset[int] | None:
        """Gateways on the best path that avoids the closed ones; None beyond the limit."""
        cost = np.where(shut[self.gateway], np.inf, self.cost)
        out = grow_tree(self.arcs, cost, trip.origins, limit=limit, to_go=trip.to_go)
        arrived = out.cost[trip.ends] + trip.entry
        if not arrived.min() <= limit:
            return None
        passed = self.gateway[path_arcs(self.arcs, out, int(trip.ends[arrived.argmin()]))]
        return frozenset(passed[passed >= 0].tolist())


def light_hitting_set(sets: Sequence[Sequence[int]], price: Float64Array) -> tuple[int, ...]:
    """Choose greedily by sets hit a unit of weight; see `lightest_hitting_set`."""
    if not sets:
        return ()
    contains = np.zeros((len(sets), len(price)))
    for row, members in enumerate(sets):
        contains[row, members] = 1.0
    chosen = []
    while len(contains):
        best = int((contains.sum(axis=0) / price).argmax())
        chosen.append(best)
        contains = contains[contains[:, best] == 0]
    return tuple(sorted(chosen))


def lightest_hitting_set(sets: Sequence[Sequence[int]], price: Float64Array) -> tuple[int, ...]:
    """Lightest choice that holds a member of every set, ascending.

    Parameters
    ----------
    sets
        Members of each set, by number.
    price
        Weight of each member, above zero.
    """
    if not sets:
        return ()
    members = np.unique(np.concatenate([np.asarray(s, np.int64) for s in sets]))
    column = np.searchsorted(members, np.concatenate([np.asarray(s, np.int64) for s in sets]))
    row = np.repeat(np.arange(len(sets)), [len(s) for s in sets])
    hit = csr_array((np.ones(len(row)), (row, column)), (len(sets), len(members)))
    solved = milp(
        price[members],
        constraints=LinearConstraint(hit, lb=1.0),
        integrality=np.ones(len(members), np.int64),
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": 0.0},
    )
    if solved.x is None:
        raise DataError("weights", price.tolist()[:5], f"No set was chosen: {solved.message}")
    return tuple(int(member) for member in members[solved.x > 0.5])


def _destination_trees(arcs: Arcs, cost: Float64Array, trips: Sequence[Trip]) -> list[Tree]:
    """Tree to the destinations of each trip; trips with the same destinations share a tree."""
    known: dict[bytes, Tree] = {}
    trees = []
    for trip in trips:
        key = trip.destinations.tobytes() + trip.entry.tobytes()
        if key not in known:
            known[key] = grow_tree(arcs, cost, trip.destinations, entry=trip.entry, reverse=True)
        trees.append(known[key])
    return trees


def _best(trip: Trip, inbound: Tree) -> float:
    require_apart(trip.origins, trip.destinations, origin=trip.name)
    return require_path(float(inbound.cost[trip.origins].min()), trip.name)


def _part(arcs: Arcs, kept: Int64Array) -> tuple[Arcs, Int32Array, Int64Array]:
    """Some arcs as a network of their own, the new number of each node, and the old numbers."""
    node = np.unique(np.concatenate([arcs.tail[kept], arcs.head[kept]])).astype(np.int64)
    number = np.full(arcs.n, -1, np.int32)
    number[node] = np.arange(len(node), dtype=np.int32)
    tail = number[arcs.tail[kept]]
    start = np.searchsorted(tail, np.arange(len(node) + 1)).astype(np.int32)
    part = Arcs(start=start, tail=tail, head=number[arcs.head[kept]], link=arcs.link[kept],
                along=arcs.along[kept])  # fmt: skip
    return part, number, node


def _known(numbers: Int32Array) -> Int32Array:
    return numbers[numbers >= 0]
