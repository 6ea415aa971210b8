"""Rasters of somebody else: their heads are read before their pixels."""

from __future__ import annotations

import resource
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.errors import NotGeoreferencedWarning

from geodata.area.grid import cells_along, read_grid
from geodata.area.study_area import StudyArea
from geodata.errors import DataError


@pytest.fixture(scope="module")
def area(network) -> StudyArea:
    return network.area


def written(path: Path, area: StudyArea, values: np.ndarray | None = None, **more: Any) -> bytes:
    rows, columns = area.shape
    told = {"driver": "GTiff", "height": rows, "width": columns, "count": 1, "dtype": "float32",
            "crs": area.crs.to_wkt(), "transform": area.transform, **more}  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with rasterio.open(path, "w", **told) as target:
            if values is not None:
                target.write(values.astype(told["dtype"]), 1)
    return path.read_bytes()


def test_a_raster_on_the_grid_is_read(area: StudyArea, tmp_path: Path) -> None:
    values = np.arange(np.prod(area.shape)).reshape(area.shape) % 100
    data = written(tmp_path / "a.tif", area, values, nodata=-1)
    np.testing.assert_array_equal(read_grid(data, area), values)


@pytest.mark.parametrize(
    "more",
    [
        {"height": 8000, "width": 8000, "sparse_ok": True, "tiled": True},
        {"height": 60_000, "width": 60_000, "sparse_ok": True, "tiled": True},
        {"transform": Affine(1, 0, 0, 0, -1, 0)},
        {"count": 3},
        {"count": 500, "sparse_ok": True, "tiled": True},
        {"dtype": "complex64"},
        {"tiled": True, "blockxsize": 16384, "blockysize": 16384, "sparse_ok": True},
    ],
)
def test_others_are_refused_before_their_pixels_are_read(
    area: StudyArea, tmp_path: Path, more: dict[str, Any]
) -> None:
    data = written(tmp_path / "a.tif", area, **more)
    usual = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(DataError, match=r"grid|numbers|tiles"):
        read_grid(data, area)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - usual < 50_000


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no raster",
        b"II*\0",
        # A list of other files, which GDAL would open.
        b'<VRTDataset rasterXSize="1" rasterYSize="1"><VRTRasterBand dataType="Float32" band="1">'
        b"<SimpleSource><SourceFilename>/etc/passwd</SourceFilename></SimpleSource>"
        b"</VRTRasterBand></VRTDataset>",
        b"GTIFF_DIR:1:/etc/passwd",
    ],
)
def test_what_is_no_geotiff_is_refused(area: StudyArea, data: bytes) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_grid(data, area)


def test_lines_are_told_by_the_cells_that_they_pass(area: StudyArea) -> None:
    left, _, _, top = area.extent
    corner = np.array([left, top]) + area.cell_m * np.array([0.5, -0.5])
    points = corner + area.cell_m * np.array([[0, 0], [3, 0], [0, -2], [0, 1]])
    line, cell = cells_along(area, points, np.array([0, 0, 1, 1]))
    assert np.unique(cell[line == 0]).tolist() == [0, 1, 2, 3]
    assert np.unique(cell[line == 1]).tolist() == [0, area.shape[1], 2 * area.shape[1]]
