"""What is seen of a layer of rasters before it is read."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine

from geodata.errors import DataError
from geodata.sources.rasters import survey_layers
from geodata.sources.rasters.survey import MOST_WINDOWS
from tests.geodata.sources.rasters.made import area, layer, write

NORTH = Affine(0.01, 0, -90, 0, -0.01, 16)


def test_some_values_are_seen(tmp_path):
    heights = np.linspace(5, 2900, 300 * 300).reshape(300, 300)
    heights[:, :75] = -9999.0
    path = write(tmp_path / "dem.tif", heights, NORTH, "EPSG:4326", nodata=-9999.0)
    (seen,) = survey_layers([layer("elevation", path)], area())
    assert seen.sampled.read == seen.sampled.windows >= 1
    assert seen.sampled.known == pytest.approx(0.75, abs=0.1)
    assert seen.sampled.least is not None and 5 <= seen.sampled.least < 100
    assert seen.sampled.most is not None and 2800 < seen.sampled.most <= 2900


def test_a_layer_without_any_value_is_seen_as_such(tmp_path):
    path = write(tmp_path / "dem.tif", np.full((300, 300), np.nan), NORTH, "EPSG:4326")
    (seen,) = survey_layers([layer("elevation", path)], area())
    assert (seen.sampled.known, seen.sampled.least, seen.sampled.most) == (0.0, None, None)


def test_of_many_windows_a_few_are_read(tmp_path):
    for number in range(3 * MOST_WINDOWS):
        place = NORTH @ Affine.translation(0, 6 * number)
        write(tmp_path / f"{number}.tif", np.full((6, 300), float(number)), place, "EPSG:4326")
    (seen,) = survey_layers([layer("elevation", tmp_path)], area())
    assert seen.sampled.windows > 2 * MOST_WINDOWS
    assert MOST_WINDOWS / 2 < seen.sampled.read <= MOST_WINDOWS
    assert seen.sampled.least == 0 and seen.sampled.most is not None and seen.sampled.most > 30


def test_a_layer_of_another_place_is_a_fault(tmp_path):
    there = NORTH @ Affine.translation(9000, 0)
    path = write(tmp_path / "dem.tif", np.ones((300, 300)), there, "EPSG:4326")
    with pytest.raises(DataError, match=r"0\.00 to 3\.00.*covers nothing of the area"):
        survey_layers([layer("elevation", path)], area())


@pytest.mark.parametrize(
    ("role", "value", "text"),
    [("population", -3.0, "nodata = -3"), ("landcover", 10.5, "whole numbers")],
)
def test_a_value_that_cannot_be_meant_is_a_fault(tmp_path, role, value, text):
    path = write(tmp_path / "values.tif", np.full((300, 300), value), NORTH, "EPSG:4326")
    with pytest.raises(DataError, match=text):
        survey_layers([layer(role, path)], area())
