"""A mesh over grid cells with 16 neighbours: queen and knight moves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geodata.arrays import BoolArray, Float64Array, Int64Array

MOVES = ((0, 1), (1, 0), (1, 1), (1, -1), (1, 2), (1, -2), (2, 1), (2, -1))
"""Half of the 16 moves, row and column; the others are their reverses."""


@dataclass(frozen=True, kw_only=True)
class Mesh:
    """Cells and the pairs of them that are neighbours.

    Parameters
    ----------
    cells
        Flat cell numbers in ascending order, one a node.
    a, b
        Flat cell numbers of the two ends of each link.
    seconds_ab, seconds_ba
        Travel time each way.
    length_m
        Geodesic length of each link.
    """

    cells: Int64Array
    a: Int64Array
    b: Int64Array
    length_m: Float64Array
    seconds_ab: Float64Array
    seconds_ba: Float64Array


def neighbours(mask: BoolArray) -> tuple[Int64Array, Int64Array]:
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
