"""The tree that grows from a bucket queue, compiled.

Sequential delta-stepping (Meyer and Sanders 2003, Delta-stepping: a parallelizable shortest
path algorithm, Journal of Algorithms 49): labels wait in buckets of width delta, and a bucket is
worked in rounds until it stays empty. An entry is skipped once its node has a lesser label, so that
the result is exact for any costs of zero or more and any delta: it is the one fixed point of
``label[head] = min(label[tail] + cost)`` in single precision.

Two trees that grow towards each other, one a thread, each publish a *pace*: a cost below which
every label is final, or was dropped because no path within the limit passes its node. This is safe
for any timing of the threads. A thread writes its labels before it releases the pace that covers
them, and the other thread acquires the pace before it reads the labels
(`routes.search.kernels.atomics`). The lesser of a label of the other tree and that tree's pace is
then a lower bound on the cost still to come, so that a dropped node lies beyond the limit; and the
limit is never less than the stretch times the cost of some path. Suppose that some node was dropped
wrongly. Then a label was missing in the other tree, because a node had been dropped wrongly there
before, at a cost below the sum of both labels. The first node dropped wrongly had no such node
before it, so there is none. Nodes within the limit therefore get the labels that one tree alone
would give them, and the timing of the threads affects only the labels of other nodes.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numba
import numpy as np

from geodata.arrays import Float32Array, Int32Array, UInt32Array
from geodata.computing.compiled import kernel
from routes.search.kernels.atomics import acquire, read, release, write
from routes.search.kernels.bucket_queue import (
    BUCKETS,
    FAR,
    IN_PAGE,
    ONE_PAGE,
    PAGE,
    Fill,
    Queue,
    Window,
    bucket_of,
    least_label,
    push,
    take_entry,
    widen,
)
from routes.search.kernels.memory_layout import PackedArcs
from routes.search.kernels.prefetch import prefetch

CHECKED = 16
"""Number of buckets worked between two checks of the targets."""
NO_ARC = np.uint32(0xFFFFFFFF)

_0, _1, _2 = np.uint64(0), np.uint64(1), np.uint64(2)
_CHECKED = np.uint64(CHECKED - 1)
_INFINITE = np.float32(np.inf)
# Number of entries by which prefetching is ahead of the node that is worked.
_SOON, _SOONER, _SOONEST = np.uint64(9), np.uint64(6), np.uint64(3)


class Roots(NamedTuple):
    """Places that a tree grows from, and the cost of starting at each."""

    place: UInt32Array
    entry: Float32Array


class TargetPlaces(NamedTuple):
    """Places to reach: the tree ends at `stretch` times the cost of the group reached last.

    Parameters
    ----------
    place, toll, group
        Places, the cost of ending at each, and the group that it belongs to.
    groups
        Number of groups.
    """

    place: UInt32Array
    toll: Float32Array
    group: Int32Array
    groups: int
    stretch: np.float32


class OtherTree(NamedTuple):
    """The tree that grows the other way at the same time.

    Each tree publishes in its entry of `pace` the cost below which its labels are final. The lesser
    of this pace and the label of a node is a lower bound of the cost still to come there. A node
    that both trees have reached lies on a path, which lowers the limit to `stretch` times its cost.
    Only nodes on paths within the limit have exact labels.

    Parameters
    ----------
    label
        Labels of the other tree.
    pace, me
        Paces of both trees, and the entry of this tree.
    """

    label: Float32Array
    pace: Float32Array
    me: np.uint64
    stretch: np.float32


class GrowingTree(NamedTuple):
    """A growing tree, with lower bounds of the cost still to come at each node; see `grow`."""

    label: Float32Array
    via: UInt32Array
    to_go: Float32Array | None
    other: OtherTree | None


class Reach(NamedTuple):
    """Limit of the cost of a path, and least cost still to come at nodes the other tree lacks."""

    limit: np.float32
    near: np.float32


class Standing(NamedTuple):
    """State of the work.

    Parameters
    ----------
    level, working
        The bucket that is worked, and the place after its last remaining entry.
    moving
        Whether these entries come from the far pile and move into the window.
    base, limit
        As in `Window` and `Reach`.
    """

    fill: Fill
    level: np.uint64
    working: np.uint64
    moving: np.uint64
    base: np.float32
    limit: np.float32


@kernel(nogil=True)
def bound_of(label: Any, targets: TargetPlaces) -> Any:
    """`stretch` times the cost of the last group of targets; infinite until all are reached."""
    place, toll, group, groups, stretch = targets
    best = np.full(groups, _INFINITE)
    for k in range(len(place)):
        best[group[k]] = min(best[group[k]], label[place[k]] + toll[k])
    return stretch * best.max()


@numba.njit(nogil=True, error_model="numpy", forceinline=True)
def _ask_ahead(pool: Any, working: Any, arcs: PackedArcs, tree: GrowingTree) -> None:
    """Prefetch the memory of nodes that are worked soon."""
    start, end, label = arcs.start, arcs.end, tree.label
    soon = np.uint64(pool[_2 * (working - _SOON)])
    prefetch(start, soon)
    prefetch(label, soon)
    prefetch(tree.via, soon)
    prefetch(end, _2 * np.uint64(start[np.uint64(pool[_2 * (working - _SOONER)])]))
    arcs_soon = _2 * np.uint64(start[np.uint64(pool[_2 * (working - _SOONEST)])])
    first, second = np.uint64(end[arcs_soon]), np.uint64(end[arcs_soon + _2])
    prefetch(label, first)
    prefetch(label, second)
    _ask_for_rest(tree.to_go, tree.other, soon, first, second)


@numba.njit(nogil=True, error_model="numpy", forceinline=True)
def _ask_for_rest(to_go: Any, other: Any, soon: Any, first: Any, second: Any) -> None:
    """Prefetch the bounds of the cost still to come at these nodes."""
    if to_go is not None:
        prefetch(to_go, first)
        prefetch(to_go, second)
    if other is not None:
        prefetch(other.label, soon)
        prefetch(other.label, first)
        prefetch(other.label, second)


@numba.njit(nogil=True, error_model="numpy", forceinline=True)
def _relax(
    arcs: PackedArcs, node: Any, d: Any, tree: GrowingTree, queue: Queue, fill: Fill,
    window: Window, reach: Reach,
) -> Any:  # fmt: skip
    """Follow the arcs out of a node that is reached at cost `d`."""
    start, end, cost = arcs
    label, via, limit = tree.label, tree.via, reach.limit
    for k in range(np.uint64(start[node]), np.uint64(start[node + _1])):
        a = np.uint64(k)
        v = np.uint64(end[_2 * a])
        c = d + cost[_2 * a + _1]
        if c < label[v]:
            total, limit = _through(v, c, tree.to_go, tree.other, Reach(limit, reach.near))
            if total <= limit:
                _set(label, v, c, tree.other)
                via[v] = a
                fill = push(queue, fill, bucket_of(c, window), v, c)
    return fill, limit


@numba.njit(nogil=True, error_model="numpy", forceinline=True)
def _through(node: Any, cost: Any, to_go: Any, other: Any, reach: Reach) -> Any:
    """Least cost of a path through a node that is reached at a cost, and the limit then."""
    total, limit = cost if to_go is None else cost + to_go[node], reach.limit
    if other is not None:
        total = cost + read(other.label, node)
        limit = min(limit, other.stretch * total)
        total = min(total, cost + reach.near)
    return total, limit


@numba.njit(nogil=True, error_model="numpy", forceinline=True)
def _set(label: Any, node: Any, cost: Any, other: Any) -> None:
    """Set a label; if there is another tree, its thread may be reading the label."""
    if other is None:
        label[node] = cost
    else:
        write(label, node, cost)


@numba.njit(nogil=True, error_model="numpy", forceinline=True)
def _kept(node: Any, d: Any, other: Any, reach: Reach) -> Any:
    """Whether a node reached at cost `d` may still lie on a path within the limit."""
    if other is None:
        return d <= reach.limit
    return d + min(read(other.label, node), reach.near) <= reach.limit


@numba.njit(nogil=True, error_model="numpy", forceinline=True)
def _keep_pace(other: Any, base: Any, delta: Any, level: Any) -> Any:
    """Publish the pace before a bucket is worked; returns the pace of the other tree.

    The pace is one bucket less, because labels were rounded into their buckets.
    """
    if other is None:
        return np.float32(0.0)
    final = base + delta * np.float32(np.float32(level) - np.float32(1.0))
    release(other.pace, other.me, final)
    return acquire(other.pace, _1 - other.me)


@kernel(nogil=True, error_model="numpy")
def _work(
    arcs: PackedArcs, delta: Any, tree: GrowingTree, queue: Queue, targets: Any, begun: Standing
) -> Any:
    """Work the queue until it is empty or out of pages; returns the state of the work."""
    fill, level, working, moving, base, limit = begun
    start, label, via = arcs.start, tree.label, tree.via
    pool, value, top = queue
    near, inverse = np.float32(0.0), np.float32(1.0) / delta
    room = np.uint64(len(pool) // 2)
    while fill.waiting > _0:
        if working == _0:
            if targets is not None and level & _CHECKED == _0:
                limit = min(limit, bound_of(label, targets))
            working = np.uint64(top[level])
            top[level] = 0
            moving = _0
            if level == FAR:
                base = least_label(queue, working)
                moving, level = _1, _0
            elif working == _0:
                level += _1
            near = _keep_pace(tree.other, base, delta, level)
        window = Window(base, inverse)
        while working != _0:
            working -= _1
            if working & IN_PAGE == _0:
                before = np.uint64(pool[_2 * working])
                pool[_2 * working] = fill.free
                fill, working = Fill(fill.waiting, fill.used, working), before
                continue
            u, d = np.uint64(pool[_2 * working]), value[_2 * working + _1]
            if working & IN_PAGE > _SOON:
                _ask_ahead(pool, working, arcs, tree)
            if d > label[u]:
                fill = take_entry(fill)
                continue
            if not _kept(u, d, tree.other, Reach(limit, near)):
                _set(label, u, _INFINITE, tree.other)
                via[u] = NO_ARC
                fill = take_entry(fill)
                continue
            many = np.uint64(start[u + _1]) - np.uint64(start[u])
            if fill.used + (many + _1) * ONE_PAGE > room:
                return Standing(fill, level, working + _1, moving, base, limit)
            fill = take_entry(fill)
            if moving != _0:
                fill = push(queue, fill, bucket_of(d, window), u, d)
                continue
            fill, limit = _relax(arcs, u, d, tree, queue, fill, window, Reach(limit, near))
    return Standing(fill, level, working, moving, base, limit)


@kernel(nogil=True, error_model="numpy")
def grow(
    arcs: PackedArcs, delta: Any, roots: Roots, label: Any, limit: Any, to_go: Any, targets: Any,
    other: Any,
) -> Any:  # fmt: skip
    """Labels, and the arcs by which they were set.

    Arrays are not checked here: `routes.search.trees` checks them.

    Parameters
    ----------
    delta
        Width of a bucket.
    label
        Labels to set; all infinite at first.
    to_go
        Least cost still to come per node, added before the limit is applied; or None.
    targets, other
        `TargetPlaces`, and an `OtherTree`, or None.

    Returns
    -------
    via: per node, the position of an arc, `NO_ARC` where there is none.
    """
    tree = GrowingTree(label, np.full(len(arcs.start) - 1, NO_ARC), to_go, other)
    queue, standing = _planted(tree, to_go, other, roots, limit)
    standing = _work(arcs, delta, tree, queue, targets, standing)
    while standing.fill.waiting > _0:
        queue = widen(queue)
        standing = _work(arcs, delta, tree, queue, targets, standing)
    if targets is not None:
        _prune(label, tree.via, min(standing.limit, bound_of(label, targets)), other)
    if other is not None:
        release(other.pace, other.me, _INFINITE)
    return tree.via


@kernel(nogil=True, error_model="numpy")
def _planted(tree: GrowingTree, to_go: Any, other: Any, roots: Roots, limit: Any) -> Any:
    """A queue with the roots of a tree, all on the far pile."""
    label, room = tree.label, 64 + len(tree.via) // 256 + len(roots.place) // 32
    pool = np.empty(2 * PAGE * room, np.uint32)
    queue = Queue(pool, pool.view(np.float32), np.zeros(BUCKETS + 1, np.uint32))
    fill = Fill(_0, ONE_PAGE, _0)
    for k in range(len(roots.place)):
        s, d = np.uint64(roots.place[k]), roots.entry[k]
        total = d if to_go is None else d + to_go[s]
        if d < label[s] and total <= limit:
            _set(label, s, d, other)
            fill = push(queue, fill, FAR, s, d)
    return queue, Standing(fill, FAR, _0, _0, np.float32(0.0), limit)


@kernel(nogil=True, error_model="numpy")
def _prune(label: Any, via: Any, limit: Any, other: Any) -> None:
    """Leave nodes dearer than the limit unreached."""
    for i in range(np.uint64(len(label))):
        if label[i] > limit:
            _set(label, i, _INFINITE, other)
            via[i] = NO_ARC
