"""The encoder against plain Python, on whatever Hypothesis thinks of."""

from __future__ import annotations

import json
import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import mapping

from geodata.arrays import ColumnTable
from geodata.errors import DataError
from geodata.formats.geojson.columns import Cells, column_cells
from geodata.formats.geojson.features import (
    SEPARATOR,
    encode,
    encode_features,
    envelope,
    features,
    geometries,
)

WIDE = st.floats(allow_nan=True, allow_infinity=True)
DEGREES = st.floats(-180, 180)
POSITION = st.tuples(DEGREES, DEGREES)


def texts(cells: Cells) -> list[str]:
    letters = cells.letters.tobytes()
    return [letters[a:b].decode() for a, b in zip(cells.starts, cells.ends, strict=True)]


def plain(value: float, digits: int) -> str:
    if not math.isfinite(value):
        return "null"
    text = f"{value:.{digits}g}"
    return text if "." in text or "e" in text else f"{text}.0"


@given(st.lists(WIDE | st.floats(-1e6, 1e6) | st.integers(-999, 999).map(float)))
def test_floats_are_written_as_python_writes_twelve_digits(values: list[float]) -> None:
    column = pd.Series(values, dtype="float64")
    assert texts(column_cells(column)) == [plain(value, 12) for value in values]


@given(st.lists(st.floats(width=32) | st.floats(0, 1, width=32)))
def test_single_precision_is_written_with_seven_digits(values: list[float]) -> None:
    column = pd.Series(values, dtype="float32")
    assert texts(column_cells(column)) == [plain(value, 7) for value in values]


@pytest.mark.parametrize("digits", [0.5, 2.5, 0.000123456789012, 999999999999.5, 1e-4, 0.1 + 0.2])
def test_halves_are_rounded_as_python_rounds(digits: float) -> None:
    # Thirteenth digits of five: where scaling to an integer could go wrong.
    values = [digits, -digits, digits * 1.0000000000005, math.nextafter(digits, 0)]
    assert texts(column_cells(pd.Series(values))) == [plain(value, 12) for value in values]


@given(st.lists(st.integers(-(2**63), 2**63 - 1) | st.none()))
def test_integers_are_written_in_full(values: list[int | None]) -> None:
    wanted = ["null" if value is None else str(value) for value in values]
    assert texts(column_cells(pd.Series(values, dtype="Int64"))) == wanted


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])) | st.none()))
def test_texts_are_escaped_as_json_does(values: list[str | None]) -> None:
    wanted = [json.dumps(value, ensure_ascii=False) for value in values]
    for kind in ("str", object):
        assert texts(column_cells(pd.Series(values, dtype=kind))) == wanted
    repeated = pd.Series([*values, *values], dtype=object).astype("category")
    assert texts(column_cells(repeated)) == wanted * 2


def lines(least: int) -> st.SearchStrategy[shapely.LineString]:
    return st.lists(POSITION, min_size=least, max_size=6).map(shapely.LineString)


BOXES = st.tuples(DEGREES, DEGREES, st.floats(0.1, 9), st.floats(0.1, 9)).map(
    lambda at: (
        shapely.box(at[0], at[1], at[0] + at[2], at[1] + at[3], ccw=False)
        - shapely.box(at[0] + at[2] / 3, at[1] + at[3] / 3, at[0] + at[2] / 2, at[1] + at[3] / 2)
    )
)
SHAPES = st.one_of(
    st.none(),
    POSITION.map(shapely.Point),
    lines(2),
    BOXES,
    st.lists(POSITION, min_size=1).map(shapely.MultiPoint),
    st.lists(lines(2), min_size=1).map(shapely.MultiLineString),
    st.lists(BOXES, min_size=1, max_size=2).map(shapely.MultiPolygon),
    st.sampled_from(["POINT EMPTY", "LINESTRING EMPTY", "MULTIPOLYGON EMPTY"]).map(
        shapely.from_wkt
    ),
)


def rounded(value: object) -> object:
    return [rounded(each) for each in value] if isinstance(value, list | tuple) else round(value, 6)


@given(st.lists(SHAPES, max_size=8))
def test_shapes_are_those_of_shapely_rounded(shapes: list[shapely.Geometry | None]) -> None:
    written = texts(geometries(np.array([*shapes, None], dtype=object)[:-1]))
    for text, shape in zip(written, shapes, strict=True):
        if shape is None or shape.is_empty:
            assert text == "null"
            continue
        wanted = mapping(shapely.orient_polygons(shape))
        record = json.loads(text)
        assert record["type"] == wanted["type"]
        assert np.allclose(
            shapely.get_coordinates(shapely.geometry.shape(record)),
            shapely.get_coordinates(shapely.orient_polygons(shape)), rtol=0, atol=5.1e-7,
        )  # fmt: skip
        assert np.shape(rounded(record["coordinates"])[0]) == np.shape(
            rounded(wanted["coordinates"])[0]
        )


