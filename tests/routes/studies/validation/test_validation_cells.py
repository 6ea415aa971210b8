"""Cells of the ground, and the cells in which events land."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from geodata.errors import DataError, InputError
from routes.studies.validation.validation_cells import place, study_ground
from tests.routes.studies.validation.square import AREA, ground


def test_events_land_in_their_cell_or_the_next_or_nowhere():
    land = ground()
    half = replace(land, cell=land.cell[land.country == "GT"])
    here = half.centres[0]
    points = np.array([here, here - [AREA.cell_m, 0], here - [3 * AREA.cell_m, 0]])
    placed = place(half, *AREA.unproject(*points.T))
    assert placed.cell.tolist() == [0, 0, -1]
    assert (placed.moved, placed.outside) == (1, 1)


def test_events_that_all_lie_outside_are_refused_with_a_hint():
    with pytest.raises(DataError, match="Longitude comes first"):
        place(ground(), [15.0], [-87.0])
    with pytest.raises(DataError, match="None lies on the ground"):
        place(ground(), [2.0], [48.0])


def test_ground_that_an_area_has_not_is_refused(network):
    dry = network.nodes.assign(kind=network.nodes["kind"].astype(str).replace("sea", "junction"))
    with pytest.raises(DataError, match="choose land or all"):
        study_ground(replace(network, nodes=dry), on="water")


def test_the_ground_is_what_the_network_covers(network):
    land, water, both = (study_ground(network, on=on) for on in ("land", "water", "all"))
    assert set(land.country) == set(network.area.countries) and set(water.country) == {""}
    assert len(land.cell) + len(water.cell) == len(both.cell)
    square_km = {code: (land.country == code).sum() * 4 for code in network.area.countries}
    # Areas of the countries in the CIA World Factbook, islands and lakes aside.
    for code, area in {"GT": 107_159, "HN": 111_890, "BZ": 22_806, "SV": 20_721}.items():
        assert square_km[code] == pytest.approx(area, rel=0.05)
    with pytest.raises(InputError, match="on"):
        study_ground(network, on="air")
    with pytest.raises(InputError, match="block"):
        study_ground(network, block_m=0)
