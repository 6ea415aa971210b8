"""The bucket queue and the tree that grows from it, compiled.

Sequential delta-stepping (Meyer and Sanders 2003, Delta-stepping: a parallelizable shortest
path algorithm, Journal of Algorithms 49): labels wait in buckets of width delta, and a bucket
is worked in rounds until it stays empty. `BUCKETS` of them cover a window; labels beyond it
wait on a pile, and the window moves to the least of those when it is empty. A label is left
alone once a better one is known, so the result is exact for any costs of zero or more,
whatever delta is: it is the one fixed point of ``label[head] = min(label[tail] + cost)`` in
single precision.

Two trees that grow towards each other, one a thread, each tell a *pace*: a cost below which every
label is final, or was dropped because no path within the limit passes its node. Why that is safe,
whatever the threads do: labels are written before the pace that vouches for them is released, and
the pace is acquired before they are read (`routes.search.atomics`). Of a label of the other tree
and its pace, the less is then never more than what is truly still to come, so that what is dropped
lies beyond the limit; and the limit is never less than the stretch times what some path costs. Were
a node dropped wrongly, then by a label missing in the other tree, hence by a node dropped there
before at less than the cost of both labels; the first of them all had no one before it. So nodes
within the limit get the labels they get alone, and whoever is ahead decides about the others only.

A bucket is a chain of pages of 64 entries, a node and its label each. The first entry of a
page points to the page before; a page that is used up is used again.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from geodata.compiled import kernel
from routes.search.atomics import acquire, read, release, write

BUCKETS = 1024
PAGE = 64
CHECKED = 16
"""Buckets worked between two looks at the goals."""
NO_ARC = np.uint32(0xFFFFFFFF)

# Unsigned throughout: numba guards signed indices against negative ones, at twice the time.
_0, _1, _2 = np.uint64(0), np.uint64(1), np.uint64(2)
_PAGE, _IN_PAGE = np.uint64(PAGE), np.uint64(PAGE - 1)
_FAR = np.uint64(BUCKETS)
_CHECKED = np.uint64(CHECKED - 1)
_INFINITE = np.float32(np.inf)
_REACH = np.float32(BUCKETS)
# Entries between a node that is worked and those whose memory is asked for ahead of it.
_SOON, _SOONER, _SOONEST = np.uint64(9), np.uint64(6), np.uint64(3)


def _prefetch(_: Any, array: Any, index: Any) -> Any:
    """Ask for the memory of an entry before it is needed (LLVM's prefetch)."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, values[0]).data
        byte, word = ir.IntType(8).as_pointer(), ir.IntType(32)
        address = builder.bitcast(builder.gep(data, [values[1]]), byte)
        kind = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        function = builder.module.declare_intrinsic("llvm.prefetch", [byte], kind)
        builder.call(function, [address, word(0), word(3), word(1)])
        return context.get_dummy_value()

    return types.void(array, index), generate


_fetch: Any = intrinsic(_prefetch)


@kernel(nogil=True)
def _widened(pool: Any) -> Any:
    """Twice the room for entries."""
    wider = np.empty(2 * len(pool), np.uint32)
    wider[: len(pool)] = pool
    return wider


@numba.njit(nogil=True, error_model="numpy", forceinline=True)
def _bucket(label: Any, base: Any, inverse: Any) -> Any:
    """Bucket of a label in the window, or the far pile."""
    steps = (label - base) * inverse
    return np.uint64(steps) if steps < _REACH else _FAR


@numba.njit(nogil=True, error_model="numpy", forceinline=True)
def _push(
    pool: Any, value: Any, top: Any, bucket: Any, node: Any, label: Any, used: Any, free: Any
) -> Any:
    """Put an entry on a bucket; gives where unused and freed pages begin."""
    at = np.uint64(top[bucket])
    if at & _IN_PAGE == _0:
        page = free
        if page != _0:
            free = np.uint64(pool[_2 * page])
        else:
            page = used
            used += _PAGE
        pool[_2 * page] = at
        at = page + _1
    pool[_2 * at] = node
    value[_2 * at + _1] = label
    top[bucket] = at + _1
    return used, free


@kernel(nogil=True, error_model="numpy")
def _least(pool: Any, value: Any, at: Any) -> Any:
    """Least label in a chain of pages."""
    least = _INFINITE
    while at != _0:
        at -= _1
        if at & _IN_PAGE == _0:
            at = np.uint64(pool[_2 * at])
        else:
            least = min(least, value[_2 * at + _1])
    return least


@kernel(nogil=True)
def bound_of(label: Any, goals: Any, toll: Any, group: Any, groups: int, stretch: Any) -> Any:
    """`stretch` times the cost of the group of goals reached last, infinite until all are."""
    best = np.full(groups, _INFINITE)
    for k in range(len(goals)):
        best[group[k]] = min(best[group[k]], label[goals[k]] + toll[k])
    return stretch * best.max()


@numba.njit(nogil=True, error_model="numpy", forceinline=True)
def _ask_ahead(
    pool: Any, working: Any, start: Any, end: Any, label: Any, via: Any, to_go: Any, other: Any
) -> None:
    """Ask for the memory of nodes that are worked soon."""
    soon = np.uint64(pool[_2 * (working - _SOON)])
    _fetch(start, soon)
    _fetch(label, soon)
    _fetch(via, soon)
    _fetch(end, _2 * np.uint64(start[np.uint64(pool[_2 * (working - _SOONER)])]))
    arcs = _2 * np.uint64(start[np.uint64(pool[_2 * (working - _SOONEST)])])
    _fetch(label, np.uint64(end[arcs]))
    _fetch(label, np.uint64(end[arcs + _2]))
    if to_go is not None:
        _fetch(to_go, np.uint64(end[arcs]))
        _fetch(to_go, np.uint64(end[arcs + _2]))
    if other is not None:
        _fetch(other, soon)
        _fetch(other, np.uint64(end[arcs]))
        _fetch(other, np.uint64(end[arcs + _2]))


@numba.njit(nogil=True, error_model="numpy", forceinline=True)
def _relax(
    end: Any, cost: Any, first: Any, last: Any, d: Any, label: Any, via: Any, pool: Any,
    value: Any, top: Any, base: Any, inverse: Any, used: Any, free: Any, waiting: Any, limit: Any,
    to_go: Any, other: Any, near: Any, stretch: Any,
) -> Any:  # fmt: skip
    """Follow the arcs out of a node that is reached at cost `d`."""
    for k in range(first, last):
        a = np.uint64(k)
        v = np.uint64(end[_2 * a])
        c = d + cost[_2 * a + _1]
        if c < label[v]:
            total = c if to_go is None else c + to_go[v]
            if other is not None:
                total = c + read(other, v)
                limit = min(limit, stretch * total)
                total = min(total, c + near)
            if total <= limit:
                _set(label, v, c, other)
                via[v] = a
                bucket = _bucket(c, base, inverse)
                used, free = _push(pool, value, top, bucket, v, c, used, free)
                waiting += _1
    return used, free, waiting, limit


@numba.njit(nogil=True, error_model="numpy", forceinline=True)
def _set(label: Any, node: Any, cost: Any, other: Any) -> None:
    """Set a label, which another thread may be reading where there is another tree."""
    if other is None:
        label[node] = cost
    else:
        write(label, node, cost)


@numba.njit(nogil=True, error_model="numpy", forceinline=True)
def _kept(d: Any, node: Any, limit: Any, other: Any, near: Any) -> Any:
    """Whether a node reached at cost `d` may still lie on a path within the limit."""
    if other is None:
        return d <= limit
    return d + min(read(other, node), near) <= limit


@numba.njit(nogil=True, error_model="numpy", forceinline=True)
def _keep_pace(pace: Any, me: int, base: Any, delta: Any, level: Any) -> Any:
    """Tell up to where labels are final when a bucket is about to be worked; gives the other's.

    One bucket less, because labels were rounded into theirs.
    """
    release(pace, np.uint64(me), base + delta * np.float32(np.float32(level) - np.float32(1.0)))
    return acquire(pace, _1 - np.uint64(me))


@kernel(nogil=True, error_model="numpy")
def _work(
    start: Any, end: Any, cost: Any, delta: Any, label: Any, via: Any, pool: Any, value: Any,
    top: Any, at: Any, bound: Any, to_go: Any, goals: Any, toll: Any, group: Any, groups: int,
    stretch: Any, other: Any, pace: Any, me: Any,
) -> None:  # fmt: skip
    """Work the queue until it is empty or out of pages; `at` and `bound` say where it stands."""
    waiting, level, working, moving, used, free = at
    base, limit = bound
    near = np.float32(0.0)
    inverse = np.float32(1.0) / delta
    room = np.uint64(len(pool) // 2)
    while waiting > _0:
        if working == _0:
            if goals is not None and level & _CHECKED == _0:
                limit = min(limit, bound_of(label, goals, toll, group, groups, stretch))
            working = np.uint64(top[level])
            top[level] = 0
            moving = _0
            if level == _FAR:
                base = _least(pool, value, working)
                moving, level = _1, _0
            elif working == _0:
                level += _1
            if other is not None:
                near = _keep_pace(pace, me, base, delta, level)
        while working != _0:
            working -= _1
            if working & _IN_PAGE == _0:
                before = np.uint64(pool[_2 * working])
                pool[_2 * working] = free
                free, working = working, before
                continue
            u, d = np.uint64(pool[_2 * working]), value[_2 * working + _1]
            if working & _IN_PAGE > _SOON:
                _ask_ahead(pool, working, start, end, label, via, to_go, other)
            if d > label[u]:
                waiting -= _1
                continue
            if not _kept(d, u, limit, other, near):
                _set(label, u, _INFINITE, other)
                via[u] = NO_ARC
                waiting -= _1
                continue
            first, last = np.uint64(start[u]), np.uint64(start[u + _1])
            if used + (last - first + _1) * _PAGE > room:
                at[:] = waiting, level, working + _1, moving, used, free
                bound[:] = base, limit
                return
            waiting -= _1
            if moving != _0:
                bucket = _bucket(d, base, inverse)
                used, free = _push(pool, value, top, bucket, u, d, used, free)
                waiting += _1
                continue
            used, free, waiting, limit = _relax(
                end, cost, first, last, d, label, via, pool, value, top, base, inverse, used, free,
                waiting, limit, to_go, other, near, stretch,
            )  # fmt: skip
    at[0] = _0
    bound[1] = limit


@kernel(nogil=True, error_model="numpy")
def grow(
    start: Any,
    end: Any,
    cost: Any,
    sources: Any,
    entry: Any,
    delta: Any,
    limit: Any,
    to_go: Any,
    goals: Any,
    toll: Any,
    group: Any,
    groups: int,
    stretch: Any,
    label: Any,
    other: Any,
    pace: Any,
    me: Any,
) -> Any:
    """Labels, and the arcs by which they were set.

    Nothing is checked here: `routes.search.trees` does, where arrays enter.

    Parameters
    ----------
    end, cost
        Two views, of integers and of floats, of the same packed arcs: the far end of arc k
        is ``end[2k]`` and its cost ``cost[2k + 1]``. Two more arcs follow the last one,
        because memory is asked for ahead.
    to_go
        Least cost still to come per node, or None: added before the limit is applied.
    goals, toll, group
        Nodes, costs there and groups, or None: the limit falls to `stretch` times the
        cost of the group that is reached last.
    label
        Infinite throughout; it is filled in.
    other, pace, me
        Labels of the tree that grows the other way at the same time, or None. Each tree tells
        in its place of `pace` below which cost its labels are final: that, or the label, is
        the least that can be still to come, and where both trees have been is a path, which
        brings the limit down to `stretch` times its cost. Only nodes on paths within that
        keep labels that are sure.

    Returns
    -------
    via: per node, the position of an arc, `NO_ARC` where there is none.
    """
    n = len(start) - 1
    via = np.full(n, NO_ARC)
    pool = np.empty(2 * PAGE * (64 + n // 256 + len(sources) // 32), np.uint32)
    top = np.zeros(BUCKETS + 1, np.uint32)
    used, waiting = _PAGE, _0
    for k in range(len(sources)):
        s, d = np.uint64(sources[k]), entry[k]
        total = d if to_go is None else d + to_go[s]
        if d < label[s] and total <= limit:
            _set(label, s, d, other)
            used, _ = _push(pool, pool.view(np.float32), top, _FAR, s, d, used, _0)
            waiting += _1
    at = np.array([waiting, _FAR, _0, _0, used, _0], np.uint64)
    bound = np.array([0.0, limit], np.float32)
    while at[0] > _0:
        _work(start, end, cost, delta, label, via, pool, pool.view(np.float32), top, at, bound,
              to_go, goals, toll, group, groups, stretch, other, pace, me)  # fmt: skip
        if at[0] > _0:
            pool = _widened(pool)
    if goals is not None:
        limit = min(bound[1], bound_of(label, goals, toll, group, groups, stretch))
        for i in range(np.uint64(n)):
            if label[i] > limit:
                _set(label, i, _INFINITE, other)
                via[i] = NO_ARC
    if pace is not None:
        release(pace, np.uint64(me), _INFINITE)
    return via
