"""How the pixels of a raster lie on the grid of a study area, whatever the raster's CRS.

Pixels are projected at the nodes of a lattice and between them linearly, so closely that no
pixel is more than a fiftieth of a cell off. Only those windows of a raster are read that meet
the grid; none is larger than `MOST_PIXELS`, but for a strip that a file unpacks as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pyproj import CRS, Transformer
from scipy import ndimage

from geodata.area.box import longitudes_about
from geodata.area.study_area import StudyArea
from geodata.arrays import BoolArray, Float64Array
from geodata.computing.tasks import computed_once
from geodata.sources.rasters.files import RasterBand, Rows, transform_points

MOST_PIXELS = 1 << 21
"""Pixels of a window."""
STEP = 32
"""Pixels between the nodes of a lattice, where the projection bends little."""
CLOSE = 0.02
"""Cells by which a pixel may be off."""
_BLOCK = 256
"""Least number of pixels along the edge of a block that is read or passed over."""


@dataclass(frozen=True, kw_only=True)
class Lattice:
    """Places of a window's pixels on the grid.

    Parameters
    ----------
    column, row
        Column and row of the grid, with fractions, at every `step`-th pixel centre; one node
        lies beyond the last pixel.
    step
        Pixels from node to node.
    """

    column: Float64Array
    row: Float64Array
    step: int


class Placing:
    """A study area's grid as rasters see it: one for all rasters of the same CRS."""

    def __init__(self, area: StudyArea, crs: CRS) -> None:
        self.area = area
        self._crs = crs
        self._transformer = Transformer.from_crs(crs, area.crs, always_xy=True)

    @computed_once
    def corners(self) -> tuple[Float64Array, Float64Array]:
        """Coordinates in the raster's CRS of all corners of cells; degrees do not jump at 180."""
        rows, columns = self.area.shape
        return self.of_grid(*np.meshgrid(np.arange(columns + 1.0), np.arange(rows + 1.0)))

    @computed_once
    def centres(self) -> tuple[Float64Array, Float64Array]:
        """Coordinates in the raster's CRS of the centres of cells."""
        rows, columns = self.area.shape
        return self.of_grid(*np.meshgrid(np.arange(columns) + 0.5, np.arange(rows) + 0.5))

    def of_grid(self, column: Float64Array, row: Float64Array) -> tuple[Float64Array, Float64Array]:
        """Coordinates in the raster's CRS of columns and rows of the grid."""
        east, north = transform_points(self.area.transform, column, row)
        x, y = self._transformer.transform(east, north, direction="INVERSE", errcheck=False)
        x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
        if self._crs.is_geographic:
            x = longitudes_about(self.area.middle, x)
        return x, y

    def onto_grid(
        self, band: RasterBand, column: Float64Array, row: Float64Array
    ) -> tuple[Float64Array, Float64Array]:
        """Column and row of the grid of columns and rows of pixels."""
        x, y = transform_points(band.transform, column, row)
        east, north = self._transformer.transform(x, y, errcheck=False)
        across, down = transform_points(~self.area.transform, np.asarray(east), np.asarray(north))
        return np.asarray(across, np.float64), np.asarray(down, np.float64)

    def pixels(
        self, band: RasterBand, x: Float64Array, y: Float64Array
    ) -> tuple[Float64Array, Float64Array]:
        """Column and row of pixels, with fractions, of coordinates in the raster's CRS.

        Longitudes are taken round the earth onto the raster where it has them.
        """
        column, row = transform_points(~band.transform, x, y)
        if band.period is not None:
            # The turn has the raster in its middle, lest what lies a little before the first
            # column count as far beyond the last.
            first = (band.shape[1] - band.period) / 2
            column = first + (column - first) % band.period
        return np.asarray(column, np.float64), np.asarray(row, np.float64)

    def covered(self, band: RasterBand) -> BoolArray:
        """Cells whose centre lies on the raster, whatever it holds there."""
        column, row = self.pixels(band, *self.centres)
        rows, columns = band.shape
        with np.errstate(invalid="ignore"):
            inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        return np.asarray(inside)

    def pixel_cells(self, band: RasterBand) -> float:
        """Edge of a pixel in cells, about: the root of its area in the middle of the grid."""
        column, row = self.pixels(band, *self.corners)
        across = np.hypot(np.diff(column, axis=1), np.diff(row, axis=1))
        down = np.hypot(np.diff(column, axis=0), np.diff(row, axis=0))
        spacing = np.sqrt(np.nanmedian(across) * np.nanmedian(down))
        return float(1.0 / max(spacing, 1e-12))

    def windows(self, band: RasterBand) -> Iterator[tuple[Rows, Rows]]:
        """Rows and columns of the windows that meet the grid."""
        height, width = self._block(band)
        marks = self._marks(band, height, width)
        (rows, columns), (_, block_columns) = band.shape, band.blocks
        for at in np.flatnonzero(marks.any(axis=1)).tolist():
            edges = np.flatnonzero(np.diff(np.r_[False, marks[at], False].astype(np.int8)))
            for begin, end in edges.reshape(-1, 2).tolist():
                yield from _divided(
                    Rows(at * height, min((at + 1) * height, rows)),
                    Rows(begin * width, min(end * width, columns)),
                    strips=block_columns >= columns,
                )

    def _block(self, band: RasterBand) -> tuple[int, int]:
        """Rows and columns that are read or passed over together: no cell is larger."""
        column, row = self.pixels(band, *self.corners)
        steps = [
            np.nanmedian(np.maximum(*(np.abs(np.diff(each, axis=axis)) for each in (column, row))))
            for axis in (0, 1)
        ]
        least = max(_BLOCK, int(np.ceil(1.5 * np.nanmax(steps))))
        height, width = (
            -(-least // size) * size if size <= 4 * least else least for size in band.blocks
        )
        return height, width

    def _marks(self, band: RasterBand, height: int, width: int) -> BoolArray:
        """Blocks that hold a corner of a cell, and those beside them."""
        rows, columns = band.shape
        marks = np.zeros((-(-rows // height), -(-columns // width)), bool)
        column, row = self.pixels(band, *self.corners)
        shifts = (0.0,) if band.period is None else (-band.period, 0.0, band.period)
        known = np.isfinite(column) & np.isfinite(row)
        for shift in shifts:
            down = np.floor(row[known] / height)
            across = np.floor((column[known] + shift) / width)
            # One block beyond the edge counts: its neighbour is on the raster.
            near = (down >= -1) & (down <= marks.shape[0]) & (across >= -1)
            near &= across <= marks.shape[1]
            wide = np.zeros((marks.shape[0] + 2, marks.shape[1] + 2), bool)
            wide[down[near].astype(int) + 1, across[near].astype(int) + 1] = True
            marks |= ndimage.binary_dilation(wide, np.ones((3, 3), bool))[1:-1, 1:-1]
        return marks

    def lattice(self, band: RasterBand, rows: Rows, columns: Rows) -> Lattice:
        """Places of a window's pixels, close enough."""
        step = STEP
        while True:
            lattice = self._lattice(band, rows, columns, step)
            if step == 1 or self._off(band, lattice, rows.first, columns.first) <= CLOSE:
                return lattice
            step //= 4 if step > 4 else step

    def _lattice(self, band: RasterBand, rows: Rows, columns: Rows, step: int) -> Lattice:
        down = np.arange(rows.first, rows.end + step, step) + 0.5
        across = np.arange(columns.first, columns.end + step, step) + 0.5
        column, row = self.onto_grid(band, *np.meshgrid(across, down))
        return Lattice(column=column, row=row, step=step)

    def _off(self, band: RasterBand, lattice: Lattice, row: int, column: int) -> float:
        """Cells by which the middle between nodes is off at most, near the grid."""
        nodes = np.array([lattice.column, lattice.row])
        middle = (nodes[:, :-1, :-1] + nodes[:, 1:, :-1] + nodes[:, :-1, 1:] + nodes[:, 1:, 1:]) / 4
        height, width = middle.shape[1:]
        half = lattice.step / 2 + 0.5
        exact = np.array(
            self.onto_grid(
                band,
                *np.meshgrid(
                    column + np.arange(width) * lattice.step + half,
                    row + np.arange(height) * lattice.step + half,
                ),
            )
        )
        rows, columns = self.area.shape
        with np.errstate(invalid="ignore"):
            x, y = exact
            near = (x >= 0) & (x <= columns) & (y >= 0) & (y <= rows)
            off = np.abs(exact - middle).max(axis=0)
        off = np.where(np.isfinite(off), off, np.inf)
        return float(off[near].max(initial=0.0))


def _divided(rows: Rows, columns: Rows, *, strips: bool) -> Iterator[tuple[Rows, Rows]]:
    """A window in parts of no more than `MOST_PIXELS`; strips are not cut across."""
    width = columns.extent
    if not strips:
        width = min(width, max(1, MOST_PIXELS // rows.extent))
    height = max(1, min(rows.extent, MOST_PIXELS // width))
    for left in range(*columns, width):
        for top in range(*rows, height):
            yield (
                Rows(top, min(top + height, rows.end)),
                Rows(left, min(left + width, columns.end)),
            )


def cells_in_box(area: StudyArea) -> npt.NDArray[np.bool_]:
    """Cells whose centre lies in the box of the area."""
    west, south, east, north = area.bbox
    x, y = area.centres()
    x = longitudes_about(area.middle, x)
    return np.asarray((x >= west) & (x <= east) & (y >= south) & (y <= north))
