"""Families of near-optimal paths with the same gateway sequence, in order of cost.

The search is best-first over sequences: a sequence is extended by one tree within the band that
passes no further gateway, and waits in a queue that is ordered by the cost of the best completion.
Sequences therefore come out in order of their least cost. When the search is cut off, only the
families that cost no more than the least bound still in the queue are proven cheapest; the search
returns no others. The compiled work is in `routes.corridors.families.family_search`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from geodata.arrays import Float32Array, Float64Array, Int32Array
from geodata.computing.tasks import Check, unhindered
from routes.corridors.families.family_search import (
    GatewayArcs,
    OpenSequences,
    SearchArrays,
    SequenceTrees,
    advance,
    entries,
    paths,
)
from routes.search.arcs import ArcWeights, lay_out_costs
from routes.search.band import Band

_AT_A_TIME = 500_000
"""Labels set between two checks: a few milliseconds."""
_ROOM = 16_000_000
"""Number of labels allocated at first; pages of them that are never written take no memory."""
MOST_LABELS = 50_000_000
"""Labels set before the list of families is cut, eight bytes each: 400 MB."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The part of a family's paths between two of its gateways.

    Parameters
    ----------
    nodes, labels
        Nodes where the stage begins, and the least cost up to each.
    via
        Arc of the band that leads to each of these nodes, -1 at the origin.
    reached
        Least cost up to each node of the band, infinite for nodes that are not reached.
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
        The search that returned this family, and the number of the family's last stage in that
        search.
    """

    gateways: tuple[int, ...]
    cost: float
    path: Int32Array
    leaf: tuple[FamilySearch, int]

    @property
    def within(self) -> ArcWeights:
        """Costs of the band's arcs with gateways closed."""
        search, _ = self.leaf
        return search.within

    @property
    def stages(self) -> list[Stage]:
        """Stages of the family, first to last."""
        search, last = self.leaf
        return [search.stage(number) for number in search.chain(last)]


@dataclass(frozen=True, kw_only=True)
class SearchLimits:
    """Limits on the families to search for and on the length of the search.

    Parameters
    ----------
    most
        Largest number of stages to grow; fewer are grown when the band is so large that they would
        set more than `MOST_LABELS` labels.
    dearest
        The search leaves out families dearer than this.
    returning
        Whether a path may return by land to a country that it left by land, and pass one gateway
        twice, as a path over a spit of land does.
    check
        Function called every few milliseconds; an exception that it raises ends the search.
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
        Families that are proven cheapest: no other family costs less. May be empty.
    cut
        Whether the search was cut off, so that other families, as dear or dearer, may exist.
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


def find_families(band: Band, gates: GatewayArcs, limits: SearchLimits) -> Families:
    """Families in order of cost."""
    search = FamilySearch(band, gates, limit=min(band.limit, limits.dearest))
    most = min(limits.most, MOST_LABELS // max(band.arcs.n, 1) + 1)
    while search.waiting and search.grown < most:
        limits.check()
        search.advance(most - search.grown, returning=limits.returning)
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
        """Grow a few more stages, at most `most`."""
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
        """Families found so far that are proven cheapest."""
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
        """Cost up to which all families are known.

        A bound and the cost of a family that attains it are sums of the same costs in different
        orders. A family as dear as a bound to the last digits is therefore not proven.
        """
        bounds = self.stages.bound[: self.opened][self.stages.row[: self.opened] < 0]
        return float(bounds.min() * (1 - self._margin)) if len(bounds) else np.inf

    def chain(self, number: int) -> list[int]:
        """Numbers of a stage and of the stages before it, first to last."""
        numbers = [number]
        while (number := int(self.stages.before[number])) >= 0:
            numbers.append(number)
        return numbers[::-1]

    def _sequence(self, number: int) -> tuple[int, ...]:
        gateway, group = self.gates.gateway, self.stages.group
        return tuple(int(gateway[group[each]]) for each in self.chain(number)[1:])

    def stage(self, number: int) -> Stage:
        """A grown stage by its number."""
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
    """A copy of the arrays with at least twice the rows."""
    if rows <= len(array):
        return array
    wider = np.empty((2 * rows, *array.shape[1:]), array.dtype)
    wider[: len(array)] = array
    return wider
