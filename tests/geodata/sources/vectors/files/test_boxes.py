"""Boxes in degrees as boxes of other coordinate systems."""

from __future__ import annotations

from pyproj import CRS

from geodata.area.box import Box
from geodata.sources.vectors.files.boxes import boxes_of

MERCATOR = CRS(3857)


def test_a_box_that_a_projection_cannot_hold_leaves_nothing_out():
    assert boxes_of(Box(120.0, 0.0, 130.0, 10.0), CRS("+proj=ortho +lat_0=0 +lon_0=0")) == [None]
    (box,) = boxes_of(Box(-60.0, -80.0, -50.0, -70.0), MERCATOR)
    assert box[0] < box[2] < 0
    assert box[1] < box[3] < 0


def test_a_box_across_the_antimeridian_is_one_on_each_side():
    east, west = boxes_of(Box(177.0, -19.0, 182.0, -16.0), MERCATOR)
    assert east[2] == -west[0] > 2e7
    assert boxes_of(Box(177.0, -19.0, 182.0, -16.0), CRS(4326))[1] == (-183.0, -19.0, -178.0, -16.0)
