"""Graphs as scipy searches them."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from geodata.arrays import Float64Array, Int64Array


def weighted_graph(weights: Float64Array, u: Int64Array, v: Int64Array, count: int) -> csr_array:
    """Graph of some edges.

    Parameters
    ----------
    weights
        One an edge, added up where two edges join the same nodes.
    u, v
        Rows of nodes.
    count
        Of all nodes.
    """
    # scipy before 1.17 searches no graph whose nodes are numbered in 64 bits.
    ends = (u.astype(np.int32), v.astype(np.int32))
    return csr_array((weights, ends), shape=(count, count))
