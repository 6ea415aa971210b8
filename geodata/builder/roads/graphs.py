"""Graphs as scipy searches them."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from geodata.arrays import Float64Array, Int32Array, Int64Array


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


def chain_to(previous: Int32Array, first: int, last: int) -> list[int]:
    """Nodes from the first to the last of a path, by the node that comes before each."""
    chain = [last]
    while chain[-1] != first:
        chain.append(int(previous[chain[-1]]))
    return chain[::-1]
