"""Families of near-optimal paths with the same gateway sequence, in order of cost.

The search is best-first over sequences: a sequence begun is grown by one tree within the
band that passes no further gateway, and waits in a queue under the cost of its best
completion. Sequences therefore come out in order of their least cost, and the list is exact
up to where it is cut.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from routes.band import Band
from routes.buckets import NO_ARC, grow
from routes.search import Weights, prepare

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Naturals = npt.NDArray[np.uint32]
Singles = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Gates:
    """What the arcs of a band are to a traveller.

    Parameters
    ----------
    gateway
        Gateway of each arc, -1 where there is none.
    leaves, enters
        Country left and entered by each gateway arc, -1 for the sea.
    """

    gateway: Ints
    leaves: Ints
    enters: Ints

    @cached_property
    def arcs(self) -> Ints:
        """Arcs that are a gateway, those of one gateway into one country together."""
        found = np.flatnonzero(self.gateway >= 0)
        order = np.lexsort((self.enters[found], self.gateway[found]))
        return np.asarray(found[order], np.int32)

    @cached_property
    def group(self) -> Ints:
        """Number of the gateway and country entered of each of `arcs`, from 0 up."""
        both = np.stack([self.gateway[self.arcs], self.enters[self.arcs]])
        changes = np.any(np.diff(both, axis=1) != 0, axis=0)
        return np.concatenate([[0], np.cumsum(changes)]).astype(np.int32)[: len(self.arcs)]


@dataclass(kw_only=True)
class Stage:
    """A sequence of gateways passed, and what can be reached after the last of them.

    Parameters
    ----------
    nodes, labels
        Where this stage begins, and the least cost up to there.
    via
        Arc of the band by which each beginning is reached, -1 at the origin.
    left
        Countries left by land: a path does not come back to them by land.
    reached, arc
        Once grown: least cost of each node of the band, infinite where it is not reached, and
        the arc by which it is, `NO_ARC` for none.
    """

    gateways: tuple[int, ...]
    nodes: Ints
    labels: Floats
    via: Ints
    left: frozenset[int]
    before: Stage | None
    reached: Singles = field(default_factory=lambda: np.zeros(0, np.float32))
    arc: Naturals = field(default_factory=lambda: np.zeros(0, np.uint32))


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
    last
        The last stage, which knows those before it.
    within
        Costs of the band's arcs with gateways closed.
    """

    gateways: tuple[int, ...]
    cost: float
    path: Ints
    last: Stage
    within: Weights


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
        Called before each stage; what it raises ends the search.
    """

    most: int
    dearest: float
    returning: bool = False
    check: Check = unhindered


def find_families(band: Band, gates: Gates, terms: Terms) -> list[Family]:
    """Families in order of cost."""
    within = prepare(band.arcs, np.where(gates.gateway < 0, band.cost, np.inf))
    first = Stage(
        gateways=(), nodes=band.origin_nodes, labels=np.zeros(len(band.origin_nodes)),
        via=np.full(len(band.origin_nodes), -1, np.int32), left=frozenset(), before=None,
    )  # fmt: skip
    tickets = count()
    queue: list[tuple[float, int, Stage]] = [(band.best, next(tickets), first)]
    families: list[Family] = []
    limit = min(band.limit, terms.dearest)
    grown = 0
    while queue and grown < terms.most:
        terms.check()
        _, _, stage = heapq.heappop(queue)
        grown += 1
        end, cost, onward = _grow_stage(band, gates, within, stage, limit)
        if end >= 0:
            path = _path(band, stage, end)
            families.append(
                Family(gateways=stage.gateways, cost=cost, path=path, last=stage, within=within)
            )
        for bound, following in _onward(band, gates, stage, onward, returning=terms.returning):
            heapq.heappush(queue, (bound, next(tickets), following))
    return sorted(families, key=lambda family: (family.cost, family.gateways))


def _grow_stage(
    band: Band, gates: Gates, within: Weights, stage: Stage, limit: float
) -> tuple[int, float, tuple[Any, ...]]:
    """Grow a stage: the destination reached at least cost, -1 for none, and the ways onward."""
    arcs, packed = band.arcs, within.forward
    stage.reached, stage.arc, end, cost, *onward = _stage(
        arcs.start.view(np.uint32), packed, packed.view(np.float32), within.delta,
        stage.nodes.view(np.uint32), stage.labels.astype(np.float32), limit, band.to_go,
        band.destination_nodes, arcs.tail, arcs.head, band.cost, gates.arcs, gates.group,
    )  # fmt: skip
    return end, cost, tuple(onward)


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _stage(
    start: Any, packed: Any, value: Any, delta: Any, nodes: Any, labels: Any, limit: Any,
    to_go: Any, ends: Any, tail: Any, head: Any, cost: Any, gate: Any, group: Any,
) -> Any:  # fmt: skip
    """The tree of a stage, where it arrives, and the gateway arcs that lead on in time.

    Returns
    -------
    label, via: the tree.
    end, least: destination reached at least cost, and that.
    arcs, costs: gateway arcs from which a destination is reached within the limit, in order of
    their group and cost, and the least cost up to their heads.
    first, bound: per group, where it begins among `arcs`, and the cost of its best completion.
    """
    label = np.full(len(start) - 1, np.float32(np.inf))
    via = grow(start, packed, value, nodes, labels, delta, np.float32(limit), to_go, None, None,
               None, 0, np.float32(1.0), label, None, None, 0)  # fmt: skip
    end, least = -1, np.inf
    for node in ends:
        if label[node] + to_go[node] < least:
            end, least = node, np.float64(label[node] + to_go[node])
    arcs, costs = np.empty(len(gate), np.int32), np.empty(len(gate), np.float64)
    first, bound = np.empty(len(gate) + 1, np.int32), np.empty(len(gate), np.float64)
    kept, groups, last = 0, 0, -1
    for k in range(len(gate)):
        a = gate[k]
        here = np.float64(label[tail[a]]) + cost[a]
        if not here + to_go[head[a]] <= limit:
            continue
        if group[k] != last:
            first[groups], bound[groups], last = kept, np.inf, group[k]
            groups += 1
        bound[groups - 1] = min(bound[groups - 1], here + to_go[head[a]])
        at = kept
        while at > first[groups - 1] and costs[at - 1] > here:
            arcs[at], costs[at] = arcs[at - 1], costs[at - 1]
            at -= 1
        arcs[at], costs[at] = a, here
        kept += 1
    first[groups] = kept
    return (label, via, end, least, arcs[:kept], costs[:kept], first[: groups + 1],
            bound[:groups])  # fmt: skip


def _onward(
    band: Band, gates: Gates, stage: Stage, onward: tuple[Any, ...], *, returning: bool
) -> list[tuple[float, Stage]]:
    """Stages that follow this one, each with the cost of its best completion."""
    arcs, costs, first, bounds = onward
    leading = arcs[first[:-1]]
    passed = (gates.gateway[leading], gates.leaves[leading], gates.enters[leading])
    between = itertools.pairwise(first.tolist())
    result = []
    for (begin, end), bound, gateway, leaves, enters in zip(
        between, bounds.tolist(), *(column.tolist() for column in passed), strict=True
    ):
        again = stage.gateways.count(gateway) > int(returning)
        if again or (enters in stage.left and enters >= 0 and leaves >= 0):
            continue
        by_land = leaves >= 0 and enters >= 0 and not returning
        group = arcs[begin:end]
        following = Stage(
            gateways=(*stage.gateways, gateway), nodes=band.arcs.head[group],
            labels=costs[begin:end], via=group,
            left=stage.left | {leaves} if by_land else stage.left, before=stage,
        )  # fmt: skip
        result.append((bound, following))
    return result


def _path(band: Band, last: Stage, node: int) -> Ints:
    """Arcs of the least-cost path of a stage to a node, from the origin on."""
    pieces: list[Ints] = []
    stage: Stage | None = last
    while stage is not None:
        piece, node = _back(stage.arc, band.arcs.tail, node)
        pieces.append(piece)
        at = np.flatnonzero(stage.nodes == node)
        via = int(stage.via[at[stage.labels[at].argmin()]])
        if via >= 0:
            pieces.append(np.array([via], np.int32))
            node = int(band.arcs.tail[via])
        stage = stage.before
    return np.concatenate(pieces[::-1])


@numba.njit(cache=True, nogil=True)
def _back(arc: Any, tail: Any, node: int) -> Any:
    """Arcs of a tree up to a node in the direction of travel, and the node they come from."""
    steps, at = 0, node
    while arc[at] != NO_ARC:
        steps, at = steps + 1, tail[arc[at]]
    path = np.empty(steps, np.int32)
    while steps:
        steps -= 1
        path[steps] = arc[node]
        node = tail[arc[node]]
    return path, node


def path_size(cells: list[npt.NDArray[np.int64]], weights: Floats) -> Floats:
    """Path-size factors: one for a path apart from all others, less where it is shared.

    Parameters
    ----------
    cells
        Cells that each path passes, one entry an equal length of way.
    weights
        Weight of each path; a cell is shared in proportion to them.

    References
    ----------
    Ben-Akiva and Bierlaire 1999, Discrete choice methods and their applications to short
    term travel decisions; here the shared unit is a cell, because paths on a mesh run
    side by side without sharing a link.
    """
    numbers, place = np.unique(np.concatenate(cells), return_inverse=True)
    owner = np.repeat(np.arange(len(cells)), [len(c) for c in cells])
    pairs = np.unique(owner * len(numbers) + place)
    users = np.bincount(pairs % len(numbers), weights[pairs // len(numbers)], len(numbers))
    share = weights[owner] / users[place]
    lengths = np.bincount(owner, minlength=len(cells))
    return np.asarray(np.bincount(owner, share, len(cells)) / np.maximum(lengths, 1))
