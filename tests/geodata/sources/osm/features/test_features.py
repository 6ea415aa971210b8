"""Layers other than roads, of made files and of Monaco."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geodata.area.box import Box
from geodata.area.geodesy import GEOD
from geodata.errors import DataError, InputError
from geodata.sources.layers.schema import SCHEMAS, check
from geodata.sources.osm.features.coast import land_of
from geodata.sources.osm.features.features import OsmLayers, layers_of
from tests.support.worlds.osm_files import boundary, node, relation, way, write_osm

BOX = Box(0.0, 0.0, 1.0, 1.0)
NAMES = ("coast", "lakes", "rivers", "admin1", "countries", "places", "crossings", "ports",
         "airports", "posts")  # fmt: skip


@pytest.fixture
def made(tmp_path):
    """Layers of a file of these objects."""

    def layers(*objects, box=BOX) -> OsmLayers:
        return OsmLayers([write_osm(tmp_path / "made.osm.pbf", *objects)], box)

    return layers


def ring(first: int, west: float, south: float, east: float, north: float):
    """Four nodes against the clock, and their numbers around."""
    corners = [(west, south), (east, south), (east, north), (west, north)]
    nodes = [node(first + at, *corner) for at, corner in enumerate(corners)]
    return nodes, [first, first + 1, first + 2, first + 3, first]


def square_degrees(shapes) -> float:
    return float(shapely.area(np.array(list(shapes), object)).sum())


@pytest.mark.parametrize("name", NAMES)
def test_a_file_without_a_layer_gives_one_without_rows(made, name) -> None:
    frame = made(node(1, 0.5, 0.5, place="ocean")).frame(name)
    check(frame, SCHEMAS[name], name)
    assert len(frame) == (name == "coast")


def test_other_layers_are_refused(made) -> None:
    with pytest.raises(InputError, match="OpenStreetMap has coast, lakes"):
        made(node(1, 0.5, 0.5, place="town")).frame("indicators")


def test_places_have_their_people(made) -> None:
    frame = made(
        node(1, 0.1, 0.1, place="town", name="A", population="12 345"),
        node(2, 0.2, 0.2, place="village", name="B", population="~1,200"),
        node(3, 0.3, 0.3, place="village", name="C"),
        node(4, 0.4, 0.4, place="hamlet", name="D"),
        node(5, 0.5, 0.5, place="hamlet", name="E", population="40"),
        node(6, 1.5, 0.5, place="town", name="F", population="9000"),
    ).frame("places")  # fmt: skip
    check(frame, SCHEMAS["places"], "places")
    assert frame[["id", "name", "population"]].to_numpy().tolist() == [
        [1, "A", 12345], [2, "B", 1200], [3, "C", 0], [5, "E", 40],
    ]  # fmt: skip


def test_posts_crossings_airports_and_ports(made) -> None:
    nodes, base = ring(10, 0.6, 0.6, 0.7, 0.7)
    layers = made(
        node(1, 0.1, 0.1, barrier="border_control", name="El Ceibo"),
        node(2, 0.2, 0.1, amenity="police"),
        node(3, 0.3, 0.1, amenity="courthouse"),
        node(4, 0.4, 0.1, government="customs", office="government"),
        node(5, 0.5, 0.1, aeroway="aerodrome", icao="MGPB", iata="PBR"),
        node(6, 0.6, 0.1, aeroway="airstrip"),
        node(7, 0.7, 0.1, amenity="ferry_terminal", name="Muelle"),
        node(8, 0.8, 0.1, seamark__type="harbour"),
        *nodes, way(1, base, military="naval_base", landuse="military", name="Base"),
    )  # fmt: skip
    posts = layers.frame("posts")
    assert posts["kind"].tolist() == [
        "border post", "police", "court", "customs post", "naval base",
    ]  # fmt: skip
    assert posts["name"].tolist()[-1] == "Base"
    assert posts[["x", "y"]].to_numpy()[-1] == pytest.approx([0.65, 0.65])
    crossings = layers.frame("crossings")
    assert crossings[["id", "name", "kind"]].to_numpy().tolist() == [
        ["osm-node-1", "El Ceibo", "formal"]
    ]  # fmt: skip
    airports = layers.frame("airports")
    assert airports[["ident", "kind"]].to_numpy().tolist() == [
        ["MGPB", "medium_airport"], ["osm-node-6", "small_airport"],
    ]  # fmt: skip
    assert layers.frame("ports")["size"].tolist() == ["very small", "unknown"]
    for name in ("posts", "crossings", "airports", "ports"):
        check(layers.frame(name), SCHEMAS[name], name)


def test_lakes_have_islands_and_rivers_are_no_lakes(made) -> None:
    outer, around = ring(1, 0.1, 0.1, 0.5, 0.5)
    inner, hole = ring(11, 0.2, 0.2, 0.3, 0.3)
    pond, small = ring(21, 0.8, 0.8, 0.8005, 0.8005)
    wide, bank = ring(31, 0.6, 0.1, 0.7, 0.3)
    over, edge = ring(41, 0.9, 0.9, 1.1, 1.1)
    layers = made(
        *outer, *inner, *pond, *wide, *over,
        way(1, around[:3]), way(2, around[2:]), way(3, hole),
        way(4, small, natural="water"), way(5, bank, natural="water", water="river"),
        way(6, edge, natural="water", water="lagoon", name="Laguna"),
        relation(1, [("w", 1, "outer"), ("w", 2, "outer"), ("w", 3, "inner")], type="multipolygon",
                 natural="water", name="Lago"),
    )  # fmt: skip
    lakes = layers.frame("lakes").set_index("name")
    assert lakes["kind"].to_dict() == {"Lago": "lake", "Laguna": "lagoon"}
    assert lakes.geometry["Lago"].area == pytest.approx(0.16 - 0.01)
    assert lakes.geometry["Laguna"].area == pytest.approx(0.01)


def test_rivers_are_navigable_where_boats_are_said_to_pass(made) -> None:
    rivers = made(
        node(1, 0.5, 0.5), node(2, 1.5, 0.5), node(3, 0.5, 0.6),
        way(1, [1, 2], waterway="river", name="Motagua", boat="yes"),
        way(2, [1, 3], waterway="river", boat="no"), way(3, [1, 3], waterway="stream"),
        way(4, [1, 3], waterway="canal", ship="yes"),
        node(5, 1.5, 0.7), way(5, [2, 5], waterway="river", name="beyond the box"),
    ).frame("rivers")  # fmt: skip
    assert rivers[["kind", "navigable"]].to_numpy().tolist() == [
        ["river", True], ["river", False], ["channel", True],
    ]  # fmt: skip
    assert rivers.geometry[0].bounds == (0.5, 0.5, 1.0, 0.5)


def test_coasts_and_rivers_end_where_nodes_are_missing_and_areas_close(made) -> None:
    shore, around = ring(11, 0.6, 0.6, 0.8, 0.8)
    layers = made(
        node(1, 0.1, 0.5), node(2, 0.2, 0.5), node(4, 0.8, 0.5), node(5, 0.9, 0.5), *shore,
        way(1, [1, 2, 3, 4, 5], waterway="river"), way(2, [1, 3], highway="path"),
        way(3, [1, 2, 3, 4, 5], natural="coastline"),
        way(4, [*around[:3], 9, *around[3:]], natural="water"), way(5, [1, 8, 9], natural="wood"),
    )  # fmt: skip
    assert [line.bounds for line in layers.frame("rivers").geometry] == [
        (0.1, 0.5, 0.2, 0.5), (0.8, 0.5, 0.9, 0.5),
    ]  # fmt: skip
    assert square_degrees(layers.frame("lakes").geometry) == pytest.approx(0.04)
    layers.frame("coast")
    missing, coast = layers.remarks[:2]
    assert missing.startswith("3 ways of layers lack 3 of their nodes")
    assert coast.startswith("4 ends of coastlines lie within the area")


@pytest.mark.parametrize(("nodes", "area"), [
    ([1, 9, 2, 3, 4, 1], 1.0), ([9, 1, 2, 3, 4, 9], 1.0), ([1, 2, 3, 9, 1], 0.5),
    ([9, 1, 2, 9], 0.0), ([1, 9, 8, 1], 0.0),
])  # fmt: skip
def test_an_island_that_lacks_a_node_stays_one(made, nodes, area) -> None:
    """Not open, with two ends that go on to the edge of the area."""
    shore, _ = ring(1, 0.4, 0.4, 0.406, 0.406)
    other, around = ring(11, 0.1, 0.1, 0.2, 0.2)
    coastline = {"natural": "coastline"}
    layers = made(*shore, *other, way(1, nodes, coastline), way(2, around, coastline))
    island = square_degrees(layers.frame("coast").geometry) - 0.01
    assert island == pytest.approx(area * 0.006**2, abs=1e-9)
    assert len(layers.remarks) == 1


@pytest.mark.parametrize("nodes", [[1, 2, 3, 4, 1], [2, 3, 4, 1, 2], [4, 1, 2, 3, 4]])
def test_an_island_beyond_the_edge_is_not_closed_from_far_away(made, nodes) -> None:
    """Its corner in the south-west is in no file; the ends go on to the edge, not to each other."""
    shore, _ = ring(1, 0.4, -0.2, 0.6, 0.2)
    layers = made(*shore[1:], way(1, nodes, natural="coastline"))
    assert square_degrees(layers.frame("coast").geometry) == pytest.approx(0.04)
    assert any("coastlines lie within the area" in remark for remark in layers.remarks)


def test_short_gaps_of_coasts_and_rivers_are_crossed(made) -> None:
    layers = made(
        node(1, -0.1, 0.5), node(2, 0.5, 0.5), node(4, 0.508, 0.5), node(5, 1.1, 0.5),
        way(1, [1, 2, 3, 4, 5], natural="coastline"), way(2, [1, 2, 3, 4, 5], waterway="river"),
    )  # fmt: skip
    assert square_degrees(layers.frame("coast").geometry) == pytest.approx(0.5)
    assert [line.bounds for line in layers.frame("rivers").geometry] == [(0.0, 0.5, 1.0, 0.5)]
    assert len(layers.remarks) == 1


@pytest.mark.parametrize("place", [(0.2, 0.5), (0.2, 95.0)])
def test_a_coast_before_its_nodes_or_off_the_earth_is_refused(made, place) -> None:
    coast = node(1, 0.1, 0.5), way(1, [1, 2], natural="coastline"), node(2, *place)
    with pytest.raises(DataError, match=r"node 2 (after a way that has it|at longitude)"):
        made(*coast)


def test_what_no_layer_has_is_not_kept(made) -> None:
    wood, around = ring(1, 0.1, 0.1, 0.6, 0.6)
    layers = made(
        *wood, node(8, 0.2, 0.2, natural="tree"), node(9, 0.3, 0.3, office="government"),
        way(1, around, landuse="farmland"), way(2, around, boundary="administrative"),
        way(3, around, natural="wood", water="pond"),
        relation(1, [("w", 3, "outer")], type="multipolygon", natural="wood"),
        relation(2, [("w", 7, "outer")], type="multipolygon", landuse="forest", name="Out"),
    )  # fmt: skip
    assert layers._objects.objects == []
    assert layers.remarks == []


def test_units_and_countries_have_their_codes_and_keep_to_the_land(made) -> None:
    unit, around = ring(1, 0.1, 0.1, 0.6, 0.6)
    shore, coast = ring(11, 0.2, 0.0, 2.0, 2.0)
    far, beyond = ring(21, 3.0, 3.0, 4.0, 4.0)
    layers = made(
        *unit, *shore, *far, way(1, around), way(2, coast, natural="coastline"), way(3, beyond),
        boundary(1, [1], "Izabal", ISO3166_2="GT-IZ"),
        boundary(2, [1], "Guatemala", ISO3166_1="GT"),
        boundary(3, [1, 9], "Petén", ISO3166_2="GT-PE"),
        boundary(4, [9], "Cortés", ISO3166_2="HN-CR"),
        boundary(5, [3], "Chiapas", ISO3166_2="MX-CHP"), boundary(6, [3], "México", ISO3166_1="MX"),
    )  # fmt: skip
    units = layers.frame("admin1")
    assert units[["iso", "name", "country"]].to_numpy().tolist() == [
        ["GT-IZ", "Izabal", "GT"], ["GT-PE", "Petén", "GT"],
    ]  # fmt: skip
    assert square_degrees(units.geometry[:1]) == pytest.approx(0.25)
    countries = layers.frame("countries")
    assert countries["country"].tolist() == ["GT"]
    assert square_degrees(countries.geometry) == pytest.approx(0.2)
    assert layers.remarks == [
        "1 areas are left out since the files lack ways that they are made of: Cortés."
    ]


def line(*points: tuple[float, float]) -> np.ndarray:
    return np.array(points, float)


def test_an_island_is_land_and_a_bay_in_it_water() -> None:
    island = line((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8), (0.2, 0.2))
    bay = line((0.4, 0.4), (0.4, 0.6), (0.6, 0.6), (0.6, 0.4), (0.4, 0.4))
    islet = line((0.45, 0.45), (0.55, 0.45), (0.55, 0.55), (0.45, 0.55), (0.45, 0.45))
    land = land_of([island, bay, islet], BOX)
    assert square_degrees(land.polygons) == pytest.approx(0.36 - 0.04 + 0.01)
    assert land.remarks == ()


def test_a_salt_lake_with_an_island_lies_in_land() -> None:
    lake = line((0.4, 0.4), (0.4, 0.6), (0.6, 0.6), (0.6, 0.4), (0.4, 0.4))
    islet = line((0.45, 0.45), (0.55, 0.45), (0.55, 0.55), (0.45, 0.55), (0.45, 0.45))
    land = land_of([lake, islet], BOX)
    assert square_degrees(land.polygons) == pytest.approx(1 - 0.04 + 0.01)


def test_land_is_on_the_left_of_a_coast_that_crosses_the_area() -> None:
    coast = line((-0.5, 0.3), (0.5, 0.4), (1.5, 0.3))
    north = land_of([coast], BOX).polygons
    south = land_of([coast[::-1]], BOX).polygons
    assert square_degrees(north) + square_degrees(south) == pytest.approx(1)
    assert shapely.contains_xy(north[0], 0.5, 0.9)
    assert shapely.contains_xy(south[0], 0.5, 0.1)


def test_coasts_of_several_ways_and_islands_before_them_are_one_land() -> None:
    pieces = [line((0.5, 0.5), (1.5, 0.5)), line((-0.5, 0.5), (0.5, 0.5))]
    island = line((0.4, 0.1), (0.6, 0.1), (0.6, 0.3), (0.4, 0.3), (0.4, 0.1))
    land = land_of([*pieces, island], BOX)
    assert len(land.polygons) == 2
    assert square_degrees(land.polygons) == pytest.approx(0.5 + 0.04)


def test_a_coast_that_ends_within_the_area_goes_on_and_says_so() -> None:
    land = land_of([line((-0.5, 0.5), (0.9, 0.5))], BOX)
    assert square_degrees(land.polygons) == pytest.approx(0.5)
    assert "the first at 0.9000,0.5000" in land.remarks[0]
    assert "Add the extract beside it" in land.remarks[0]


def test_a_reversed_piece_of_a_coast_is_told() -> None:
    land = land_of([line((-0.5, 0.5), (0.5, 0.5)), line((1.5, 0.5), (0.5, 0.5))], BOX)
    assert any("missing or reversed" in remark for remark in land.remarks)


def test_monaco_is_read_whole(packaged, tmp_path) -> None:
    pbf, box = (
        packaged("quackosm", "tests/test_files/monaco.osm.pbf"),
        Box(7.40, 43.71, 7.45, 43.76),
    )
    for name in NAMES:
        check(layers_of([pbf], box).frame(name), SCHEMAS[name], name)
    police = layers_of([pbf], box).frame("posts")
    assert (police["kind"] == "police").sum() >= 3
    units = layers_of([pbf], box).frame("admin1").set_index("iso")
    square = {
        iso: abs(GEOD.geometry_area_perimeter(unit)[0]) for iso, unit in units.geometry.items()
    }
    assert 0.4e6 < square["MC-MC"] < 0.5e6
    # The extract is cut roughly: of countries that it lacks ways of nothing is invented.
    assert list(layers_of([pbf], box).frame("countries")["country"]) == ["MC"]
    assert any("7 areas are left out" in remark for remark in layers_of([pbf], box).remarks)


def test_a_town_that_is_drawn_twice_is_one(tmp_path) -> None:
    town = {"place": "town", "name": "Twice"}
    pbf = write_osm(
        tmp_path / "towns.osm.pbf",
        node(1, 0.0, 0.0, **town), node(2, 0.02, 0.0, **town, population="800"),
        node(3, 0.5, 0.0, **town, population="90"), node(4, 0.1, 0.1, place="town"),
        node(5, 0.01, 0.0, place="village", name="Once"),
    )  # fmt: skip
    places = layers_of([pbf], Box(-1, -1, 1, 1)).frame("places")
    assert list(zip(places["id"], places["name"], places["population"], strict=True)) == [
        (2, "Twice", 800), (3, "Twice", 90), (5, "Once", 0),
    ]  # fmt: skip


@pytest.mark.parametrize("gap", [0.0002, -0.0002])
def test_a_gap_between_coastlines_is_no_slit_of_sea(gap):
    """As where extracts of different dates meet: what one ends with the other moved."""
    west, east = line((-0.5, 0.5), (0.5, 0.5)), line((0.5 + gap, 0.5003), (1.5, 0.5))
    land = land_of([west, east], BOX)
    (north,) = land.polygons
    assert north.area == pytest.approx(0.5, abs=1e-3)
    assert (shapely.box(*BOX) - north).geom_type == "Polygon"
    (remark,) = land.remarks
    assert remark.startswith("1 gaps of up to 100 m between coastlines, the first at 0.5000,0.5000")


def test_an_older_course_of_a_coast_that_ends_beside_the_newer_one_is_no_slit():
    newer = line((-0.5, 0.5), (0.5, 0.5), (1.5, 0.5))
    land = land_of([newer, line((0.2, 0.5), (0.3, 0.5004))], BOX)
    assert len(land.polygons) == 1 and land.polygons[0].area == pytest.approx(0.5, abs=1e-3)


def test_a_strait_of_which_both_shores_end_is_not_closed():
    """200 m apart, they are the shores of something."""
    land = land_of([line((-0.5, 0.501), (0.5, 0.501)), line((0.5, 0.499), (-0.5, 0.499))], BOX)
    assert "2 ends of coastlines lie within the area" in land.remarks[0]
