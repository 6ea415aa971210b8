"""Families of near-optimal paths with the same gateway sequence, in order of cost.

The search is best-first over sequences: a sequence begun is grown by one tree within the
band that passes no further gateway, and waits in a queue under the cost of its best
completion. Sequences therefore come out in order of their least cost, and the list is exact
up to where it is cut.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from routes.band import Band
from routes.search import Tree, Weights, prepare, tree

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]


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
    def arcs(self) -> npt.NDArray[np.intp]:
        """Arcs that are a gateway."""
        return np.flatnonzero(self.gateway >= 0)


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
    """

    gateways: tuple[int, ...]
    nodes: Ints
    labels: Floats
    via: Ints
    left: frozenset[int]
    before: Stage | None
    reached: Tree | None = field(default=None)


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
        stage.reached = tree(
            band.arcs, within, stage.nodes, entry=stage.labels, limit=limit, to_go=band.to_go
        )
        ends = band.destination_nodes
        arrived = stage.reached.cost[ends] + band.to_go[ends]
        if np.isfinite(arrived).any():
            end = int(ends[arrived.argmin()])
            families.append(
                Family(gateways=stage.gateways, cost=float(arrived.min()),
                       path=_path(band, stage, end), last=stage, within=within)
            )  # fmt: skip
        for bound, following in _onward(band, gates, stage, limit, returning=terms.returning):
            heapq.heappush(queue, (bound, next(tickets), following))
    return sorted(families, key=lambda family: (family.cost, family.gateways))


def _onward(
    band: Band, gates: Gates, stage: Stage, limit: float, *, returning: bool
) -> list[tuple[float, Stage]]:
    """Stages that follow this one, each with the cost of its best completion."""
    assert stage.reached is not None
    labels = stage.reached.cost[band.arcs.tail[gates.arcs]] + band.cost[gates.arcs]
    bounds = labels + band.to_go[band.arcs.head[gates.arcs]]
    within = bounds <= limit
    open_arcs, labels, bounds = gates.arcs[within], labels[within], bounds[within]
    if not len(open_arcs):
        return []
    key = gates.gateway[open_arcs].astype(np.int64) * 64 + gates.enters[open_arcs] + 1
    order = np.lexsort((labels, key))
    result = []
    for rows in np.split(order, np.flatnonzero(np.diff(key[order])) + 1):
        group = open_arcs[rows]
        gateway = int(gates.gateway[group[0]])
        leaves, enters = int(gates.leaves[group[0]]), int(gates.enters[group[0]])
        again = stage.gateways.count(gateway) > int(returning)
        if again or (enters in stage.left and enters >= 0 and leaves >= 0):
            continue
        by_land = leaves >= 0 and enters >= 0 and not returning
        left = stage.left | {leaves} if by_land else stage.left
        following = Stage(
            gateways=(*stage.gateways, gateway), nodes=band.arcs.head[group],
            labels=labels[rows], via=group.astype(np.int32), left=left, before=stage,
        )  # fmt: skip
        result.append((float(bounds[rows].min()), following))
    return result


def _path(band: Band, last: Stage, node: int) -> Ints:
    """Arcs of the least-cost path of a stage to a node, from the origin on."""
    pieces: list[Ints] = []
    stage: Stage | None = last
    while stage is not None:
        assert stage.reached is not None
        piece, node = _back(stage.reached.arc, band.arcs.tail, node)
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
    while arc[at] >= 0:
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
