"""The study area: its grid and its bounds."""

from __future__ import annotations

import numpy as np
import pytest
from pyproj import Geod

from geodata.borderlands.region import BORDERLANDS
from geodata.errors import InputError


def test_cells_are_equal_in_area():
    x, y = BORDERLANDS.centres()
    geod, half = Geod(ellps="WGS84"), BORDERLANDS.cell_m / 2
    east, north = BORDERLANDS.project(x, y)
    for row, column in ((0, 0), (150, 250), (-1, -1)):
        at = east[row, column], north[row, column]
        corners = [
            (at[0] + i * half, at[1] + j * half) for i, j in ((-1, -1), (1, -1), (1, 1), (-1, 1))
        ]
        ring = BORDERLANDS.unproject(*zip(*corners, strict=True))
        area, _ = geod.polygon_area_perimeter(*ring)
        assert abs(area) == pytest.approx(BORDERLANDS.cell_m**2, rel=1e-3)


def test_every_cell_holds_its_own_centre():
    row, column = BORDERLANDS.cell_of(*(c.ravel() for c in BORDERLANDS.centres()))
    rows, columns = BORDERLANDS.shape
    np.testing.assert_array_equal(row * columns + column, np.arange(rows * columns))


def test_a_point_outside_is_refused_and_swapped_coordinates_are_guessed():
    BORDERLANDS.require(-88.0, 15.5, field="from")
    with pytest.raises(InputError, match=r"did you mean -88,15\.5"):
        BORDERLANDS.require(15.5, -88.0, field="from")
    with pytest.raises(InputError, match="Give LON,LAT inside borderlands"):
        BORDERLANDS.require(-70.0, 15.5, field="from")
