"""The band: arcs that lie on a path within the slack, less spurs.

Slack of an arc is ``d_o(tail) + cost + d_d(head) - best``, with `d_o` the least cost from the
origins and `d_d` the least cost to the destinations. An arc is a spur when every continuation from
its head, except straight back, exceeds the slack. A path may also end at the head, which counts as
a continuation.

Both sums are single precision. An arc is inside when the sum of the three costs is at most ``(1 +
slack)`` times the best cost, plus the error of sums along a path with `TIMES` as many arcs as the
best path and `MORE` arcs more (`routes.search.kernels.rounding`). The best path is inside whatever
its length, and so is every arc within the slack on a path no longer than that. The trees grow
beyond that by the error of sums along any path. Labels of nodes in the band then equal those of
unlimited trees bit by bit, however the trees were bounded on the way, so that the band depends on
nothing else.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from geodata.arrays import (
    BoolArray,
    Float32Array,
    Float64Array,
    Int32Array,
    Int64Array,
    UInt32Array,
)
from geodata.computing.tasks import computed_once
from geodata.errors import InputError
from routes.search.arcs import Arcs, ArcWeights, lay_out_costs
from routes.search.kernels.admission import ANY, cost_array, node_array
from routes.search.kernels.band_passes import BothTrees, CutOut, arcs_within, cut_out, fewest_arcs
from routes.search.kernels.rounding import FIRST, apart_by
from routes.search.kernels.tree_growth import NO_ARC, Roots
from routes.search.refusals import require_apart, require_path
from routes.search.slack import check_slack
from routes.search.trees import SharedFrontier, Targets, Tree, grow_tree

TIMES, MORE = 8, 256
"""A path in the band has at most `TIMES` as many arcs as the best path, plus `MORE`."""
_BEYOND = (1 + FIRST) ** 3 * (1 + 1e-6)
"""Factor by which trees grow beyond the slack: for both sums, and the path on which they meet."""


@dataclass(frozen=True, kw_only=True)
class Ends:
    """Where paths begin and end.

    Parameters
    ----------
    origins, destinations
        Nodes.
    entry
        Cost of starting at each origin; a single number holds for all.
    ending
        Cost of ending at each destination; a single number holds for all.
    """

    origins: npt.ArrayLike
    destinations: npt.ArrayLike
    entry: npt.ArrayLike = 0.0
    ending: npt.ArrayLike = 0.0


class _InBand(NamedTuple):
    """Numbers in the band of those of some nodes that lie inside, and which of them do."""

    numbers: Int32Array
    inside: BoolArray


@dataclass(frozen=True, kw_only=True)
class Band:
    """The arcs within the slack, which on demand become a network of their own.

    Parameters
    ----------
    weights
        Arcs and costs of the whole network.
    position, total
        Positions of the arcs in the forward layout, and the cost of the best path over each.
    number
        `NO_ARC` for the places of nodes outside the band.
    origins, destinations
        Nodes of the whole network.
    ending
        Cost of ending at each destination.
    inbound
        Tree to the destinations.
    best
        Least cost between origins and destinations.
    stretch
        ``1 + slack``.
    margin
        Share by which sums along paths in the band may be off.
    limit
        ``stretch * (1 + margin) * best``, or less when the caller set a lower limit.
    """

    weights: ArcWeights
    position: UInt32Array
    total: Float32Array
    number: UInt32Array
    origins: Int32Array
    destinations: Int32Array
    ending: Float32Array
    inbound: Tree
    best: float
    stretch: float
    margin: float
    limit: float

    @computed_once
    def slack(self) -> Float64Array:
        """Slack of each arc."""
        return np.asarray(np.maximum(self.total - np.float32(self.best), 0), np.float64)

    @computed_once
    def link(self) -> Int32Array:
        """Link of each arc."""
        return np.asarray(self.weights.arcs.forward_link[self.position].view(np.int32))

    @computed_once
    def _cut(self) -> CutOut:
        arcs, number = self.weights.arcs, self.number.copy()
        cut: CutOut = cut_out(
            self.weights.forward, arcs.layout.forward.arc, arcs.link, arcs.along, number,
            self.position,
        )  # fmt: skip
        return cut

    @computed_once
    def arcs(self) -> Arcs:
        """The arcs, with nodes renumbered so that near nodes have near numbers."""
        cut = self._cut
        return Arcs(start=cut.start, tail=cut.tail, head=cut.head, link=cut.link, along=cut.along,
                    reorder=False)  # fmt: skip

    @computed_once
    def node(self) -> Int32Array:
        """Number of each node in all layers of the network."""
        return np.asarray(self.weights.arcs.layout.nodes(self._cut.place))

    @computed_once
    def network_nodes(self) -> Int32Array:
        """Node of the network for each node, of any layer."""
        return self.weights.arcs.network_nodes(self.node)

    @property
    def arc(self) -> Int32Array:
        """Number of each arc in all layers of the network."""
        return np.asarray(self._cut.arc)

    def network_arcs(self, numbers: Int32Array | Int64Array) -> Int32Array:
        """Arcs of the network for some arcs, of any layer."""
        return self.weights.arcs.network_arcs(self.arc[numbers])

    @property
    def cost(self) -> Float64Array:
        """Cost of each arc."""
        return np.asarray(self._cut.cost)

    @computed_once
    def to_go(self) -> Float32Array:
        """Least cost to a destination, per node, the cost of ending there included."""
        return np.asarray(self.inbound.label[self._cut.place])

    @computed_once
    def origin_nodes(self) -> Int32Array:
        """Origins in the new numbering."""
        return self._inside(self.origins).numbers

    @computed_once
    def destination_nodes(self) -> Int32Array:
        """Destinations in the new numbering."""
        return self._inside(self.destinations).numbers

    @computed_once
    def ending_costs(self) -> Float32Array:
        """Cost of ending at each of these."""
        return self.ending[self._inside(self.destinations).inside]

    def _inside(self, nodes: Int32Array) -> _InBand:
        numbers = self._cut.number[self.weights.arcs.layout.places(nodes)]
        inside = numbers != NO_ARC
        return _InBand(numbers[inside].astype(np.int32), inside)


def to_destinations(
    arcs: Arcs,
    cost: npt.ArrayLike | ArcWeights,
    destinations: npt.ArrayLike,
    entry: npt.ArrayLike,
    *,
    targets: Targets | SharedFrontier | None = None,
) -> Tree:
    """Least cost from every node to a destination, the cost of ending there included.

    Parameters
    ----------
    targets
        Origins, from `origin_targets`: the tree leaves out nodes that no path within the slack from
        any origin passes. When a tree from the origins grows at the same time, the frontier that
        both share.
    """
    return grow_tree(arcs, cost, destinations, entry=entry, reverse=True, targets=targets)


def origin_targets(
    origins: list[npt.ArrayLike], *, slack: float, entry: npt.ArrayLike = 0.0
) -> Targets:
    """Origins that a tree to the destinations has to reach, and how far it grows beyond each."""
    return Targets.of(origins, stretch=(1 + slack) * _BEYOND, entry=entry)


def find_band(
    arcs: Arcs,
    cost: npt.ArrayLike | ArcWeights,
    ends: Ends,
    *,
    slack: float,
    inbound: Tree,
    out: Tree | None = None,
    hours_above_best: float = np.inf,
    threads: int = 1,
) -> Band:
    """Arcs within a relative slack of the best path between origins and destinations.

    Parameters
    ----------
    ends
        Origins and destinations; the cost of ending at each destination is taken from `inbound`.
    inbound
        Tree to the destinations, from `to_destinations`.
    out
        Tree from the origins up to the slack; by default grown here, guided by `inbound`.
    hours_above_best
        Arcs dearer than the best path by more than this are left out, even within the slack.
    threads
        1, or 2 to process both halves of the arcs at the same time.

    Raises
    ------
    InputError
        When the slack is out of range, or an origin is a destination.
    NoPathError
        When no destination can be reached.
    """
    check_slack(slack)
    origins, destinations = _places_apart(arcs, ends)
    if inbound.layout is not arcs.layout:
        raise InputError("inbound", inbound.layout.n, "Give a tree over the same arcs.")
    weights = cost if isinstance(cost, ArcWeights) else lay_out_costs(arcs, cost)
    late = cost_array("entry", ends.entry, len(origins), most=ANY)
    tolls = cost_array("ending", ends.ending, len(destinations), most=ANY)
    best = require_path(_best(inbound, origins, late), origins[:3].tolist())
    spare = weights.margin(best * (1 + slack))
    margin = min(spare, apart_by(TIMES * _length(weights, inbound, origins, late) + MORE))
    limit = min(best * (1 + slack), best + hours_above_best) * (1 + margin)
    if out is None:
        if inbound.within < limit * (1 + spare):
            nodes = arcs.layout.nodes(inbound.sources)
            inbound = grow_tree(arcs, weights, nodes, entry=inbound.entry, reverse=True)
        out = grow_tree(
            arcs, weights, origins, entry=late, limit=limit * (1 + spare), to_go=inbound
        )
    position, total, number = _inside(weights, out, inbound, limit, threads)
    return Band(
        weights=weights, position=position, total=total, number=number, origins=origins,
        destinations=destinations, ending=tolls, inbound=inbound, best=best, stretch=1 + slack,
        margin=margin, limit=limit,
    )  # fmt: skip


def _places_apart(arcs: Arcs, ends: Ends) -> tuple[Int32Array, Int32Array]:
    """Origins and destinations; a node that is both is refused."""
    origins = node_array("from", ends.origins, arcs.n)
    destinations = node_array("to", ends.destinations, arcs.n)
    require_apart(origins, destinations)
    return origins, destinations


def _best(inbound: Tree, origins: Int32Array, entry: Float32Array) -> float:
    """Least cost from the origins, infinite when no origin leads to a destination."""
    costs = inbound.label[inbound.layout.places(origins)] + entry
    return float(costs.min(initial=np.float32(np.inf)))


def _length(weights: ArcWeights, inbound: Tree, origins: Int32Array, entry: Float32Array) -> int:
    """Fewest arcs of a best path, whichever of several best paths the tree took."""
    places, stops = inbound.layout.places(origins), Roots(inbound.sources, inbound.entry)
    first = places[int((inbound.label[places] + entry).argmin())]
    return int(fewest_arcs(weights.forward, inbound.label, first, stops))


def find_corridor(
    arcs: Arcs,
    cost: npt.ArrayLike | ArcWeights,
    ends: Ends,
    *,
    slack: float,
    hours_above_best: float = np.inf,
    threads: int = 1,
) -> Band:
    """Both trees of one corridor, and its band.

    Two threads grow both trees at once, each guided by the labels that the other has set so far;
    one thread grows them in turn, the second guided by the first. The band is the same. When two
    threads found no path, or a path so dear that the trees may have missed arcs of it, the work is
    repeated with one thread.

    Parameters
    ----------
    hours_above_best
        As in `find_band`, which would give the same band.

    Raises
    ------
    InputError
        When the slack is out of range, or an origin is a destination.
    NoPathError
        When no destination can be reached.
    """
    check_slack(slack)
    weights = cost if isinstance(cost, ArcWeights) else lay_out_costs(arcs, cost)
    bounds: dict[str, Any] = {
        "slack": slack, "hours_above_best": hours_above_best, "threads": threads,
    }  # fmt: skip
    if threads > 1:
        inbound, out = _met(arcs, weights, ends, slack)
        best = _best(inbound, out.layout.nodes(out.sources), out.entry)
        if np.isfinite(best) and weights.margin(best * (1 + slack)) <= FIRST:
            return find_band(arcs, weights, ends, inbound=inbound, out=out, **bounds)
    targets = origin_targets([ends.origins], slack=slack, entry=ends.entry)
    inbound = to_destinations(arcs, weights, ends.destinations, ends.ending, targets=targets)
    return find_band(arcs, weights, ends, inbound=inbound, **bounds)


def _met(arcs: Arcs, weights: ArcWeights, ends: Ends, slack: float) -> tuple[Tree, Tree]:
    """The tree to the destinations and the tree from the origins, grown towards each other."""
    last = origin_targets([ends.destinations], slack=slack, entry=ends.ending)
    first = origin_targets([ends.origins], slack=slack, entry=ends.entry)
    meeting = SharedFrontier.on(arcs, targets=(last, first))
    with ThreadPoolExecutor(1) as other:
        growing = other.submit(
            grow_tree, arcs, weights, ends.origins, entry=ends.entry, targets=meeting
        )
        inbound = to_destinations(arcs, weights, ends.destinations, ends.ending, targets=meeting)
        return inbound, growing.result()


def _inside(
    weights: ArcWeights, out: Tree, inbound: Tree, limit: float, threads: int
) -> tuple[UInt32Array, Float32Array, UInt32Array]:
    """Positions and totals of the arcs within a limit; marks the nodes within it."""
    n, packed = out.layout.n, weights.forward
    trees = BothTrees(out.label, inbound.label, inbound.via, out.layout.backward.start)
    number = np.full(n, NO_ARC)
    order = np.lexsort((inbound.entry, inbound.sources))
    stops = Roots(inbound.sources[order], inbound.entry[order])

    top = _rounded_down(limit)

    def look(first: int, last: int) -> tuple[UInt32Array, Float32Array]:
        position, total = arcs_within(packed, trees, stops, number, top, first, last)
        return position, total

    if threads < 2:
        return *look(0, n), number
    with ThreadPoolExecutor(1) as other:
        second = other.submit(look, n // 2, n)
        halves = zip(look(0, n // 2), second.result(), strict=True)
        position, total = (np.concatenate(both) for both in halves)
        return position, total, number


def _rounded_down(limit: float) -> np.float32:
    """A limit rounded down to single precision: near zero, the nearest number may be far above."""
    top = np.float32(limit)
    return np.nextafter(top, np.float32(0)) if float(top) > limit else top
