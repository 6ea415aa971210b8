"""Families of near-optimal paths with the same gateway sequence, in order of cost.

The search is best-first over sequences: a sequence begun is grown by one tree within the
band that passes no further gateway, and waits under the cost of its best completion.
Sequences therefore come out in order of their least cost. Where the search is cut off, only those
families are sure that cost no more than the least bound that still waits; it tells of no others.
The compiled work is in `routes.corridors.family_search`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from geodata.arrays import Float32Array, Float64Array, Int32Array
from geodata.computing.tasks import Check, unhindered
from routes.corridors.family_search import (
    GatewayArcs,
    OpenSequences,
    SearchArrays,
    SequenceTrees,
    advance,
    entries,
    paths,
)
from routes.search.arcs import Weights, lay_out_costs
from routes.search.band import Band

_AT_A_TIME = 500_000
"""Labels set between two checks: a few milliseconds."""
_ROOM = 16_000_000
"""Labels there is room for at first; what is not used is never touched and takes no memory."""
MOST_LABELS = 50_000_000
"""Labels set before the list of families is cut, eight bytes each: 400 MB."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What a family does between two of its gateways.

    Parameters
    ----------
    nodes, labels
        Where it begins, and the least cost up to there.
    via
        Arc of the band by which each beginning is reached, -1 at the origin.
    reached
        Least cost of each node of the band, infinite where it is not reached.
    """

    nodes: Int32Array
    labels: Float64Array
    via: Int32Array
    reached: Float32Array


@dataclass(frozen=True, kw_only=True)
class Family:
    """Paths with one gateway sequence.

    Parameters
    ----------
    gateways
        Gateways in order of passing.
    cost
        Least generalised cost.
    path
        Arcs of the band on the least-cost path.
    leaf
        The search that found it, and there the number of its last stage.
    """

    gateways: tuple[int, ...]
    cost: float
    path: Int32Array
    leaf: tuple[FamilySearch, int]

    @property
    def within(self) -> Weights:
        """Costs of the band's arcs with gateways closed."""
        return self.leaf[0].within

    @property
    def stages(self) -> list[Stage]:
        """Its stages, first to last."""
        search, last = self.leaf
        return [search.stage(number) for number in search.chain(last)]


@dataclass(frozen=True, kw_only=True)
class SearchLimits:
    """Which families are sought, and for how long.

    Parameters
    ----------
    most
        How many stages may be grown; fewer where the band is so large that they would set more
        than `MOST_LABELS`.
    dearest
        Families dearer than this are not sought.
    returning
        Whether a path may come back by land to a country that it left by land, and pass a
        gateway twice, as over a spit of land.
    check
        Called every few milliseconds; what it raises ends the search.
    """

    most: int
    dearest: float
    returning: bool = False
    check: Check = unhindered


@dataclass(frozen=True, kw_only=True)
class Families(Sequence[Family]):
    """Families in order of cost.

    Parameters
    ----------
    sure
        The families that are proven cheapest: none that was not found costs less. May be empty.
    cut
        Whether the search was cut off, so that there may be others, as dear or dearer.
    """

    sure: tuple[Family, ...]
    cut: bool

    @overload
    def __getitem__(self, place: int) -> Family: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[Family, ...]: ...

    def __getitem__(self, place: int | slice) -> Family | tuple[Family, ...]:
        return self.sure[place]

    def __len__(self) -> int:
        return len(self.sure)


