"""The shipped region: what must be true of its layers."""

from __future__ import annotations

import hashlib
from functools import cache
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from rasterio.transform import array_bounds, rowcol
from shapely import Point
from shapely.geometry.base import BaseGeometry

from geodata.borderlands.derive.packages import PACKAGES
from geodata.borderlands.region import BORDERLANDS, borderlands

COUNTRIES = (*BORDERLANDS.countries, *BORDERLANDS.neighbours)
#: Rivers that begin on land: tributaries, and those above rapids in Mexico.
INLAND = {"La Pasión", "Salinas", "San Pedro", "Usumacinta"}


@cache
def layer(name: str) -> gpd.GeoDataFrame:
    """A layer with geometry, read once."""
    frame = borderlands().frame(name)
    assert isinstance(frame, gpd.GeoDataFrame)
    return frame


@cache
def nation(code: str) -> BaseGeometry:
    """Land of a country."""
    countries = layer("countries")
    geometry: BaseGeometry = countries.geometry[countries["country"] == code].iloc[0]
    return geometry


@cache
def water() -> BaseGeometry:
    """All of the box that is not land."""
    return shapely.box(*BORDERLANDS.bbox).difference(layer("countries").geometry.union_all())


def kilometres(one: BaseGeometry, other: BaseGeometry) -> float:
    """Distance, good to a percent at these latitudes."""
    if one.distance(other) == 0:
        return 0.0
    ends = shapely.get_coordinates(shapely.shortest_line(one, other))
    dx, dy = np.diff(ends, axis=0)[0]
    return float(np.hypot(dx * np.cos(np.radians(ends[0, 1])), dy) * 111.2)


def test_every_file_is_listed_and_unchanged() -> None:
    bundle = borderlands()
    listed = {source.file: source.sha256 for source in bundle.layers.values()}
    folders = [bundle.directory / name for name in ("layers", "tables")]
    files = [p for folder in folders for p in folder.rglob("*") if p.is_file()]
    assert sorted(listed) == sorted(p.relative_to(bundle.directory).as_posix() for p in files)
    for path in files:
        name = path.relative_to(bundle.directory).as_posix()
        assert hashlib.sha256(path.read_bytes()).hexdigest() == listed[name], name


def test_sources_are_pinned_and_licensed() -> None:
    bundle = borderlands()
    versions = {package.label: package.version for package in PACKAGES.values()}
    for source in bundle.layers.values():
        assert source.attribution
        assert source.derived.endswith(".")
        assert source.file.rpartition("/")[2] in bundle.licence_text(source.name) or (
            source.file.startswith("tables/")
        )
        if source.package:
            assert source.version == versions[source.package]
            assert source.member


def test_bundle_is_small() -> None:
    files = [p for p in borderlands().directory.rglob("*") if p.is_file()]
    assert sum(p.stat().st_size for p in files) < 8e6


@pytest.mark.parametrize(
    "name",
    ["countries", "territorial", "cays", "lakes", "rivers", "admin1", "places", "trunk"],
)
def test_geometry_is_valid_and_inside_the_box(name: str) -> None:
    frame = layer(name)
    assert frame.crs == "EPSG:4326"
    assert frame.geometry.is_valid.all()
    assert not frame.geometry.is_empty.any()
    west, south, east, north = BORDERLANDS.bbox
    x0, y0, x1, y1 = frame.total_bounds
    assert x0 >= west - 1e-9
    assert y0 >= south - 1e-9
    assert x1 <= east + 1e-9
    assert y1 <= north + 1e-9


def test_countries_share_borders_without_gap_or_overlap() -> None:
    countries = layer("countries")
    assert sorted(countries["country"]) == sorted(COUNTRIES)
    assert shapely.coverage_is_valid(countries.geometry.to_numpy())
    shared = nation("GT").boundary.intersection(nation("HN").boundary)
    assert shared.length * 108 > 200


