"""Values of rasters at points, read block by block."""

from __future__ import annotations

import numpy as np

from geodata.arrays import Float64Array
from geodata.sources.rasters.files import Band
from geodata.sources.rasters.kernels import between
from geodata.sources.rasters.placing import Placing

_BLOCK = 1024
"""Pixels along the edge of what is read at once."""


def sample(band: Band, placing: Placing, x: Float64Array, y: Float64Array) -> Float64Array:
    """Values at points in the band's CRS, between pixel centres; NaN where there is none.

    Raises
    ------
    DataError
        When the file is damaged.
    """
    column, row = placing.pixels(band, x, y)
    rows, columns = band.shape
    with np.errstate(invalid="ignore"):
        there = np.flatnonzero((column >= 0) & (column < columns) & (row >= 0) & (row < rows))
    values = np.full(len(x), np.nan)
    if not len(there):
        return values
    down, across = row[there].astype(np.int64) // _BLOCK, column[there].astype(np.int64) // _BLOCK
    block = down * (columns // _BLOCK + 1) + across
    order = np.argsort(block, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(block[order]) != 0])
    with band.reading() as reader:
        for begin, end in zip(starts, np.r_[starts[1:], len(order)], strict=True):
            own = there[order[begin:end]]
            span = [_span(place[own], size) for place, size in ((row, rows), (column, columns))]
            window = reader.values(span[0], span[1])
            values[own] = between(
                window, row[own] - 0.5 - span[0][0], column[own] - 0.5 - span[1][0]
            )
    return values


def _span(place: Float64Array, size: int) -> tuple[int, int]:
    """Pixels that points lie between."""
    return max(int(place.min()) - 1, 0), min(int(place.max()) + 2, size)