def find_families(band: Band, gates: GatewayArcs, terms: SearchLimits) -> Families:
    """Families in order of cost."""
    search = FamilySearch(band, gates, limit=min(band.limit, terms.dearest))
    most = min(terms.most, MOST_LABELS // max(band.arcs.n, 1) + 1)
    while search.waiting and search.grown < most:
        terms.check()
        search.advance(most - search.grown, returning=terms.returning)
    return search.families()


class FamilySearch:
    """A search for families.

    Parameters
    ----------
    limit
        Families dearer than this are not sought.
    """

    def __init__(self, band: Band, gates: GatewayArcs, *, limit: float) -> None:
        self.gates = gates
        self.opened, self.grown, self.waiting = 1, 0, True
        self._margin = band.margin
        shut = band.cost.copy()
        shut[gates.arc] = np.inf
        self.within = lay_out_costs(band.arcs, shut)
        arcs, back = band.arcs, band.arcs.layout.backward
        self.ground = SearchArrays(
            arcs=self.within.forward,
            delta=self.within.delta, tail=arcs.tail, head=arcs.head, cost=band.cost,
            into=back.start, back=back.at_positions(np.arange(len(arcs.head), dtype=np.uint32)),
            to_go=band.to_go, origins=band.origin_nodes, ends=band.destination_nodes,
            ending=band.ending_costs, limit=limit,
        )  # fmt: skip
        none = np.full(1, -1, np.int32)
        self.stages = OpenSequences(
            none, none.copy(), none.copy(), np.array([band.best]), none.copy()
        )
        self._turns = max(_AT_A_TIME // max(arcs.n, 1), 1)
        rows = _ROOM // max(arcs.n, 1)
        self.trees = SequenceTrees(
            stage=np.empty(rows, np.int32), end=np.empty(rows, np.int32), cost=np.empty(rows),
            label=np.empty((rows, arcs.n), np.float32), via=np.empty((rows, arcs.n), np.uint32),
        )  # fmt: skip

    def advance(self, most: int, *, returning: bool) -> None:
        """Grow a few stages, and no more than `most`."""
        turns = min(self._turns, most)
        groups = len(self.gates.gateway)
        self.stages = OpenSequences(
            *(_roomy(each, self.opened + turns * groups) for each in self.stages)
        )
        self.trees = SequenceTrees(*(_roomy(each, self.grown + turns) for each in self.trees))
        self.opened, self.grown, self.waiting = advance(
            self.ground, self.gates, self.stages, self.trees, self.opened, self.grown, turns,
            returning,
        )  # fmt: skip

    def families(self) -> Families:
        """Those found so far than which no other is cheaper."""
        cost, end = self.trees.cost[: self.grown], self.trees.end[: self.grown]
        arrived = np.flatnonzero((end >= 0) & (cost <= self._proven())).astype(np.int32)
        if not len(arrived):
            return Families(sure=(), cut=bool(self.waiting))
        along, ends = paths(self.ground, self.gates, self.stages, self.trees, arrived)
        columns = (self.trees.cost[arrived], self.trees.stage[arrived])
        families_in_order = [
            Family(gateways=self._sequence(number), cost=cost, path=path, leaf=(self, number))
            for path, cost, number in zip(
                np.split(along, ends[:-1]), *(each.tolist() for each in columns), strict=True
            )
        ]
        families_in_order.sort(key=lambda family: (family.cost, family.gateways))
        return Families(sure=tuple(families_in_order), cut=bool(self.waiting))

    def _proven(self) -> float:
        """Cost up to which all families are found.

        A bound and the cost of a family that attains it are sums of the same costs in another
        order, so that what is as dear as a bound to the last digits is not sure.
        """
        bounds = self.stages.bound[: self.opened][self.stages.row[: self.opened] < 0]
        return float(bounds.min() * (1 - self._margin)) if len(bounds) else np.inf

    def chain(self, number: int) -> list[int]:
        """A stage and those before it, the first one first."""
        numbers = [number]
        while (number := int(self.stages.before[number])) >= 0:
            numbers.append(number)
        return numbers[::-1]

    def _sequence(self, number: int) -> tuple[int, ...]:
        gateway, group = self.gates.gateway, self.stages.group
        return tuple(int(gateway[group[each]]) for each in self.chain(number)[1:])

    def stage(self, number: int) -> Stage:
        """A stage that is grown."""
        reached = self.trees.label[self.stages.row[number]]
        before = int(self.stages.before[number])
        if before < 0:
            nodes = self.ground.origins
            via = np.full(len(nodes), -1, np.int32)
            return Stage(nodes=nodes, labels=np.zeros(len(nodes)), via=via, reached=reached)
        via, labels = entries(
            self.ground, self.gates, self.stages.group[number],
            self.trees.label[self.stages.row[before]],
        )  # fmt: skip
        return Stage(nodes=self.ground.head[via], labels=labels, via=via, reached=reached)


def _roomy(array: npt.NDArray[Any], rows: int) -> npt.NDArray[Any]:
    """The same with room for more rows, and for as many again."""
    if rows <= len(array):
        return array
    wider = np.empty((2 * rows, *array.shape[1:]), array.dtype)
    wider[: len(array)] = array
    return wider
