"""What lies across the antimeridian is cut there, and what does not stays as it is."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.affinity import translate

from geodata.area import cut_box, cut_shapes, longitude, widen_box
from geodata.area.box import Box

ISLES = [
    shapely.Point(181, -17),
    shapely.LineString([(179, 0), (181, 2), (182, 0)]),
    shapely.LineString([(182, 0), (179, 3)]),
    shapely.LineString([(179, 0), (180, 0), (180, 1), (181, 1)]),
    shapely.LineString([(180, 0), (180, 1), (181, 1), (180, 2), (180, 3)]),
    shapely.MultiLineString([[(180, 0), (180, 1)], [(181, 0), (179, 1), (181, 2)]]),
    shapely.box(178, -18, 182, -16),
    shapely.MultiPolygon([shapely.box(180.5, -1, 181, 0), shapely.box(182, -1, 183, 0)]),
    shapely.box(-181, 0, -179, 1) - shapely.box(-180.5, 0.2, -179.5, 0.8),
]


def one(shape: shapely.Geometry) -> shapely.Geometry:
    placed: shapely.Geometry = cut_shapes(np.array([shape], dtype=object))[0]
    return placed


@pytest.mark.parametrize("shape", ISLES, ids=lambda shape: shape.geom_type)
def test_a_shape_is_cut_and_none_of_it_is_lost(shape: shapely.Geometry) -> None:
    placed = one(shape)
    assert placed.is_valid and abs(shapely.get_coordinates(placed)[:, 0]).max() <= 180
    assert shapely.get_dimensions(placed) == shapely.get_dimensions(shape)
    assert placed.area == pytest.approx(shape.area) and placed.length >= shape.length - 1e-9
    # Laid beside each other again, the parts are what they were.
    parts = shapely.get_parts(placed)
    turns = np.round((shape.centroid.x - shapely.get_x(shapely.centroid(parts))) / 360)
    back = [translate(part, 360 * turn) for part, turn in zip(parts, turns, strict=True)]
    apart = shapely.symmetric_difference(shapely.union_all(back), shape)
    assert apart.area < 1e-9 and (shape.area or apart.length < 1e-9)


def test_a_collection_is_cut_part_by_part() -> None:
    parts = [shapely.Point(181, 0), shapely.LineString([(179, 0), (181, 0)]), ISLES[6]]
    placed = one(shapely.GeometryCollection(parts))
    assert list(shapely.get_parts(placed)) == [one(part) for part in parts]


@pytest.mark.parametrize(
    ("line", "pieces"),
    [
        ("LINESTRING (182 0, 179 3)", "((-178 0, -180 2), (180 2, 179 3))"),
        (
            "LINESTRING (181 0, 179 2, 181 4)",
            "((-179 0, -180 1), (180 1, 179 2, 180 3), (-180 3, -179 4))",
        ),
        ("LINESTRING (179 0, 180 0, 180 1, 181 1)", "((179 0, 180 0, 180 1), (-180 1, -179 1))"),
    ],
)
def test_pieces_of_a_line_come_in_its_own_order(line: str, pieces: str) -> None:
    placed = one(shapely.from_wkt(line))
    assert shapely.to_wkt(placed, rounding_precision=3) == f"MULTILINESTRING {pieces}"


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=2, max_size=5))
def test_what_does_not_lie_across_stays_as_it_is(places: list[tuple[float, float]]) -> None:
    shapes = np.array([shapely.LineString(places), None, shapely.Point()], dtype=object)
    assert cut_shapes(shapes) is shapes


@pytest.mark.parametrize(
    ("box", "placed"),
    [
        ((177.0, -19.0, 182.0, -16.0), (177.0, -19.0, -178.0, -16.0)),
        ((-182.0, 0.0, -179.0, 1.0), (178.0, 0.0, -179.0, 1.0)),
        ((180.0, 0.0, 182.0, 1.0), (180.0, 0.0, -178.0, 1.0)),
        ((-90.0, 10.0, 180.0, 20.0), (-90.0, 10.0, 180.0, 20.0)),
        ((-10.0, 0.0, 350.0, 1.0), (-180.0, 0.0, 180.0, 1.0)),
    ],
)
def test_a_box_across_has_its_west_in_the_east(box: tuple[float, ...], placed: object) -> None:
    assert cut_box(box) == placed


def test_where_no_box_may_lie_across_it_goes_around_the_world() -> None:
    assert widen_box(Box(177.0, -19.0, 182.0, -16.0)) == (-180.0, -19.0, 180.0, -16.0)
    assert widen_box(Box(170.0, -19.0, 180.0, -16.0)) == (170.0, -19.0, 180.0, -16.0)
    assert [longitude(x) for x in (-181.0, -180.0, 12.5, 180.0, 181.0)] == [
        179.0, -180.0, 12.5, 180.0, -179.0,
    ]  # fmt: skip
