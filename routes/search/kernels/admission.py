"""Checks of arrays, made once before the arrays enter compiled kernels.

Kernels do not check indices. With a wrong index they would read and write outside an array, so
every array of indices is checked here first.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from geodata.arrays import Float32Array, Int32Array
from geodata.computing.compiled import kernel
from geodata.errors import InputError

LARGEST = np.float32(1e30)
"""Largest finite cost of an arc: no path has enough arcs for the sum to overflow."""
_INFINITE = np.float32(np.inf).view(np.uint32)
ANY = np.finfo(np.float32).max
"""Largest finite cost of a value that is itself a sum."""


def index_array(field: str, values: npt.ArrayLike, size: int | None = None) -> Int32Array:
    """Integers in the type that kernels take.

    Raises
    ------
    InputError
        When a number is not an integer or too large, or there are not `size` of them.
    """
    array = np.asarray(values)
    if array.ndim != 1 or (size is not None and len(array) != size):
        raise InputError(field, array.shape, f"Give a row of {size or 'whole'} numbers.")
    if array.dtype == np.int32:
        return np.ascontiguousarray(array)
    single = array.astype(np.int32)
    if not np.array_equal(single, array):
        raise InputError(field, str(array.dtype), "Give whole numbers below 2^31.")
    return single


def node_array(field: str, nodes: npt.ArrayLike, n: int) -> Int32Array:
    """Nodes of a network that has `n` nodes.

    Raises
    ------
    InputError
        When a number is not a node.
    """
    rows = index_array(field, nodes)
    if len(rows) and not 0 <= rows.min() <= rows.max() < n:
        wrong = rows[(rows < 0) | (rows >= n)]
        raise InputError(field, int(wrong[0]), f"Nodes are numbered 0 to {n - 1}.")
    return rows


def cost_array(
    field: str, costs: npt.ArrayLike, size: int, *, most: np.float32 = LARGEST
) -> Float32Array:
    """Costs in single precision, one for each of `size` things or one for all.

    Raises
    ------
    InputError
        When a cost is negative, not a number, or finite and above `most`, or there are neither
        `size` costs nor one.
    """
    array = np.asarray(costs)
    if array.shape not in ((size,), ()):
        raise InputError(field, array.shape, f"Give {size} costs.")
    with np.errstate(over="ignore"):
        single = np.array(np.broadcast_to(array, size), np.float32)
    if size and not single.min() >= 0:
        raise InputError(field, float(single.min()), "Costs must be numbers, zero or more.")
    largest = _largest(single)
    if array.dtype != np.float32 and array.size:
        largest = max(largest, np.max(array, where=np.isfinite(array), initial=0.0))
    if largest > most:
        raise InputError(field, float(largest), f"Give at most {most:g}, or infinity to close.")
    return single


@kernel(nogil=True)
def _largest(cost: Any) -> Any:
    """Largest finite cost, of costs that are not negative, whose bits have the same order."""
    most = np.uint32(0)
    for bits in cost.view(np.uint32):
        most = max(most, bits if bits < _INFINITE else np.uint32(0))
    return np.array([most]).view(np.float32)[0]


def check_arcs(start: Int32Array, tail: Int32Array, head: Int32Array) -> None:
    """Refuse arcs that are not sorted by tail, or whose head is not a node.

    Raises
    ------
    InputError
        With the name of the wrong array.
    """
    if not len(start) or start[0] != 0 or start[-1] != len(head):
        raise InputError("start", start[-1:].tolist(), f"It must run from 0 to {len(head)} arcs.")
    wrong = _unsound(start, tail, head)
    if wrong >= 0:
        names = ("start", "tail", "head")
        remedy = "Arcs must be sorted by tail, between nodes numbered from 0 up."
        raise InputError(names[wrong], len(start) - 1, remedy)


@kernel(nogil=True)
def _unsound(start: Any, tail: Any, head: Any) -> int:
    """Which of the arrays is wrong, -1 for none."""
    n = len(start) - 1
    for i in range(n):
        if start[i + 1] < start[i] or start[i + 1] > len(head):
            return 0
        for a in range(start[i], start[i + 1]):
            if tail[a] != i:
                return 1
            if head[a] < 0 or head[a] >= n:
                return 2
    return -1
