"""Rasters: from a source's grid to the grid of the study area, and points from a raster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from affine import Affine
from rasterio.crs import CRS
from rasterio.features import rasterize
from rasterio.warp import Resampling, reproject
from scipy import ndimage

from geodata.area import StudyArea

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float32]


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
        Value that stands for none, or None.
    """

    values: Array
    transform: Affine
    crs: CRS
    nodata: float | None


def onto_grid(raster: Raster, area: StudyArea, *, smooth: bool) -> Floats:
    """Resample a raster onto the area's grid.

    Parameters
    ----------
    smooth
        Bilinear for measured quantities; nearest neighbour for classes.

    Returns
    -------
    array of `area.shape`, NaN where the source has nothing.
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


def burn(
    geometries: npt.ArrayLike, values: npt.ArrayLike, area: StudyArea, *, refine: int = 1
) -> npt.NDArray[np.int32]:
    """Value of the polygon at each cell's centre, -1 where there is none.

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
    burnt: npt.NDArray[np.int32] = rasterize(
        shapes,
        out_shape=(rows * refine, columns * refine),
        transform=area.transform @ Affine.scale(1 / refine),
        fill=-1,
        dtype="int32",
    )
    return burnt


def fill_nearest(values: Array, known: npt.NDArray[np.bool_]) -> Array:
    """Give every cell that is not known the value of the nearest one that is."""
    if not known.any():
        return values
    nearest = ndimage.distance_transform_edt(~known, return_distances=False, return_indices=True)
    filled: Array = values[tuple(nearest)]
    return filled
