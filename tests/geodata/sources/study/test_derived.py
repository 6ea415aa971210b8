"""Whose land is that no unit covers, and in which unit points lie."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geodata.area.study_area import StudyArea
from geodata.errors import DataError
from geodata.sources.study.derived import country_land, locate_points
from geodata.sources.study.land_of import LandOf

LAND = shapely.union_all([shapely.box(0, 0, 1, 0.9), shapely.box(0.4, 0.92, 0.5, 0.95)])


def area(*countries: str) -> StudyArea:
    return StudyArea(name="made", bbox=(0, 0, 1, 1), countries=countries, neighbours=())


def frame(**shapes: shapely.Geometry) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"country": list(shapes)}, geometry=list(shapes.values()), crs=4326)


def land_of(
    place: StudyArea, units: gpd.GeoDataFrame, **more: gpd.GeoDataFrame
) -> dict[str, float]:
    coast = gpd.GeoDataFrame(geometry=[LAND], crs=4326)
    land = country_land(place, coast, units, **more).set_index("country").geometry
    return {code: round(float(shape.area), 6) for code, shape in land.items()}


def test_a_hole_in_units_is_of_the_country_whose_outline_is_around_it() -> None:
    glacier = shapely.box(0.3, 0.3, 0.7, 0.7)
    units = frame(XA=shapely.box(0, 0, 1, 1).difference(glacier))
    alone = land_of(area("XA"), units)
    assert alone[""] == pytest.approx(0.34**2, abs=1e-3)
    outlines = frame(XA=shapely.box(-1, -1, 2, 2))
    assert land_of(area("XA"), units, outlines=outlines) == {"XA": 0.903}


def test_units_of_others_stay_theirs_within_an_outline() -> None:
    units = frame(XA=shapely.box(0, 0, 0.3, 1), XB=shapely.box(0.4, 0.4, 0.6, 0.6))
    outlines = frame(XA=shapely.box(-1, -1, 2, 2))
    assert land_of(area("XA", "XB"), units, outlines=outlines) == {"XA": 0.863, "XB": 0.04}


def test_the_rest_is_of_the_one_country_that_has_no_unit() -> None:
    units = frame(XA=shapely.box(0.4, 0.4, 0.6, 0.91))
    # An island that does not reach the edge of the area is of the country beside it.
    assert land_of(area("XA", "XB"), units) == {"XA": 0.103, "XB": 0.8}
    assert set(land_of(area("XA", "XB", "XC"), units)) == {"XA", ""}
    assert set(land_of(area("XA"), units)) == {"XA", ""}


def test_units_of_elsewhere_say_nothing() -> None:
    units = frame(XB=shapely.box(1.1, 0, 1.2, 1))
    assert land_of(area("XA"), units) == {"XA": 0.903}
    with pytest.raises(DataError, match="nothing parts its countries"):
        land_of(area("XA", "XB"), units)


def test_a_unit_is_told_where_only_the_country_is_known_and_is_one_of_that_country() -> None:
    countries = frame(XA=shapely.box(0, 0, 0.5, 1), XB=shapely.box(0.5, 0, 1, 1))
    units = countries.assign(iso=countries["country"] + "-1", name="")
    rows = {"XA": 0.2, "": 0.3, "XB": 0.4}
    posts = pd.DataFrame({"country": list(rows), "admin1": "", "x": list(rows.values()), "y": 0.5})
    posts.loc[3] = ["XA", "XA-7", 0.1, 0.1]
    there = locate_points(posts, LandOf(countries, area("XA", "XB")), units)
    assert list(there["country"]) == ["XA", "XA", "XB", "XA"]
    assert list(there["admin1"]) == ["XA-1", "XA-1", "", "XA-7"]
    again = locate_points(there, LandOf(countries, area("XA", "XB")), units)
    pd.testing.assert_frame_equal(again, there)