def test_area_of_the_countries_is_right() -> None:
    # Land without lakes, CIA World Factbook; lagoons count as water here, so Belize is low.
    published = {"GT": 107_159, "HN": 111_890, "BZ": 22_806, "SV": 20_721}
    metric = layer("countries").to_crs(BORDERLANDS.crs).set_index("country").geometry.area / 1e6
    for code, area in published.items():
        assert metric[code] == pytest.approx(area, rel=0.05 if code == "BZ" else 0.025), code


@pytest.mark.parametrize(
    ("name", "x", "y", "country"),
    [
        ("Roatán", -86.4, 16.37, "HN"),
        ("Utila", -86.93, 16.1, "HN"),
        ("Guanaja", -85.88, 16.46, "HN"),
        ("Isla del Cisne", -83.93, 17.41, "HN"),
        ("Ambergris Caye", -87.97, 17.93, "BZ"),
        ("Meanguera", -87.71, 13.19, "SV"),
        ("El Tigre", -87.64, 13.27, "HN"),
    ],
)
def test_islands_belong_to_their_country(name: str, x: float, y: float, country: str) -> None:
    assert kilometres(Point(x, y), nation(country)) < 0.5, name


def test_cays_are_land_of_their_country() -> None:
    cays = layer("cays")
    owner = cays.set_index("name")["country"]
    assert owner["Hunting Caye"] == owner["Half Moon Caye"] == "BZ"
    for code, group in cays.groupby("country"):
        union = shapely.union_all(group.geometry.to_numpy())
        assert union.difference(nation(str(code))).area < 0.1 * union.area, code


def test_admin1_is_complete() -> None:
    units = layer("admin1")
    assert units["country"].value_counts().to_dict() == {"GT": 22, "HN": 18, "SV": 14, "BZ": 6}
    assert units["iso"].is_unique
    assert (units["iso"].str[:2] == units["country"]).all()


@pytest.mark.parametrize(
    ("name", "kind", "area"),
    [
        ("Lago de Izabal", "lake", 672),
        ("Lago de Petén Itzá", "lake", 99),
        ("Lago de Yojoa", "lake", 88),
        ("Lago de Atitlán", "lake", 130),
        ("El Golfete", "lake", 62),
        ("Laguna de Caratasca", "lagoon", 740),
        # Those that the grid of the country layer had in pieces.
        ("Lago de Amatitlán", "lake", 15),
        ("Lago de Güija", "lake", 45),
        ("Lago de Ilopango", "lake", 72),
        ("Lago de Coatepeque", "lake", 25),
        ("Embalse Cerrón Grande", "lake", 135),
    ],
)
def test_lakes_are_named_and_sized(name: str, kind: str, area: float) -> None:
    lakes = layer("lakes").to_crs(BORDERLANDS.crs)
    lake = lakes[lakes["name"] == name]
    assert lake["kind"].tolist() == [kind]
    assert lake.geometry.area.iloc[0] / 1e6 == pytest.approx(area, rel=0.2)


def test_lakes_are_not_land() -> None:
    land = layer("countries").geometry.union_all()
    lakes = layer("lakes").geometry.union_all()
    assert land.intersection(lakes).area < 1e-9
    assert set(layer("lakes")["kind"]) == {"lake", "lagoon"}


def test_lakes_have_no_corners_of_a_grid() -> None:
    """No side of some length along a meridian or parallel meets another at more than 45 degrees.

    Natural Earth draws Cerrón Grande in steps at its scale; two lakes abroad have one each.
    """
    box = shapely.box(*BORDERLANDS.bbox).boundary
    corners: dict[str, int] = {}
    lakes = layer("lakes")
    for name, shape in zip(lakes["name"], lakes.geometry, strict=True):
        for ring in shapely.get_parts(shapely.get_rings(shape)):
            points = shapely.get_coordinates(ring)[:-1]
            ahead = np.roll(points, -1, axis=0) - points
            behind = np.roll(ahead, 1, axis=0)
            gridded = (np.abs(ahead).min(axis=1) < 2e-5) & (np.abs(ahead).max(axis=1) > 0.004)
            turn = (ahead * behind).sum(axis=1) / np.hypot(*ahead.T) / np.hypot(*behind.T)
            sharp = (turn < np.cos(np.radians(45))) & (gridded | np.roll(gridded, 1))
            sharp &= shapely.distance(shapely.points(points), box) > 1e-3
            corners[name] = corners.get(name, 0) + int(sharp.sum())
    assert {name: count for name, count in corners.items() if count} == {
        "Embalse Cerrón Grande": 8,
        "": 2,
    }


