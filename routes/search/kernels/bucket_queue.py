"""The compiled bucket queue: nodes with their labels, by cost.

Labels are in buckets of equal width, and `BUCKETS` of these cover a window of costs. Labels beyond
the window are on a far pile; when the window is empty, it moves to the least label of that pile.

A bucket is a chain of pages of 64 entries, a node and its label each. The first entry of a
page points to the page before; a page that is used up is used again.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numba
import numpy as np

from geodata.arrays import Float32Array, UInt32Array
from geodata.computing.compiled import kernel

BUCKETS = 1024
PAGE = 64

# All indices are unsigned: numba checks signed ones for negative values, which takes twice the
# time.
_0, _1, _2 = np.uint64(0), np.uint64(1), np.uint64(2)
ONE_PAGE = np.uint64(PAGE)
IN_PAGE = np.uint64(PAGE - 1)
"""Mask of the place of an entry within its page."""
FAR = np.uint64(BUCKETS)
"""The pile of entries beyond the last bucket."""
_INFINITE = np.float32(np.inf)
_REACH = np.float32(BUCKETS)


class Queue(NamedTuple):
    """Entries in buckets.

    Parameters
    ----------
    pool, value
        Two views of the same pages: entry k is node ``pool[2k]`` with label ``value[2k + 1]``.
    top
        Place after the last entry of each bucket, and of the far pile; 0 where it is empty.
    """

    pool: UInt32Array
    value: Float32Array
    top: UInt32Array


class Fill(NamedTuple):
    """Number of entries, start of the unused pages, and last page that became free, or 0."""

    waiting: np.uint64
    used: np.uint64
    free: np.uint64


class Window(NamedTuple):
    """Cost at which the buckets begin, and number of buckets a unit of cost."""

    base: np.float32
    inverse: np.float32


@numba.njit(nogil=True, error_model="numpy", forceinline=True)
def bucket_of(label: Any, window: Window) -> Any:
    """Bucket of a label in the window, or the far pile."""
    steps = (label - window.base) * window.inverse
    return np.uint64(steps) if steps < _REACH else FAR


@numba.njit(nogil=True, error_model="numpy", forceinline=True)
def push(queue: Queue, fill: Fill, bucket: Any, node: Any, label: Any) -> Any:
    """Put an entry into a bucket."""
    pool, value, top = queue
    waiting, used, free = fill
    at = np.uint64(top[bucket])
    if at & IN_PAGE == _0:
        page = free
        if page != _0:
            free = np.uint64(pool[_2 * page])
        else:
            page = used
            used += ONE_PAGE
        pool[_2 * page] = at
        at = page + _1
    pool[_2 * at] = node
    value[_2 * at + _1] = label
    top[bucket] = at + _1
    return Fill(waiting + _1, used, free)


@numba.njit(nogil=True, error_model="numpy", forceinline=True)
def take_entry(fill: Fill) -> Any:
    """The fill after one entry is removed."""
    return Fill(fill.waiting - _1, fill.used, fill.free)


@kernel(nogil=True, error_model="numpy")
def least_label(queue: Queue, at: Any) -> Any:
    """Least label in a chain of pages."""
    pool, value, _ = queue
    least = _INFINITE
    while at != _0:
        at -= _1
        if at & IN_PAGE == _0:
            at = np.uint64(pool[_2 * at])
        else:
            least = min(least, value[_2 * at + _1])
    return least


@kernel(nogil=True)
def widen(queue: Queue) -> Any:
    """A queue with twice the pages and the same entries."""
    pool = queue.pool
    wider = np.empty(2 * len(pool), np.uint32)
    wider[: len(pool)] = pool
    return Queue(wider, wider.view(np.float32), queue.top)
