"""Surfaces as cloud-optimised GeoTIFF."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio

from geodata.area.study_area import StudyArea
from geodata.arrays import Float32Array
from geodata.errors import InputError

_NODATA = -9999.0
_OVERVIEW_CELLS = 1024


def write_band(values: Float32Array, area: StudyArea, path: Path, title: str) -> None:
    """Write values on the area's grid to a path that nothing else is at yet.

    Parameters
    ----------
    values
        Of the shape of the area's grid, row 0 north; NaN where unknown.
    area
        Gives the CRS and the transform.
    path
        The ``.tif``.
    title
        The description of the band.

    Raises
    ------
    InputError
        When the values are not on the area's grid.
    """
    if values.shape != area.shape:
        raise InputError("values", values.shape, f"Give an array of shape {area.shape}.")
    known = np.isfinite(values)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=area.shape[0],
        width=area.shape[1],
        count=1,
        dtype="float32",
        crs=area.crs.to_wkt(),
        transform=area.transform,
        nodata=_NODATA,
        compress="deflate",
        predictor=3,
        tiled=True,
        blockxsize=256,
        blockysize=256,
    ) as raster:
        raster.write(np.where(known, values, _NODATA).astype(np.float32), 1)
        raster.set_band_description(1, title)
        raster.update_tags(1, **_statistics(values[known]))
        if max(area.shape) > _OVERVIEW_CELLS:
            raster.build_overviews([2, 4, 8], rasterio.enums.Resampling.average)


def _statistics(values: Float32Array) -> dict[str, str]:
    """Measure what GDAL and QGIS read before they stretch a band."""
    if not values.size:
        return {}
    exact = values.astype(np.float64)
    measures = {
        "MINIMUM": exact.min(),
        "MAXIMUM": exact.max(),
        "MEAN": exact.mean(),
        "STDDEV": exact.std(),
    }
    return {f"STATISTICS_{name}": f"{value:.9g}" for name, value in measures.items()}