def test_land_and_lakes_are_valid_in_metres() -> None:
    for name in ("countries", "lakes"):
        assert layer(name).to_crs(BORDERLANDS.crs).geometry.is_valid.all(), name


def test_lakes_of_several_sources_do_not_overlap() -> None:
    lakes = layer("lakes").to_crs(BORDERLANDS.crs).geometry
    assert lakes.area.sum() - lakes.union_all().area < 1e4
    files = {file for file in borderlands().layers if file.startswith("lakes")}
    assert files == {"lakes", "lakes_gshhg", "lakes_natural_earth"}
    licences = {borderlands().source(file).licence for file in files}
    assert licences == {"ODbL-1.0", "LGPL-3.0-or-later", "Public domain"}


def test_rivers_begin_in_water_and_run_onto_land() -> None:
    rivers = layer("rivers")
    assert set(rivers["kind"]) == {"river", "channel"}
    for name, parts in rivers[~rivers["name"].isin(INLAND)].groupby("name", sort=False):
        first = parts.geometry.iloc[0]
        assert water().contains(Point(first.coords[0])), name
        if parts["kind"].iloc[0] == "river" and name != "Río Dulce":  # it ends in Lake Izabal
            assert not water().contains(Point(parts.geometry.iloc[-1].coords[-1])), name


def test_inland_rivers_begin_on_another_or_in_mexico() -> None:
    rivers = layer("rivers")
    for name in INLAND - {"San Pedro", "Usumacinta"}:
        start = Point(rivers[rivers["name"] == name].geometry.iloc[0].coords[0])
        others = rivers[rivers["name"] != name].geometry.union_all()
        assert kilometres(start, others) < 1, name


def test_parts_of_a_river_meet() -> None:
    for name, parts in layer("rivers").groupby("name"):
        lines = list(parts.geometry)
        for lower, upper in pairwise(lines):
            assert kilometres(Point(lower.coords[-1]), Point(upper.coords[0])) < 0.1, name


@pytest.mark.parametrize(("name", "pair"), [("Coco", "HN-NI"), ("Sarstún", "GT-BZ")])
def test_border_rivers_follow_the_border(name: str, pair: str) -> None:
    one, other = (nation(code) for code in pair.split("-"))
    border = one.boundary.intersection(other.boundary)
    line = layer("rivers").set_index("name").geometry[name]
    along = [line.interpolate(f, normalized=True) for f in np.linspace(0.1, 1, 19)]
    assert np.median([kilometres(p, border) for p in along]) < 0.1


def test_places_lie_in_their_unit() -> None:
    places = layer("places")
    study = places[places["country"].isin(BORDERLANDS.countries)]
    assert (study["admin1"].str[:2] == study["country"]).all()
    assert (places["admin1"][places["country"].isin(BORDERLANDS.neighbours)] == "").all()
    units = study.set_index("name")["admin1"]
    assert units["Puerto Barrios"] == "GT-IZ"
    assert units["Puerto Lempira"] == "HN-GD"
    assert set(layer("admin1")["iso"]) <= set(units)


def test_no_place_is_listed_twice() -> None:
    places = layer("places")
    assert places["id"].is_unique
    assert (places["name"] == "La Ceiba").sum() == 2  # one in Honduras, one in Mexico


def test_ports_are_in_the_water_near_land() -> None:
    land = layer("countries").geometry.union_all()
    for port in borderlands().frame("ports").itertuples():
        point = Point(float(str(port.x)), float(str(port.y)))
        assert water().contains(point), port.name
        assert kilometres(point, land) < 5, port.name


