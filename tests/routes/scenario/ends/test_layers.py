"""Ends that are layers of a network, narrowed by bounds, where it lies across the antimeridian."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from geodata.area import StudyArea
from geodata.arrays import ColumnArrays
from geodata.errors import InputError
from routes.scenario.demand import Endpoint
from routes.scenario.ends.layers import Narrowing

FIJI = StudyArea(
    name="fiji", bbox=(177.0, -19.0, 182.0, -16.0), countries=(), neighbours=(), cell_m=5000.0
)
PLACES = np.array([177.5, 179.5, 180.5, 181.5])


def within(**bounds: float) -> list[float]:
    columns = ColumnArrays(values={"x": PLACES, "y": np.full(4, -17.0)}, categories={})
    network = SimpleNamespace(area=FIJI, node_columns=columns, nodes=PLACES)
    end = Endpoint(name="sea", at={"layer": "sea", **bounds})
    narrowing = Narrowing(network, end, field="from")
    narrowing.keep_bounds()
    return PLACES[narrowing.rows].tolist()


@pytest.mark.parametrize(
    ("bounds", "kept"),
    [
        ({}, [177.5, 179.5, 180.5, 181.5]),
        ({"west": -180.0, "east": -179.0}, [180.5]),
        ({"west": 179.0, "east": 181.0}, [179.5, 180.5]),
        ({"east": -179.0}, [177.5, 179.5, 180.5]),
        ({"west": 179.0}, [179.5, 180.5, 181.5]),
        ({"west": 179.0, "east": -179.0}, [179.5, 180.5]),
        ({"west": 0.0, "east": 360.0}, [177.5, 179.5, 180.5, 181.5]),
        ({"west": -180.0, "east": 180.0}, [177.5, 179.5, 180.5, 181.5]),
    ],
)
def test_longitudes_of_either_side_bound_an_end(bounds: dict[str, float], kept: object) -> None:
    assert within(**bounds) == kept


def test_a_bound_beyond_all_is_refused() -> None:
    with pytest.raises(InputError, match="Nothing of it lies there"):
        within(west=-178.2)


def test_a_west_that_lies_east_of_the_east_is_refused() -> None:
    with pytest.raises(InputError, match=r"Give no more than east, 179\."):
        within(west=-179.0, east=179.0)
