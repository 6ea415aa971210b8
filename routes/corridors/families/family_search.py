"""The search for families: best first over sequences of gateways, one tree a stage, compiled.

A stage is the part of a path between two gateways. One tree within the band that passes no further
gateway grows it; the stages whose best completion costs least are grown first. A search grows some
forty trees of a few thousand nodes; if Python called for each tree, the calls would take longer
than the trees.
"""

from __future__ import annotations

import heapq
from typing import Any, NamedTuple

import numpy as np

from geodata.arrays import Float32Array, Float64Array, Int32Array, UInt32Array
from geodata.computing.compiled import kernel
from routes.search.kernels.memory_layout import PackedArcs
from routes.search.kernels.tree_growth import NO_ARC, Roots, grow


class GatewayArcs(NamedTuple):
    """Arcs of a band that are gateways, grouped by gateway and country entered.

    Parameters
    ----------
    arc
        The arcs, by group.
    first
        Position in `arc` where each group begins, and at last where the last group ends.
    gateway, enters
        Gateway of each group, and the country it enters, -1 for the sea.
    leaves
        Country that each arc leaves, -1 for the sea.
    """

    arc: Int32Array
    first: Int32Array
    gateway: Int32Array
    enters: Int32Array
    leaves: Int32Array


class SearchArrays(NamedTuple):
    """Arrays that the trees of a search read.

    Parameters
    ----------
    arcs, delta
        Arcs of the band with gateways closed, as `grow` takes them.
    tail, head, cost
        Tail, head and cost of every arc.
    into, back
        The arcs into node i are ``back[into[i] : into[i + 1]]``, ascending.
    to_go
        Least cost to a destination, per node, the cost of ending there included.
    origins, ends
        Nodes.
    ending
        Cost of ending at each of the ends. It is above `to_go` at an end from which it is cheaper
        to go on to another end.
    limit
        Families dearer than this are not sought.
    """

    arcs: PackedArcs
    delta: np.float32
    tail: Int32Array
    head: Int32Array
    cost: Float64Array
    into: UInt32Array
    back: UInt32Array
    to_go: Float32Array
    origins: Int32Array
    ends: Int32Array
    ending: Float32Array
    limit: float


class OpenSequences(NamedTuple):
    """Sequences of gateways begun, in the order in which they were met.

    Parameters
    ----------
    before, group
        Stage that each sequence follows, and the group of gateway arcs between the two; -1 for the
        first.
    left
        Country left by land on the way into the stage, -1 for none: no path comes back to it
        by land.
    bound
        Cost of the best completion.
    row
        Row of its tree once it is grown, else -1.
    """

    before: Int32Array
    group: Int32Array
    left: Int32Array
    bound: Float64Array
    row: Int32Array


class SequenceTrees(NamedTuple):
    """Trees of the stages that are grown, a row each.

    Parameters
    ----------
    stage
        Number of the stage that each tree belongs to.
    end, cost
        Destination reached at least cost, -1 for none, and that cost.
    label, via
        Per node, least cost and the arc by which it is reached, as `grow` gives them.
    """

    stage: Int32Array
    end: Int32Array
    cost: Float64Array
    label: Float32Array
    via: UInt32Array


@kernel(nogil=True, error_model="numpy")
def advance(
    ground: Any, gates: Any, stages: Any, trees: Any, opened: int, grown: int, turns: int,
    returning: Any,
) -> Any:  # fmt: skip
    """Grow those stages first whose best completion costs least.

    Returns
    -------
    opened, grown: how many stages and trees there are.
    waiting: whether there is a stage left to grow.
    """
    queue = [(stages.bound[k], k) for k in range(opened) if stages.row[k] < 0]
    heapq.heapify(queue)
    for _ in range(turns):
        if not queue:
            break
        _, stage = heapq.heappop(queue)
        _grow_stage(ground, gates, stages, trees, stage, grown)
        grown += 1
        begun = opened
        opened = _open(ground, gates, stages, trees, stage, opened, returning)
        for k in range(begun, opened):
            heapq.heappush(queue, (stages.bound[k], k))
    return opened, grown, len(queue) > 0


@kernel(nogil=True, error_model="numpy")
def _grow_stage(ground: Any, gates: Any, stages: Any, trees: Any, stage: int, row: int) -> None:
    """Grow the tree of a stage and note the destination that it reaches at least cost."""
    stages.row[stage], trees.stage[row] = row, stage
    nodes, labels = ground.origins, np.zeros(len(ground.origins), np.float32)
    before = stages.before[stage]
    if before >= 0:
        arcs, costs = entries(ground, gates, stages.group[stage], trees.label[stages.row[before]])
        nodes, labels = ground.head[arcs], costs.astype(np.float32)
    label = trees.label[row]
    label[:] = np.inf
    trees.via[row] = grow(
        ground.arcs, ground.delta, Roots(nodes.view(np.uint32), labels), label,
        np.float32(ground.limit), ground.to_go, None, None,
    )  # fmt: skip
    trees.end[row], trees.cost[row] = -1, np.inf
    for k, node in enumerate(ground.ends):
        arrived = label[node] + ground.ending[k]
        if arrived < trees.cost[row] and arrived <= ground.limit:
            trees.end[row], trees.cost[row] = node, arrived


