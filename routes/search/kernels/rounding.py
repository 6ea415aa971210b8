"""Bounds on the difference of two sums of the same costs in single precision.

Each addition of numbers that are not negative is off by at most ``UNIT`` times its result, and
by no more than the number added; adding zero is exact. Two sums along one path, such as the one
from the origin and the one to the destination, therefore differ by at most about ``2 k UNIT`` of
it, with `k` the number of arcs of the path that are not free. `k` is not known before there are
paths, but it is bounded by what they may cost: no path is longer than one over the cheapest arcs
of the whole network. The margin therefore depends on the costs and the limit alone, not on a
particular tree, and is the same for any number of threads.

References
----------
Higham 2002, Accuracy and stability of numerical algorithms, chapter 4.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from geodata.arrays import Float32Array, Float64Array, Int64Array
from geodata.computing.compiled import kernel

UNIT = 2.0**-24
"""Relative error of one addition."""
MORE = 16
"""Additions besides those along a path: entry, ending, the arc between two trees, limits."""
FIRST = 2.0**-9
"""Margin of trees that grow before the best cost is known; it suffices for 16,000 arcs."""
_DROPPED = np.uint32(20)
"""Bits dropped of 32: costs are counted by sign, exponent and three bits of the mantissa."""
_BINS = np.arange(1 << 12, dtype=np.uint32) << _DROPPED
_FINITE = int(np.float32(np.inf).view(np.uint32) >> _DROPPED)
_TINY = 2.0**-149
"""Least number in single precision; zeros are counted as this number."""
_EDGES: Float64Array = _BINS.view(np.float32)[: _FINITE + 1].astype(np.float64)


class Tally(NamedTuple):
    """Costs counted in narrow bins, cheapest first; empty bins are left out.

    Parameters
    ----------
    lower, upper
        Bounds of the costs in each bin.
    many
        Number of costs in it.
    """

    lower: Float64Array
    upper: Float64Array
    many: Int64Array


def tally(cost: Float32Array) -> Tally:
    """Counts of the finite costs."""
    many = _counted(cost)
    rows = np.flatnonzero(many)
    return Tally(np.maximum(_EDGES[rows], _TINY), _EDGES[rows + 1], many[rows])


@kernel(nogil=True)
def _counted(cost: Any) -> Any:
    """Number of costs in each bin, from zero and next to zero up to the largest finite ones."""
    bits = cost.view(np.uint32)
    # Two tables in turn, because the next cost often falls into the same bin.
    counts = np.zeros((2, 1 << 12), np.int64)
    for k in range(len(bits)):
        counts[k & 1, bits[k] >> _DROPPED] += 1
    return (counts[0] + counts[1])[:_FINITE]


def margin(costs: Tally, total: float, *, nodes: int) -> float:
    """Share of a limit by which sums along a path within it may differ.

    Parameters
    ----------
    costs
        Counts of the costs of all arcs.
    total
        Largest cost of a path.
    nodes
        Number of nodes, which bounds the arcs of a path, because a path passes no node twice.
    """
    spare = FIRST
    while True:
        apart = apart_by(_longest(costs, total * (1 + spare), nodes))
        if apart <= spare:
            return apart
        spare *= 4


def apart_by(arcs: float) -> float:
    """Bound on the relative difference of two sums of some number of costs."""
    return float(np.expm1((2 * arcs + MORE) * UNIT * (1 + 1e-6)))


def _longest(costs: Tally, total: float, nodes: int) -> float:
    """Most arcs of a path within a cost; an arc too cheap to add a full error counts in part."""
    if not total > 0:
        return 0.0
    reach = costs.lower * costs.many
    taken = np.clip((total - (np.cumsum(reach) - reach)) / costs.lower, 0, costs.many)
    return min(float(taken @ np.minimum(costs.upper / (UNIT * total), 1.0)), float(nodes))
