"""Families of near-optimal paths with the same gateway sequence, in order of cost.

The search is best-first over sequences: a sequence begun is grown by one tree within the
band that passes no further gateway, and waits under the cost of its best completion.
Sequences therefore come out in order of their least cost, and the list is exact up to where
it is cut. The compiled work is in `routes.stages`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from routes.band import Band
from routes.search import Weights, prepare
from routes.stages import Gates, Ground, Stages, Trees, advance, entries, paths

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Naturals = npt.NDArray[np.uint32]
Singles = npt.NDArray[np.float32]

_AT_A_TIME = 500_000
"""Labels set between two checks: a few milliseconds."""
_ROOM = 16_000_000
"""Labels there is room for at first; what is not used is never touched and takes no memory."""


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

    nodes: Ints
    labels: Floats
    via: Ints
    reached: Singles


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
    found
        The search that found it, and there the number of its last stage.
    """

    gateways: tuple[int, ...]
    cost: float
    path: Ints
    found: tuple[Search, int]

    @property
    def within(self) -> Weights:
        """Costs of the band's arcs with gateways closed."""
        return self.found[0].within

    @property
    def stages(self) -> list[Stage]:
        """Its stages, first to last."""
        search, last = self.found
        return [search.stage(number) for number in search.chain(last)]


Check = Callable[[], None]


def unhindered() -> None:
    """A check that lets the work go on."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Which families are sought, and for how long.

    Parameters
    ----------
    most
        How many stages may be grown.
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


def find_families(band: Band, gates: Gates, terms: Terms) -> list[Family]:
    """Families in order of cost."""
    search = Search(band, gates, limit=min(band.limit, terms.dearest))
    while search.waiting and search.grown < terms.most:
        terms.check()
        search.advance(terms.most - search.grown, returning=terms.returning)
    return search.families()


class Search:
    """A search for families.

    Parameters
    ----------
    limit
        Families dearer than this are not sought.
    """

    def __init__(self, band: Band, gates: Gates, *, limit: float) -> None:
        self.gates = gates
        self.opened, self.grown, self.waiting = 1, 0, True
        shut = band.cost.copy()
        shut[gates.arc] = np.inf
        self.within = prepare(band.arcs, shut)
        packed, arcs = self.within.forward, band.arcs
        self.ground = Ground(
            start=arcs.start.view(np.uint32), packed=packed, value=packed.view(np.float32),
            delta=self.within.delta, tail=arcs.tail, head=arcs.head, cost=band.cost,
            to_go=band.to_go, origins=band.origin_nodes, ends=band.destination_nodes, limit=limit,
        )  # fmt: skip
        none = np.full(1, -1, np.int32)
        self.stages = Stages(none, none.copy(), none.copy(), np.array([band.best]), none.copy())
        self._turns = max(_AT_A_TIME // max(arcs.n, 1), 1)
        rows = _ROOM // max(arcs.n, 1)
        self.trees = Trees(
            stage=np.empty(rows, np.int32), end=np.empty(rows, np.int32), cost=np.empty(rows),
            label=np.empty((rows, arcs.n), np.float32), via=np.empty((rows, arcs.n), np.uint32),
        )  # fmt: skip

    def advance(self, most: int, *, returning: bool) -> None:
        """Grow a few stages, and no more than `most`."""
        turns = min(self._turns, most)
        groups = len(self.gates.gateway)
        self.stages = Stages(*(_roomy(each, self.opened + turns * groups) for each in self.stages))
        self.trees = Trees(*(_roomy(each, self.grown + turns) for each in self.trees))
        self.opened, self.grown, self.waiting = advance(
            self.ground, self.gates, self.stages, self.trees, self.opened, self.grown, turns,
            returning,
        )  # fmt: skip

    def families(self) -> list[Family]:
        """Families found so far, in order of cost."""
        arrived = np.flatnonzero(self.trees.end[: self.grown] >= 0).astype(np.int32)
        if not len(arrived):
            return []
        along, ends = paths(self.ground, self.gates, self.stages, self.trees, arrived)
        told = (self.trees.cost[arrived], self.trees.stage[arrived])
        found = [
            Family(gateways=self._sequence(number), cost=cost, path=path, found=(self, number))
            for path, cost, number in zip(
                np.split(along, ends[:-1]), *(each.tolist() for each in told), strict=True
            )
        ]
        return sorted(found, key=lambda family: (family.cost, family.gateways))

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
