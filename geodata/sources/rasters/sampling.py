"""Values of rasters at points, read block by block."""

from __future__ import annotations

import numpy as np

from geodata.arrays import Float64Array
from geodata.sources.rasters.files import RasterBand, Rows
from geodata.sources.rasters.kernels import interpolate
from geodata.sources.rasters.placing import Placing

_BLOCK = 1024
"""Pixels along the edge of a block that is read at once."""


def sample(band: RasterBand, placing: Placing, x: Float64Array, y: Float64Array) -> Float64Array:
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
            height, width = _span(row[own], rows), _span(column[own], columns)
            window = reader.values(height, width)
            values[own] = interpolate(
                window, row[own] - 0.5 - height.first, column[own] - 0.5 - width.first
            )
    return values


def _span(place: Float64Array, size: int) -> Rows:
    """Pixels that points lie between."""
    return Rows(max(int(place.min()) - 1, 0), min(int(place.max()) + 2, size))
