"""Vector tiles: decoded by another library and compared with what shapely cuts."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.area.box import Box
from geodata.errors import DataError
from geodata.formats.tiles.attributes import tags_of
from geodata.formats.tiles.encode import BUFFER, Tile, encode_layer
from geodata.formats.tiles.generalise import LINES, POINTS, POLYGONS, kind_of, lay_out, level_of
from geodata.formats.tiles.pyramid import Pyramid, Tileset, Zooms
from geodata.formats.tiles.web_mercator import EXTENT, degrees, tiles_over, world
from tests.support.tile_box import tile_box

ZOOM = 3
TILE = Tile(ZOOM, 3, 5)
KEPT = shapely.box(-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)

# Whole units in and around the tile, so that a level changes nothing but the cut is tested.
unit = st.integers(-EXTENT, 2 * EXTENT)
vertex = st.tuples(unit, unit)


def encoded(shapes, table=None, tile=TILE):
    """Shapes in units of a tile, encoded and decoded again."""
    side = EXTENT * 2.0**tile.z
    placed = lay_out(np.array(shapes, object), place=lambda xy: (xy + tile.origin) / side)
    level = level_of(placed, tile.z, tolerance=0.0)
    tags = tags_of(pd.DataFrame(index=range(len(shapes))) if table is None else table)
    data = encode_layer("layer", level, tags, tile, np.arange(len(shapes)))
    return decoded(data)


def decoded(data, layer="layer"):
    tile = mapbox_vector_tile.decode(data, default_options={"y_coord_down": True})
    if not tile:
        return {}
    content = tile[layer]
    assert (content["version"], content["extent"]) == (2, EXTENT)
    return {each["id"]: each for each in content["features"]}


def shape_of(feature):
    return shapely.geometry.shape(feature["geometry"])


@settings(max_examples=150, deadline=None)
@given(st.lists(vertex, min_size=2, max_size=12))
def test_a_line_is_cut_as_shapely_cuts_it(points):
    line = shapely.LineString(points)
    expected = shapely.intersection(line, KEPT)
    features = encoded([line])
    # Rounding moves an end by a unit at most, and a piece shorter than that is dropped.
    if not features:
        assert expected.length <= 2
        return
    cut = shape_of(features[0])
    assert KEPT.covers(cut)
    assert line.buffer(1.5).covers(cut)
    assert shapely.difference(expected, cut.buffer(2)).length <= 3 * len(points)


def star(points):
    """A valid polygon through vertices, round their middle."""
    spots = np.unique(np.array(points, float), axis=0)
    middle = spots.mean(axis=0) + 0.137
    around = np.arctan2(*(spots - middle).T)
    return shapely.Polygon(spots[np.argsort(around)]) if len(spots) > 2 else shapely.Polygon()


@settings(max_examples=150, deadline=None)
@given(st.lists(vertex, min_size=3, max_size=14), st.booleans())
def test_a_polygon_with_a_hole_is_cut_as_shapely_cuts_it(points, holed):
    polygon = star(points)
    if not polygon.is_valid or polygon.area < 100:
        return
    if holed:
        hole = shapely.set_precision(polygon.buffer(-200), 1)
        polygon = shapely.difference(polygon, hole)
    expected = shapely.intersection(polygon, KEPT)
    features = encoded([polygon])
    area = sum(abs(twice) for twice in wound(features))
    if not features:
        assert expected.area <= 2 * EXTENT
        return
    assert area >= 0
    cut = shape_of(features[0])
    # Of the corners as they are written: where rings touch, what is made valid has others.
    assert KEPT.covers(shapely.multipoints(shapely.get_coordinates(cut)))
    cut = shapely.make_valid(cut)
    apart = shapely.symmetric_difference(cut, expected).area
    assert apart <= 2 * (expected.length + polygon.length) + 50


def wound(features):
    """Signed areas of all rings; rings around come first and turn right, holes left."""
    areas = []
    for feature in features.values():
        geometry = feature["geometry"]
        single = geometry["type"] == "Polygon"
        for polygon in [geometry["coordinates"]] if single else geometry["coordinates"]:
            for place, ring in enumerate(polygon):
                assert ring[0] == ring[-1] and len(ring) >= 4
                x, y = np.array(ring, float).T
                twice = float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))
                assert twice > 0 if place == 0 else twice < 0
                areas.append(twice)
    return areas


@settings(max_examples=50, deadline=None)
@given(st.lists(vertex, min_size=1, max_size=20, unique=True))
def test_points_within_the_buffer_are_kept(points):
    shapes = [shapely.Point(*spot) for spot in points] + [shapely.MultiPoint(points)]
    features = encoded(shapes)
    inside = [spot for spot in points if KEPT.covers(shapely.Point(*spot))]
    assert [number for number in features if number < len(points)] == [
        number for number, spot in enumerate(points) if spot in inside
    ]
    if inside:
        together = shapely.get_coordinates(shape_of(features[len(points)]))
        assert sorted(map(tuple, together.tolist())) == sorted(inside)


def test_a_polygon_around_the_tile_fills_it_and_a_comb_falls_apart():
    all_of_it = shapely.box(-9000, -9000, 9000, 9000)
    comb = shapely.union_all(
        [shapely.box(500 * k, 4000, 500 * k + 200, 9000) for k in range(1, 6)]
        + [shapely.box(0, 5000, 4000, 9000)]
    )
    # Below the buffer the teeth are joined: within it they are five.
    far = shapely.box(-9000, -9000, -8000, -8000)
    features = encoded([all_of_it, comb, far])
    assert sorted(features) == [0, 1]
    assert shape_of(features[0]).equals(KEPT)
    assert len(shapely.get_parts(shape_of(features[1]))) == 5
    assert len(wound(features)) == 6


def test_holes_stay_with_their_polygon():
    ring = shapely.box(100, 100, 900, 900).difference(shapely.box(300, 300, 600, 600))
    other = shapely.box(2000, -900, 9000, 9000).difference(shapely.box(2500, 500, 3000, 800))
    features = encoded([shapely.MultiPolygon([ring, other])])
    parts = shapely.get_parts(shape_of(features[0]))
    assert [len(part.interiors) for part in parts] == [1, 1]
    assert shape_of(features[0]).is_valid


def test_tags_are_shared_typed_and_without_nulls():
    table = pd.DataFrame(
        {
            "id": ["a", "b"],
            "name": ["Motagua", None],
            "usage": [0.25, np.nan],
            "km": np.array([1.1, 1.1], np.float32),
            "rank": [1, -3],
            "open": [True, False],
        }
    )
    features = encoded([shapely.Point(1, 2), shapely.Point(3, 4)], table)
    assert features[0]["properties"] == {
        "id": "a", "name": "Motagua", "usage": 0.25, "km": 1.1, "rank": 1, "open": True
    }  # fmt: skip
    assert features[1]["properties"] == {"id": "b", "km": 1.1, "rank": -3, "open": False}
    assert tags_of(table).fields["usage"] == "Number"
    with pytest.raises(DataError, match="flat"):
        tags_of(pd.DataFrame({"modes": [["sea", "road"]]}))


def entries(table):
    """Each cell of a table as the bytes of its entry, None where it has none."""
    tags = tags_of(table)
    buffer, begins = tags.values
    texts = [bytes(buffer[a:b]) for a, b in pairwise(begins)]
    assert len(set(texts)) == len(texts)
    return [[texts[cell] if cell >= 0 else None for cell in row] for row in tags.cells.tolist()]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(), min_size=1, max_size=30))
def test_floats_keep_the_digits_of_their_type(numbers):
    with np.errstate(over="ignore"):
        table = pd.DataFrame({"double": numbers, "single": np.array(numbers).astype(np.float32)})
    for column, digits in ((0, 12), (1, 7)):
        for value, row in zip(table.iloc[:, column].tolist(), entries(table), strict=True):
            if not np.isfinite(value):
                assert row[column] is None
                continue
            packed = np.float64(f"{value:.{digits}g}").tobytes()
            assert row[column] == b"\x22\x09\x19" + packed


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(-(2**63), 2**63 - 1) | st.none(), min_size=1, max_size=30),
       st.lists(st.text() | st.none(), min_size=1, max_size=30))  # fmt: skip
def test_whole_numbers_and_texts_come_back(numbers, texts):
    count = max(len(numbers), len(texts))
    table = pd.DataFrame(
        {
            "whole": pd.array(numbers + [None] * (count - len(numbers)), dtype="Int64"),
            "text": pd.Series(texts + [None] * (count - len(texts)), dtype="str"),
        }
    )
    features = encoded([shapely.Point(1, 2)] * count, table)
    for row, (number, text) in enumerate(zip(table["whole"], table["text"], strict=True)):
        tags = {"whole": number, "text": text}
        assert features[row]["properties"] == {k: v for k, v in tags.items() if not pd.isna(v)}


def test_columns_of_every_type_are_read():
    day = pd.Timestamp("2020-01-02 03:04:05")
    table = pd.DataFrame(
        {
            "open": pd.array([True, None], dtype="boolean"),
            "most": np.array([2**64 - 1, 0], np.uint64),
            "small": np.array([-128, 127], np.int8),
            "kind": pd.Categorical(["port", None]),
            "day": [day, pd.NaT],
            "said": pd.Series(["ä", np.nan], dtype=object),
        }
    )
    features = encoded([shapely.Point(1, 2)] * 3, pd.concat([table, table.iloc[:1]]))
    assert features[0]["properties"] == features[2]["properties"] == {
        "open": True, "most": 2**64 - 1, "small": -128, "kind": "port",
        "day": day.isoformat(), "said": "ä",
    }  # fmt: skip
    assert features[1]["properties"] == {"most": 0, "small": 127}
    assert entries(table.iloc[:0]) == []


def test_lines_of_several_parts_are_joined_and_what_is_empty_stays_out():
    joined = shapely.MultiLineString([[(0, 0), (100, 0)], [(100, 0), (200, 50)]])
    empty = shapely.LineString()
    features = encoded([joined, empty, None, shapely.LineString([(0, 0), (0, 9)])])
    assert sorted(features) == [0, 3]
    assert shape_of(features[0]).equals(shapely.LineString([(0, 0), (100, 0), (200, 50)]))


def test_areas_torn_by_rounding_are_mended():
    """A neck narrower than a unit falls shut: two areas are left, and a sliver is left out."""
    neck = shapely.Polygon(
        [(0, 0), (100, 0), (100, 49.8), (200, 49.8), (200, 0), (300, 0), (300, 100),
         (200, 100), (200, 50.2), (100, 50.2), (100, 100), (0, 100)]
    )  # fmt: skip
    sliver = shapely.box(400, 0, 500, 0.1)
    features = encoded([neck, sliver])
    assert sorted(features) == [0]
    assert shape_of(features[0]).is_valid and shape_of(features[0]).area == 20_000
    assert all(twice > 0 for twice in wound(features))


def test_several_kinds_in_one_layer_are_refused():
    assert kind_of(np.array([shapely.Point(1, 2), shapely.MultiPoint([(1, 2)])])) == POINTS
    assert kind_of(np.array([shapely.LineString([(1, 2), (3, 4)]), None])) == LINES
    assert kind_of(np.array([shapely.box(0, 0, 1, 1)])) == POLYGONS
    with pytest.raises(DataError, match="points, lines or areas"):
        kind_of(np.array([shapely.Point(1, 2), shapely.box(0, 0, 1, 1)]))


@pytest.mark.parametrize("others", [[], [shapely.LineString([(1, 2), (3, 4)])]])
def test_lines_that_are_none_are_in_no_tile(others):
    """An area without coast or border has such ones."""
    none = shapely.line_merge(shapely.MultiLineString([]))
    shapes = lay_out(np.array([none, *others]))
    assert len(level_of(shapes, 4).xy) == 2 * len(others)


def test_tiles_lie_where_they_should():
    west, south, east, north = tile_box(7, 32, 58)
    assert (west, east) == (-90, -87.1875)
    spots = world(np.array([[west, north], [east, south]])) * 2**7
    assert spots == pytest.approx(np.array([[32, 58], [33, 59]]))
    assert degrees(*world(np.array([[-88.5, 15.7]]))[0]) == pytest.approx((-88.5, 15.7))
    assert list(tiles_over(Box(-89.9, 14.1, -87.3, 15.9), 7)) == [(32, 58)]


@pytest.fixture(scope="module")
def countries(bundle):
    return bundle.frame("countries")


@pytest.mark.parametrize("z", [4, 6, 8])
def test_real_coasts_agree_with_shapely(countries, z):
    pyramid = Pyramid("land", countries)
    level = pyramid.level(z)
    shapes = shapely.transform(np.asarray(countries.geometry.array, object), world)
    for x, y in tiles_over(pyramid.box, z):
        tile = Tile(z, x, y)
        data = pyramid.tile(tile)
        assert data == pyramid.tile(tile)
        drawn = decoded(data, "land") if data else {}
        wound(drawn)
        here = shapely.transform(shapes, lambda xy, at=tile: xy * EXTENT * 2**at.z - at.origin)
        for row, shape in enumerate(here):
            expected = shapely.clip_by_rect(shape, *KEPT.bounds)
            cut = shapely.make_valid(shape_of(drawn[row])) if row in drawn else shapely.Point()
            apart = shapely.symmetric_difference(cut, expected).area
            # Half a pixel along the outline, and the islets that are left out.
            assert apart <= 4 * expected.length + 16 * len(shapely.get_parts(expected)) + 100
    assert len(level.features) == len(countries) + 1


def test_neighbours_keep_one_border(network):
    """At every zoom the units overlap or gap by less than half a pixel along their borders."""
    admin = network.admin[network.admin["country"] == "GT"]
    shapes = np.asarray(admin.geometry.array, object)
    union = shapely.union_all(shapely.transform(shapes, world))
    for z in (5, 7, 9):
        level = level_of(lay_out(shapes), z)
        rings = [
            shapely.Polygon(level.xy[level.parts[k] : level.parts[k + 1]])
            for k in range(len(level.parts) - 1)
        ]
        side = EXTENT * 2.0**z
        joined = shapely.union_all(shapely.make_valid(np.array(rings)))
        overlap = sum(ring.area for ring in rings) - joined.area
        gaps = sum(shapely.Polygon(hole).area for part in shapely.get_parts(joined)
                   for hole in part.interiors)  # fmt: skip
        length = sum(ring.length for ring in rings)
        assert overlap <= length and gaps <= length
        assert joined.area == pytest.approx(union.area * side**2, rel=0.02)


def test_what_is_drawn_later_comes_last_and_what_is_small_comes_late():
    line = shapely.LineString([(-89, 15), (-88, 15.5)])
    frame = gpd.GeoDataFrame({"id": ["a", "b", "c"]}, geometry=[line] * 3, crs="OGC:CRS84")
    pyramid = Pyramid("lines", frame, since=np.array([0, 0, 8]), rank=np.array([2.0, 1.0, 3.0]))
    tile = Tile(6, 16, 29)
    assert list(decoded(pyramid.tile(tile), "lines")) == [1, 0]
    tile = Tile(8, 64, 117)
    assert list(decoded(pyramid.tile(tile), "lines")) == [1, 0, 2]
    sets = Tileset("all", "All", [pyramid])
    tiles = [tile for tile, _ in sets.tiles(Zooms(least=5, most=7))]
    assert {tile.z for tile in tiles} == {5, 6, 7}
    assert sets.tile(Tile(6, 0, 0)) == b""
