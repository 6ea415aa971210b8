"""Slopes and gradients: those of a plane and of a ridge that are known."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from affine import Affine

from geodata.builder.meshes.land_mesh import TOBLER_FLAT, tobler
from geodata.sources.rasters import Heights, read_terrain
from tests.geodata.sources.rasters.made import area, layer, write

SMALL = (-88.6, 14.4, -88.3, 14.6)


def plane(tmp_path, *, crs="EPSG:32616", pixel=100.0, rise=0.1):
    """A raster that rises to the north-east."""
    west, north, size = 320_000.0, 1_640_000.0, int(60_000 / pixel)
    i, j = np.mgrid[:size, :size]
    metres = ((j * 0.8 - i * 0.6) * pixel * rise + 4000).astype(np.float32)
    place = Affine(pixel, 0, west, 0, -pixel, north)
    return write(tmp_path / f"dem{pixel:g}.tif", metres, place, crs)


@pytest.mark.parametrize("pixel", [100.0, 450.0])
def test_slope_of_a_plane(tmp_path, pixel):
    terrain = read_terrain([layer("elevation", plane(tmp_path, pixel=pixel))], area(SMALL))
    np.testing.assert_allclose(terrain.slope, 0.1, rtol=0.01)
    assert np.isfinite(terrain.elevation).all()


def test_slope_in_degrees(tmp_path):
    size = 0.001
    _i, j = np.mgrid[:600, :600]
    place = Affine(size, 0, -88.7, 0, -size, 14.8)
    metres = (j * size * 111_320 * np.cos(np.radians(14.5)) * 0.05).astype(np.float32)
    path = write(tmp_path / "dem.tif", metres, place, "EPSG:4326")
    terrain = read_terrain([layer("elevation", path)], area(SMALL))
    np.testing.assert_allclose(terrain.slope, 0.05, rtol=0.01)


def test_slope_is_that_of_the_pixels_not_of_the_cells(tmp_path):
    """Ridges a kilometre apart: cells of 2 km have the same height, and their slopes not 0."""
    _i, j = np.mgrid[:1000, :1000]
    ridge = (100 - np.abs(j % 10 - 5) * 20.0).astype(np.float32)
    place = Affine(100, 0, 300_000, 0, -100, 1_660_000)
    path = write(tmp_path / "dem.tif", ridge, place, "EPSG:32616")
    terrain = read_terrain([layer("elevation", path)], area(SMALL))
    assert terrain.elevation.std() < 2
    assert terrain.slope.mean() == pytest.approx(0.16, abs=0.01)


def test_the_ground_under_lines(tmp_path):
    dem = Heights([layer("elevation", plane(tmp_path, pixel=30.0))], area(SMALL))
    lines = np.array([
        shapely.LineString([(-88.55, 14.45), (-88.35, 14.45)]),
        shapely.LineString([(-88.35, 14.45), (-88.55, 14.45)]),
        shapely.LineString([(-88.5, 14.41), (-88.5, 14.59)]),
        shapely.LineString([(-80.0, 14.0), (-80.1, 14.0)]),
    ])  # fmt: skip

    def pace(slope):
        return TOBLER_FLAT / tobler(slope)

    under = dem.along(lines, pace=pace)
    # At a pace that is the rise, and nothing downhill, the mean of it is the rise over the length.
    climb = dem.along(lines, pace=lambda slope: np.maximum(slope, 0.0))
    east = climb.slower_uv[0]
    # The grid of UTM is turned a little against the parallels.
    assert east == pytest.approx(0.08, abs=0.002)
    assert climb.slower_vu[0] == pytest.approx(0, abs=1e-6)
    assert climb.slower_vu[1] == pytest.approx(east, rel=1e-4)
    assert climb.slower_uv[2] == pytest.approx(0.06, abs=0.002)
    assert under.slower_uv[0] == pytest.approx(float(pace(np.array(east))), rel=0.01)
    assert under.slower_vu[0] == pytest.approx(under.slower_uv[1], rel=1e-3)
    assert np.isnan(under.slower_uv[3]) and np.isnan(under.slower_vu[3])
    none = dem.along(lines[:0], pace=pace)
    assert none.slower_uv.shape == (0,)


def test_heights_between_pixels_and_at_sea(tmp_path):
    tile = tmp_path / "Copernicus_DSM_COG_30_N14_00_W089_00_DEM.tif"
    _i, j = np.mgrid[:1200, :1200]
    write(
        tile, (j / 10.0).astype(np.float32), Affine(1 / 1200, 0, -89, 0, -1 / 1200, 15), "EPSG:4326"
    )
    dem = Heights([layer("elevation", tile)], area((-89.0, 14.0, -87.5, 15.0)))
    metres = dem.at(np.array([-88.5, -88.0 - 1e-9, -87.7]), np.array([14.5, 14.5, 14.5]))
    np.testing.assert_allclose(metres, [59.95, 119.9, 0.0], atol=1e-3)
