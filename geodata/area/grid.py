"""Rasters: from a source's grid to the grid of the study area, and points from a raster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from affine import Affine
from rasterio.crs import CRS
from rasterio.errors import RasterioError
from rasterio.features import rasterize
from rasterio.io import MemoryFile
from rasterio.warp import Resampling, reproject
from scipy import ndimage

from geodata.area.study_area import StudyArea
from geodata.arrays import BoolArray, Float32Array, Float64Array, Int32Array, Int64Array
from geodata.errors import DataError

_MOST_BLOCK_CELLS = 1 << 20
"""Largest number of cells in a tile of a raster, because a tile is unpacked at once."""

Array = npt.NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class Raster:
    """One band with its place on the ground.

    Parameters
    ----------
    values
        Two-dimensional array, row 0 north.
    transform
        From column and row to coordinates of `crs`.
    crs
        Coordinate reference system.
    nodata
        Value of pixels without data, or None.
    """

    values: Array
    transform: Affine
    crs: CRS
    nodata: float | None


def onto_grid(raster: Raster, area: StudyArea, *, smooth: bool) -> Float32Array:
    """Resample a raster onto the area's grid.

    Parameters
    ----------
    smooth
        Bilinear for measured quantities; nearest neighbour for classes.

    Returns
    -------
    array of `area.shape`, NaN where the source has no data.
    """
    grid = np.full(area.shape, np.nan, np.float32)
    reproject(
        raster.values.astype(np.float32),
        grid,
        src_transform=raster.transform,
        src_crs=raster.crs,
        src_nodata=raster.nodata,
        dst_transform=area.transform,
        dst_crs=CRS.from_user_input(area.crs.to_wkt()),
        dst_nodata=np.nan,
        resampling=Resampling.bilinear if smooth else Resampling.nearest,
    )
    return grid


def read_grid(geotiff: bytes, area: StudyArea) -> np.ma.MaskedArray[Any, Any]:
    """The one band of a GeoTIFF on the area's grid, with NaN for pixels marked as unknown.

    The header is read before the pixels: a file of some kilobytes may unpack to gigabytes.

    Parameters
    ----------
    geotiff
        The file; neither files beside it nor files that it names are opened.

    Raises
    ------
    DataError
        When the file is not a GeoTIFF, or not on the grid.
    """
    if not geotiff:
        raise DataError("raster", "GeoTIFF", "It cannot be read: it is empty.")
    try:
        with MemoryFile(geotiff) as file, file.open(driver="GTiff") as source:
            _check_head(source, area)
            values: np.ma.MaskedArray[Any, Any] = source.read(1, masked=True)
    except (RasterioError, OSError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError("raster", "GeoTIFF", "It cannot be read.") from error
    return values


def _check_head(source: Any, area: StudyArea) -> None:
    """Refuse a raster of another shape, place or type than the area's grid has."""
    rows, columns = area.shape
    most = max(_MOST_BLOCK_CELLS, rows * columns)
    kind = np.dtype(source.dtypes[0])
    if source.shape != area.shape or not source.transform.almost_equals(area.transform):
        raise DataError("raster", source.shape, "It is not on the network's grid.")
    if source.count != 1 or kind.kind not in "fiu" or kind.itemsize > 8:
        bands = f"{source.count} of {kind}"
        raise DataError("raster", bands, "It is to be one band of numbers.")
    if any(height * width > most for height, width in source.block_shapes):
        raise DataError("raster", source.block_shapes, "Its tiles are too large.")


def burn(
    geometries: npt.ArrayLike, values: npt.ArrayLike, area: StudyArea, *, refine: int = 1
) -> Int32Array:
    """Value of the polygon at each cell's centre, -1 where there is no polygon.

    Parameters
    ----------
    geometries
        Polygons in the CRS of the area's grid.
    values
        One non-negative integer a polygon; later polygons win.
    refine
        Cells along the edge of a grid cell, for a finer mask.
    """
    rows, columns = area.shape
    shapes = [
        (geometry, int(value))
        for geometry, value in zip(np.asarray(geometries), np.asarray(values), strict=True)
    ]
    if not shapes:
        return np.full((rows * refine, columns * refine), -1, np.int32)
    burnt: Int32Array = rasterize(
        shapes,
        out_shape=(rows * refine, columns * refine),
        transform=area.transform @ Affine.scale(1 / refine),
        fill=-1,
        dtype="int32",
    )
    return burnt


def fill_nearest(values: Array, known: BoolArray) -> Array:
    """Give every unknown cell the value of the nearest known one."""
    if not known.any():
        return values
    nearest = ndimage.distance_transform_edt(~known, return_distances=False, return_indices=True)
    filled: Array = values[tuple(nearest)]
    return filled


STEP = 0.25
"""Lines are laid over the grid in pieces of this share of a cell."""


def lay_lines(
    area: StudyArea, points: Float64Array, line: Int64Array, weight: Float64Array
) -> Float64Array:
    """Weight of the lines times their length in each cell, in cell widths.

    Parameters
    ----------
    points
        Vertices in metres of the area's grid, line by line; shape (n, 2).
    line
        Line of each vertex, ascending; shape (n,).
    weight
        Weight of each line.

    Returns
    -------
    array of `area.shape`; parts of lines outside the grid are left out.
    """
    pieces = _cut_at_cells(area, points, line)
    part = (weight[line[pieces.step]] * pieces.metres / pieces.pieces / area.cell_m)[pieces.own]
    rows, columns = area.shape
    return np.asarray(
        np.bincount(pieces.cell, part, rows * columns).reshape(area.shape), np.float64
    )


def cells_along(
    area: StudyArea, points: Float64Array, line: Int64Array
) -> tuple[Int64Array, Int64Array]:
    """Lines and the cells that they pass, row by row from the north; each pair at least once.

    Parameters
    ----------
    points, line
        As in `lay_lines`.
    """
    pieces = _cut_at_cells(area, points, line)
    return line[pieces.step][pieces.own], pieces.cell


class _Pieces(NamedTuple):
    """Pieces of lines that lie inside the grid.

    Parameters
    ----------
    step
        Vertex at which each step of the lines begins.
    metres, pieces
        Length of each step, and number of its pieces.
    own, cell
        Step and cell of each piece.
    """

    step: Int64Array
    metres: Float64Array
    pieces: Int64Array
    own: Int64Array
    cell: Int64Array


def _cut_at_cells(area: StudyArea, points: Float64Array, line: Int64Array) -> _Pieces:
    """Lines in pieces of at most `STEP` of a cell."""
    steps = np.flatnonzero(line[1:] == line[:-1])
    way = (points[1:] - points[:-1])[steps]
    metres = np.hypot(*way.T)
    pieces = np.maximum(np.ceil(metres / (STEP * area.cell_m)).astype(int), 1)
    own = np.repeat(np.arange(len(steps)), pieces)
    t = (np.arange(len(own)) - np.repeat(np.cumsum(pieces) - pieces, pieces) + 0.5) / pieces[own]
    east, north = (points[steps[own]] + t[:, None] * way[own]).T
    column = np.floor((east - area.transform.c) / area.cell_m).astype(int)
    row = np.floor((area.transform.f - north) / area.cell_m).astype(int)
    rows, columns = area.shape
    inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
    return _Pieces(steps, metres, pieces, own[inside], row[inside] * columns + column[inside])
