"""Basemaps: which details they leave out."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pytest
import shapely

from geodata.area.study_area import StudyArea
from geodata.cartography.basemap import Basemap, borders, fit_rectangle, project_basemap

AREA = StudyArea(name="made", bbox=(0, 0, 1, 1), countries=("XA", "XB"), neighbours=())


def basemap(**countries: shapely.Geometry) -> Basemap:
    land = gpd.GeoDataFrame(
        {"country": list(countries)}, geometry=list(countries.values()), crs=4326
    )
    empty = gpd.GeoDataFrame({"name": [], "population": []}, geometry=[], crs=4326)
    return Basemap(countries=land, lakes=empty, places=empty)


def test_an_island_in_a_pond_that_is_left_out_is_land_once() -> None:
    pond = shapely.Point(0.5, 0.5).buffer(0.0005)
    island = shapely.Point(0.5, 0.5).buffer(0.0002)
    land = shapely.MultiPolygon([shapely.box(0.1, 0.1, 0.9, 0.9) - pond, island])
    projected = project_basemap(basemap(XA=land), AREA)
    assert len(shapely.get_parts(projected.countries["XA"])) == 1
    assert shapely.is_valid(projected.land) and projected.lakes.is_empty


def test_a_lake_is_no_border_and_countries_that_overlap_are_drawn() -> None:
    lake = shapely.Point(0.3, 0.5).buffer(0.1)
    west, east = shapely.box(0.1, 0.1, 0.5, 0.9) - lake, shapely.box(0.499, 0.1, 0.9, 0.9)
    projected = project_basemap(basemap(XA=west, XB=east), AREA)
    _, inland = borders(projected)
    assert 85_000 < inland.length < 180_000
    lake_m = gpd.GeoSeries([lake], crs=4326).to_crs(AREA.crs).iloc[0]
    assert not inland.intersects(lake_m.buffer(500))


@pytest.mark.parametrize("bbox", [(0.0, 85.0, 20.0, 90.0), (-40.0, 60.0, 40.0, 63.0)])
def test_a_frame_that_fits_between_no_sides_of_the_box_is_that_of_the_grid(bbox) -> None:
    area = replace(AREA, bbox=bbox, cell_m=20_000.0)
    assert fit_rectangle(area).bounds == area.extent
