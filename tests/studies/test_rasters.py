"""Rasters that people use: WorldPop, GHSL in Mollweide, land cover in Robinson, Copernicus."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
from rasterio.warp import reproject

from geodata.sources.rasters import read_surface, read_terrain
from tests.geodata.sources.rasters.made import area, layer, on_grid
from tests.support.worlds.packages import packaged

pytestmark = pytest.mark.studies

URBAN = "data/tutorial_data"
SENEGAL = "docs/tutorial_data"
TILE = "tests/data/tiles/glo_30/Copernicus_DSM_COG_10_N54_00_W165_00_DEM.tif"


@pytest.mark.parametrize(
    ("name", "box", "cell_m"),
    [
        ("wp_2020_1k_AOI.tif", (-79.0, 39.0, -76.0, 41.0), 2000.0),
        ("wp_2020_1k_AOI.tif", (-79.0, 39.0, -76.0, 41.0), 5000.0),
        ("GHSL.tif", (-78.2, 38.6, -76.3, 39.2), 2000.0),
    ],
)
def test_people_on_the_grid_are_those_inside(name, box, cell_m):
    path = packaged("gosturban", f"{URBAN}/{name}")
    grid = read_surface([layer("population", path)], area(box, cell_m))
    with rasterio.open(path) as source:
        values = source.read(1, masked=True).astype(np.float64).filled(0.0)
        inside = on_grid(values, source.transform, source.crs, area(box, cell_m))
        nearest = np.full(grid.shape, np.nan)
        reproject(
            rasterio.band(source, 1), nearest, dst_transform=area(box, cell_m).transform,
            dst_crs=area(box, cell_m).crs.to_wkt(), dst_nodata=np.nan,
        )  # fmt: skip
    assert np.nansum(grid, dtype=np.float64) / inside == pytest.approx(1.0, abs=0.005)
    assert np.nansum(nearest) / inside < 0.35


def test_land_cover_in_robinson_and_friction():
    senegal = area((-17.0, 12.6, -12.0, 16.0), 4000.0)
    cover = packaged("gostnetsraster", f"{SENEGAL}/SEN_Landcover_projected.tif")
    classes = read_surface([layer("landcover", cover)], senegal)
    modes = np.full(senegal.shape, np.nan)
    with rasterio.open(cover) as source:
        assert "Robinson" in source.crs.to_wkt()
        reproject(
            rasterio.band(source, 1), modes, dst_transform=senegal.transform,
            dst_crs=senegal.crs.to_wkt(), dst_nodata=np.nan, src_nodata=source.nodata,
            resampling=rasterio.enums.Resampling.mode,
        )  # fmt: skip
    both = np.isfinite(classes) & np.isfinite(modes)
    assert both.mean() > 0.7
    assert (classes[both] == modes[both]).mean() > 0.97
    friction = packaged("gostnetsraster", f"{SENEGAL}/SEN_friction_surface.tif")
    minutes = read_surface([layer("friction", friction)], senegal)
    assert np.isfinite(minutes).all() and 0.0006 < np.median(minutes) < 0.06


def test_a_copernicus_tile_and_the_sea_round_it():
    path = packaged("dem-stitcher", TILE)
    heard: list[str] = []
    island = area((-164.9, 54.4, -163.7, 54.9))
    terrain = read_terrain([layer("elevation", path)], island, notice=heard.append)
    assert np.isfinite(terrain.elevation).all() and np.isfinite(terrain.slope).all()
    assert 1000 < terrain.elevation.max() < 2900
    x, _ = island.centres()
    assert (terrain.elevation[x > -163.95] == 0).all() and (terrain.slope[x > -163.95] == 0).all()
    assert 0.2 < terrain.slope.max() < 2
    assert heard == ["elevation: 1 squares of one degree have no Copernicus tile and count as sea"]