@given(st.integers(-180_000_000, 180_000_000).filter(lambda number: abs(number) >= 100))
def test_a_coordinate_is_its_shortest_decimal(millionths: int) -> None:
    value = millionths / 1e6
    shortest = str(int(value)) if value == int(value) else repr(value)
    text = texts(geometries(np.array([shapely.Point(value, 0)])))[0]
    assert text == f'{{"type":"Point","coordinates":[{shortest},0]}}'


def test_coordinates_that_no_map_has_are_refused() -> None:
    for far in (np.inf, 1e12):
        with pytest.raises(DataError, match="finite"):
            geometries(np.array([shapely.Point(far, 0)]))


def test_what_lies_across_the_antimeridian_is_cut_there() -> None:
    lines = shapely.linestrings([[(179, 0), (181, 2)], [(1, 2), (3, 4)]])
    frame = gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=lines, crs=4326)
    record = json.loads(encode(frame.iloc[:1]))
    assert record["bbox"] == [179, 0, -179, 2]
    halves = [[[179, 0], [180, 1]], [[-180, 1], [-179, 2]]]
    assert record["features"][0]["geometry"]["coordinates"] == halves
    table = ColumnTable(columns={"id": ["a", "b"]}, shapes=lines)
    shapes = [json.loads(text)["geometry"] for text in features(table)]
    assert [shape["coordinates"] for shape in shapes] == [halves, [[1, 2], [3, 4]]]


def test_features_in_metres_keep_centimetres() -> None:
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(1.23456, 7)], crs=3857)
    text = encode_features(frame, decimals=2).letters.tobytes().decode()
    assert '"coordinates":[1.23,7]' in text
    assert text.endswith("}" + SEPARATOR.decode())


def test_many_blocks_make_one_collection(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are encoded two at a time, and none waits for another; so many times over."""
    count = 300
    frame = gpd.GeoDataFrame(
        {"id": range(count), "share": np.linspace(0, 1, count)},
        geometry=gpd.points_from_xy(range(count), range(count)), crs=4326,
    )  # fmt: skip
    encoded = encode(frame)
    monkeypatch.setattr("geodata.formats.geojson.features._AT_ONCE", 3)
    for _ in range(10):
        assert encode(frame) == encoded
    assert [feature["id"] for feature in json.loads(encoded)["features"]] == list(range(count))


def test_a_fault_in_a_later_block_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = gpd.GeoDataFrame({"id": range(9), "part": [*range(8), [1]]},
                             geometry=gpd.points_from_xy(range(9), range(9)), crs=4326)  # fmt: skip
    monkeypatch.setattr("geodata.formats.geojson.features._AT_ONCE", 2)
    with pytest.raises(DataError, match="column part"):
        encode(frame)


ROWS = st.lists(st.tuples(st.text(st.characters(exclude_categories=["Cs"])), WIDE, lines(2)))


@given(ROWS)
def test_a_plain_table_is_written_as_its_frame_is(rows: list[tuple[str, float, object]]) -> None:
    table = ColumnTable(
        columns={
            "id": [f"{place}" for place in range(len(rows))],
            "rank": np.arange(len(rows)),
            "name": [name for name, _, _ in rows],
            "share": np.array([share for _, share, _ in rows], np.float64),
        },
        shapes=np.array([*(line for *_, line in rows), None], object)[:-1],
    )
    assert list(features(table)) == list(features(table.frame))


def test_a_plain_table_is_refused_when_ids_repeat() -> None:
    twice = ColumnTable(columns={"id": ["a", "a"]}, shapes=shapely.points([[0, 0], [1, 1]]))
    with pytest.raises(DataError, match="'a'"):
        list(features(twice))


@pytest.mark.parametrize("members", [b"", b'"numberMatched":2,"links":[]'])
@pytest.mark.parametrize("lines", [True, False])
def test_what_stands_around_features_makes_a_collection(members: bytes, lines: bool) -> None:
    head, foot = envelope(members, lines=lines)
    record = json.loads(b"".join((head, b'{"id":1}', SEPARATOR, b'{"id":2}', foot)))
    expected = {"type": "FeatureCollection", **json.loads(b"{" + members + b"}")}
    assert record == {**expected, "features": [{"id": 1}, {"id": 2}]}
    assert foot.endswith(b"\n") is lines
