"""Graphs in the form that scipy searches."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from geodata.arrays import Float64Array, Int32Array, Int64Array


def weighted_graph(weights: Float64Array, u: Int64Array, v: Int64Array, count: int) -> csr_array:
    """Graph of some edges.

    Parameters
    ----------
    weights
        One weight an edge; weights of edges between the same nodes are added.
    u, v
        Rows of nodes.
    count
        Number of nodes.
    """
    # scipy before 1.17 does not search graphs with node numbers of 64 bits.
    ends = (u.astype(np.int32), v.astype(np.int32))
    return csr_array((weights, ends), shape=(count, count))


def chain_to(previous: Int32Array, first: int, last: int) -> list[int]:
    """Nodes of a path, first to last, from the predecessor of each node."""
    chain = [last]
    while chain[-1] != first:
        chain.append(int(previous[chain[-1]]))
    return chain[::-1]
