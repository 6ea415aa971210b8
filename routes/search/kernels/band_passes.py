"""Compiled passes over the arcs of a network: select the arcs of a band and cut them out.

Arrays are not checked here: `routes.search.band` passes arrays made by `routes.search.trees`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from geodata.arrays import BoolArray, Float32Array, Float64Array, Int32Array, UInt32Array
from geodata.computing.compiled import kernel
from routes.search.kernels.memory_layout import PackedArcs
from routes.search.kernels.tree_growth import NO_ARC, Roots

_0, _1, _2 = np.uint64(0), np.uint64(1), np.uint64(2)


class BothTrees(NamedTuple):
    """Trees from the origins and to the destinations, by place.

    Parameters
    ----------
    out, to_end
        Least cost from an origin, and to a destination.
    onward
        Position, among arcs by head, of the arc by which a node is left.
    back
        Arcs into place i have positions ``back[i]:back[i + 1]``.
    """

    out: Float32Array
    to_end: Float32Array
    onward: UInt32Array
    back: UInt32Array


class CutOut(NamedTuple):
    """The network that a band makes of its own.

    Parameters
    ----------
    number
        Per place of the whole network, the new number of its node, `NO_ARC` for none.
    place
        Per new node, its place in the whole network.
    start, tail, head, link, along
        As in `Arcs`.
    arc, cost
        Per arc, its number in the whole network and its cost.
    """

    number: UInt32Array
    place: Int32Array
    start: Int32Array
    tail: Int32Array
    head: Int32Array
    arc: Int32Array
    link: Int32Array
    along: BoolArray
    cost: Float64Array


@kernel(nogil=True, error_model="numpy")
def fewest_arcs(arcs: PackedArcs, to_end: Any, first: Any, stops: Roots) -> Any:
    """Steps from a place to the nearest end over arcs that lie on best paths, breadth first.

    Parameters
    ----------
    to_end
        Least cost to an end, per place.
    stops
        The ends: places from which the tree with these costs grew.
    """
    start, end, cost = arcs
    seen = np.zeros(len(to_end), np.bool_)
    ends = np.zeros(len(to_end), np.bool_)
    for k in range(len(stops.place)):
        place = stops.place[k]
        ends[place] |= stops.entry[k] == to_end[place]
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
                if not seen[v] and cost[_2 * np.uint64(k) + _1] + to_end[v] == to_end[u]:
                    seen[v] = True
                    following.append(v)
        row = following
        steps += 1
    return steps


@kernel(nogil=True, error_model="numpy")
def arcs_within(
    arcs: PackedArcs, trees: BothTrees, stops: Roots, number: Any, limit: Any, first: int,
    last: int,
) -> Any:  # fmt: skip
    """Positions and totals of the band's arcs, spurs left out, in one pass over reached nodes.

    An arc is inside when its total and both its ends are within the slack. An arc from u to v turns
    back when the reverse tree leaves v by one of the arcs *into* u, positions ``back[u]`` to
    ``back[u + 1]`` of that tree. Such an arc is a spur when no other arc out of v leads on within
    the slack and no path within the slack ends at v. The result does not depend on which of several
    arcs of one cost the tree took.

    Parameters
    ----------
    stops
        Where paths may end, by place.
    number
        Filled with `NO_ARC`; the kernel marks nodes within the slack in it.
    first, last
        Range of the nodes to process.

    Returns
    -------
    position, total: of the arcs kept, `total` the cost of the best path over each.
    """
    start, end, cost = arcs
    out, to_end, onward, back = trees
    room = np.uint32(0)
    for i in range(first, last):
        if out[i] + to_end[i] <= limit:
            room += start[i + 1] - start[i]
    position, total = np.empty(room + 1, np.uint32), np.empty(room + 1, np.float32)
    kept = _0
    for i in range(first, last):
        here = out[i]
        if here + to_end[i] > limit:
            continue
        number[i] = 0
        low, many = back[i], np.uint32(back[i + 1] - back[i])
        for k in range(np.uint64(start[i]), np.uint64(start[i + 1])):
            a = np.uint64(k)
            v = np.uint64(end[_2 * a])
            along = here + cost[_2 * a + _1] + to_end[v]
            # No branch here: the processor cannot predict whether an arc is inside.
            position[kept], total[kept] = a, along
            turns = np.uint32(onward[v] - low) < many
            inside = (along <= limit) & (out[v] + to_end[v] <= limit)
            kept += np.uint64(inside & ~turns)
            if turns and inside:
                ahead = here + cost[_2 * a + _1]
                goes = _goes_on(arcs, to_end, stops, v, i, ahead, limit)
                kept += np.uint64(goes)
    return position[:kept], total[:kept]


@kernel(nogil=True, error_model="numpy", inline="always")
def _goes_on(
    arcs: PackedArcs, to_end: Any, stops: Roots, node: Any, behind: Any, ahead: Any, limit: Any
) -> Any:
    """Whether a path within the limit ends at a node or leads on other than straight back."""
    start, end, cost = arcs
    for k in range(np.uint64(start[node]), np.uint64(start[node + _1])):
        a = np.uint64(k)
        w = end[_2 * a]
        # Added in the order of the tree, so that the tree's own arc has the same cost here.
        onward = cost[_2 * a + _1] + to_end[w]
        if w != behind and w != node and ahead + onward <= limit:
            return True
    places = stops.place
    at = np.searchsorted(places, node)
    return at < len(places) and places[at] == node and ahead + stops.entry[at] <= limit


@kernel(nogil=True, error_model="numpy")
def cut_out(packed: PackedArcs, arc: Any, link: Any, along: Any, number: Any, position: Any) -> Any:
    """The arcs at some positions as a network of their own, its nodes numbered in `number`."""
    start, end, cost = packed
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
    return CutOut(number, node, begins, tail, head, arcs, links, ways, single)
