"""A mesh over grid cells with 16 neighbours: queen and knight moves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pyproj import Geod

GEOD = Geod(ellps="WGS84")
MOVES = ((0, 1), (1, 0), (1, 1), (1, -1), (1, 2), (1, -2), (2, 1), (2, -1))
"""Half of the 16 moves, row and column; the others are their reverses."""

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Mesh:
    """Cells and the pairs of them that are neighbours.

    Parameters
    ----------
    cells
        Flat cell numbers, ascending, one a node.
    a, b
        Flat cell numbers of the two ends of each link.
    seconds_ab, seconds_ba
        Travel time each way.
    length_m
        Geodesic length of each link.
    """

    cells: Ints
    a: Ints
    b: Ints
    length_m: npt.NDArray[np.float64]
    seconds_ab: npt.NDArray[np.float64]
    seconds_ba: npt.NDArray[np.float64]


def neighbours(mask: npt.NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Every pair of cells of the mask that are one move apart.

    Returns
    -------
    a, b
        Flat cell numbers.
    """
    rows, columns = mask.shape
    pairs = []
    for down, right in MOVES:
        first = mask[: rows - down, max(0, -right) : columns - max(0, right)]
        second = mask[down:, max(0, right) : columns + min(0, right)]
        row, column = np.nonzero(first & second)
        column = column + max(0, -right)
        pairs.append((row * columns + column, (row + down) * columns + column + right))
    a, b = (np.concatenate(side) for side in zip(*pairs, strict=True))
    return a, b


def geodesic(
    x1: npt.NDArray[np.float64],
    y1: npt.NDArray[np.float64],
    x2: npt.NDArray[np.float64],
    y2: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Metres along the WGS 84 ellipsoid."""
    return np.asarray(GEOD.inv(x1, y1, x2, y2)[2], np.float64)
