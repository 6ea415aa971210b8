"""Path size: how far paths share their way with others.

References
----------
Ben-Akiva and Bierlaire 1999, Discrete choice methods and their applications to short term travel
decisions. Here the shared unit is a cell, because paths on a mesh run side by side without
sharing a link.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from geodata.arrays import Float64Array, Int32Array, Int64Array
from geodata.computing.compiled import kernel


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """The cells that paths pass, laid end to end.

    Parameters
    ----------
    cell
        Number of each cell passed, from 0 up.
    length
        Length of way of each entry, above zero.
    ends
        Where each path ends among them.
    """

    cell: Int32Array
    length: Float64Array
    ends: Int64Array

    def path_size(self, weights: Float64Array) -> Float64Array:
        """Path-size factors: 1 for a path that shares no cell with another, less for one that does.

        Parameters
        ----------
        weights
            Weight of each path; a cell is shared in proportion to them.
        """
        return np.asarray(_path_size(self.cell, self.length, self.ends, weights))


@kernel(nogil=True, error_model="numpy")
def _path_size(cell: Any, length: Any, ends: Any, weights: Any) -> Any:
    """For each path, the mean along it of its weight over the weight of all paths in the cell."""
    cells = cell.max() + 1 if len(cell) else 0
    users, last = np.zeros(cells), np.full(cells, -1, np.int64)
    begin = 0
    for path in range(len(ends)):
        for c in cell[begin : ends[path]]:
            if last[c] != path:
                users[c] += weights[path]
                last[c] = path
        begin = ends[path]
    factors = np.zeros(len(ends))
    begin = 0
    for path in range(len(ends)):
        way = 0.0
        for k in range(begin, ends[path]):
            way += length[k]
            # A weight that underflows to zero gives a factor of zero instead of 0 / 0.
            if weights[path] > 0:
                factors[path] += length[k] * weights[path] / users[cell[k]]
        factors[path] /= way if way > 0 else 1.0
        begin = ends[path]
    return factors