def test_crossings_lie_on_their_border() -> None:
    crossings = borderlands().frame("crossings")
    assert crossings["id"].is_unique
    assert {"el-florido", "corinto", "agua-caliente", "el-ceibo"} <= set(crossings["id"])
    assert set(crossings["kind"]) == {"formal", "semi-formal"}
    for row in crossings.to_dict("records"):
        one, other = nation(row["country_a"]), nation(row["country_b"])
        border = one.boundary.intersection(other.boundary)
        assert kilometres(Point(row["x"], row["y"]), border) < 0.5, row["id"]


def test_rows_from_memory_are_marked_unverified() -> None:
    for name in ("crossings", "posts", "places_extra"):
        table = borderlands().frame(name)
        assert table["unverified"][table["source"] == "memory"].all(), name


def test_tables_use_known_units_and_countries() -> None:
    units = set(layer("admin1")["iso"])
    assert set(borderlands().frame("posts")["admin1"]) <= units
    assert set(borderlands().frame("indicators")["iso"]) <= units | set(BORDERLANDS.countries)
    assert set(borderlands().frame("places_extra")["country"]) <= set(COUNTRIES)


def test_events_and_counts_say_where_when_and_who_reports_it() -> None:
    units = set(layer("admin1")["iso"]) | {""}
    events, counts = (borderlands().frame(name) for name in ("events", "counts"))
    assert len(events) == 165 and len(counts) == 108
    for table in (events, counts):
        assert table["id"].is_unique and table["source"].str.match("https?://").all()
        assert set(table["admin1"]) <= units
    west, south, east, north = BORDERLANDS.bbox
    placed = events[events["x"].notna()]
    assert len(placed) == 110 and placed["precision_km"].gt(0).all()
    assert placed["x"].between(west, east).all() and placed["y"].between(south, north).all()
    assert events["date"].str.fullmatch(r"\d{4}(-\d{2}){0,2}").all()
    assert counts["value"].ge(0).all()
    national = counts["place"].isin(["Belize", "El Salvador", "Honduras"])
    assert national.any() and (counts["admin1"][national] == "").all(), "a country, no district"


def test_road_stops_use_known_crossings() -> None:
    stops = borderlands().frame("road_stops")
    used = set(stops["crossing"]) - {""}
    assert used <= set(borderlands().frame("crossings")["id"])


def test_extra_places_are_in_the_right_country() -> None:
    for row in borderlands().frame("places_extra").to_dict("records"):
        point = Point(row["x"], row["y"])
        assert kilometres(point, nation(row["country"])) < 1, f"{row['name']} {row['country']}"


def test_rasters_cover_the_box() -> None:
    west, south, east, north = BORDERLANDS.bbox
    for name in ("elevation", "depth", "landcover"):
        raster = borderlands().raster(name)
        rows, columns = raster.values.shape
        left, bottom, right, top = array_bounds(rows, columns, raster.transform)
        assert left <= west <= east <= right, name
        assert bottom <= south <= north <= top, name


@pytest.mark.parametrize(
    ("name", "x", "y", "low", "high"),
    [
        ("elevation", -87.2, 14.08, 900, 1300),
        ("elevation", -88.6, 15.72, 0, 60),
        ("depth", -86.0, 17.2, -6000, -3000),
        ("depth", -91.5, 13.2, -4500, -2500),
        ("landcover", -90.0, 17.6, 2, 2),
        ("landcover", -86.0, 17.2, 0, 0),
    ],
)
def test_raster_values(name: str, x: float, y: float, low: float, high: float) -> None:
    raster = borderlands().raster(name)
    row, column = rowcol(raster.transform, x, y)
    assert low <= raster.values[row, column] <= high


def test_airports_are_inside_and_of_known_kinds() -> None:
    airports = borderlands().frame("airports")
    assert isinstance(airports, pd.DataFrame)
    kinds = {"large_airport", "medium_airport", "small_airport", "closed"}
    assert set(airports["kind"]) == kinds
    assert set(airports["country"]) == set(BORDERLANDS.countries)
    assert airports["x"].between(-92.5, -83.0).all()