@kernel(nogil=True, error_model="numpy")
def entries(ground: Any, gates: Any, group: int, label: Any) -> Any:
    """Arcs of a group that lead to a destination within the limit, by least cost up to their heads.

    Returns
    -------
    arcs, costs: the arcs, and the least costs up to their heads.
    """
    first, last = gates.first[group], gates.first[group + 1]
    arcs, costs = np.empty(last - first, np.int32), np.empty(last - first, np.float64)
    kept = 0
    for a in gates.arc[first:last]:
        here = np.float64(label[ground.tail[a]]) + ground.cost[a]
        if not here + ground.to_go[ground.head[a]] <= ground.limit:
            continue
        at = kept
        while at > 0 and costs[at - 1] > here:
            arcs[at], costs[at] = arcs[at - 1], costs[at - 1]
            at -= 1
        arcs[at], costs[at] = a, here
        kept += 1
    return arcs[:kept], costs[:kept]


@kernel(nogil=True, error_model="numpy")
def _open(
    ground: Any, gates: Any, stages: Any, trees: Any, stage: int, opened: int, returning: Any
) -> Any:
    """Open the stages that follow a grown stage; returns the number of stages opened in all."""
    label = trees.label[stages.row[stage]]
    for group in range(len(gates.gateway)):
        bound, least, leaves = np.inf, np.inf, np.int32(-1)
        for k in range(gates.first[group], gates.first[group + 1]):
            a = gates.arc[k]
            here = np.float64(label[ground.tail[a]]) + ground.cost[a]
            bound = min(bound, here + ground.to_go[ground.head[a]])
            if here < least and here + ground.to_go[ground.head[a]] <= ground.limit:
                least, leaves = here, gates.leaves[k]
        if not bound <= ground.limit or _bars(gates, stages, stage, group, leaves, returning):
            continue
        by_land = leaves >= 0 and gates.enters[group] >= 0 and not returning
        stages.before[opened], stages.group[opened] = stage, group
        stages.left[opened] = leaves if by_land else -1
        stages.bound[opened], stages.row[opened] = bound, -1
        opened += 1
    return opened


@kernel(nogil=True, error_model="numpy")
def _bars(gates: Any, stages: Any, stage: int, group: int, leaves: Any, returning: Any) -> Any:
    """Whether the gateways and countries passed so far forbid to pass a gateway."""
    enters, passed = gates.enters[group], 0
    by_land = leaves >= 0 and enters >= 0
    while stages.before[stage] >= 0:
        passed += gates.gateway[stages.group[stage]] == gates.gateway[group]
        if by_land and stages.left[stage] == enters:
            return True
        stage = stages.before[stage]
    return passed > int(returning)


@kernel(nogil=True, error_model="numpy")
def paths(ground: Any, gates: Any, stages: Any, trees: Any, rows: Any) -> Any:
    """Arcs of the least-cost paths of some trees laid end to end, and where each ends."""
    along, ends = np.empty(256 * len(rows), np.int32), np.empty(len(rows), np.int64)
    at = 0
    for k in range(len(rows)):
        begun, stage, node = at, trees.stage[rows[k]], trees.end[rows[k]]
        while True:
            row, before = stages.row[stage], stages.before[stage]
            arc = trees.via[row, node]
            if arc == NO_ARC:
                if before < 0:
                    break
                arc = _entry(ground, gates, stages.group[stage], trees.label[stages.row[before]],
                             node)  # fmt: skip
                stage = before
            else:
                arc = _first_best(ground, trees.label[row], node, arc)
            if at == len(along):
                along = np.concatenate((along, np.empty_like(along)))
            along[at] = arc
            at += 1
            node = ground.tail[arc]
        along[begun:at] = along[begun:at][::-1].copy()
        ends[k] = at
    return along[:at], ends


@kernel(nogil=True, error_model="numpy")
def _first_best(ground: Any, label: Any, node: int, via: Any) -> Any:
    """The first of the arcs that give a node its label and come from a node with a lesser label.

    Which of these arcs a tree used depends on the other arcs of the band, and so on the slack of
    the request. When no arc comes from a lesser label, the arc that the tree used leads to no
    cycle.
    """
    for k in range(ground.into[node], ground.into[node + 1]):
        arc = ground.back[k]
        before = label[ground.tail[arc]]
        if before < label[node] and before + ground.arcs.cost[2 * arc + 1] == label[node]:
            return arc
    return via


@kernel(nogil=True, error_model="numpy")
def _entry(ground: Any, gates: Any, group: int, label: Any, node: int) -> Any:
    """Arc of a group by which a node is entered at least cost."""
    arcs, _ = entries(ground, gates, group, label)
    for a in arcs:
        if ground.head[a] == node:
            return np.uint32(a)
    return NO_ARC
