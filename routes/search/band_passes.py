"""Passes over the arcs of a network for a band, compiled: what lies inside, and cut out.

Nothing is checked here: `routes.search.band` gives what `routes.search.trees` has made.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geodata.compiled import kernel
from routes.search.bucket_queue import NO_ARC

_0, _1, _2 = np.uint64(0), np.uint64(1), np.uint64(2)


@kernel(nogil=True, error_model="numpy")
def fewest_arcs(
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


@kernel(nogil=True, error_model="numpy")
def arcs_within(
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


@kernel(nogil=True, error_model="numpy", inline="always")
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


@kernel(nogil=True, error_model="numpy")
def cut_out(
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
