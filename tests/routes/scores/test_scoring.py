"""Scores of the bundled region: a reader who knows it nods."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from routes.scores.governance import unit_institutions
from routes.scores.remoteness import TOWN, people_by_cell, population_density


@pytest.fixture(scope="session")
def units(network):
    return network.admin.set_index("id")


def test_scores_lie_between_zero_and_one_everywhere(network):
    for name in ("remoteness", "weakness"):
        for table in (network.nodes, network.links):
            assert table[name].between(0, 1).all()
        surface = network.surfaces[name]
        assert np.nanmin(surface) >= 0 and np.nanmax(surface) <= 1


def test_the_mosquitia_and_peten_are_remote_and_the_cities_are_not(units, network):
    assert units.loc["HN-GD", "remoteness_rank"] == 1
    assert units.loc["GT-PE", "remoteness_rank"] <= 4
    for city in ("GT-GU", "HN-CR", "SV-SS"):
        assert units.loc[city, "remoteness_rank"] > 48
    for name, x, y, remote in (
        ("Guatemala City", -90.51, 14.62, False),
        ("San Pedro Sula", -88.02, 15.5, False),
        ("Tegucigalpa", -87.2, 14.09, False),
        ("upper Río Plátano", -85.2, 15.4, True),
        ("Mirador, northern Petén", -89.92, 17.75, True),
    ):
        row, column = network.area.cell_of([x], [y])
        score = network.surfaces["remoteness"][row, column][0]
        assert (score > 0.8) if remote else (score < 0.15), name


def test_no_single_proxy_rules(units):
    """Gracias a Dios had the lowest homicide rate of Honduras in 2010 and is weakly governed."""
    assert units.loc["HN-GD", "weakness_rank"] <= 3
    assert units.loc["HN-CR", "weakness_rank"] > 45


def test_every_unit_has_components_and_a_rank_interval_around_its_rank(units):
    for score, parts in (("remoteness", 3), ("weakness", 3)):
        assert units[f"{score}_components"].between(1, parts).all()
        assert (units[f"{score}_low"] <= units[score] + 1e-9).all()
        assert (units[score] <= units[f"{score}_high"] + 1e-9).all()
        assert (units[f"{score}_rank_low"] <= units[f"{score}_rank_high"]).all()
        assert sorted(units[f"{score}_rank"]) == list(range(1, 61))


def test_a_missing_indicator_is_left_out_and_counted(units, bundle):
    salvador = units[units["country"] == "SV"]
    assert salvador["weakness_institutions"].isna().all()
    assert (salvador["weakness_components"] < 3).all()
    ranks = unit_institutions(bundle.frame("indicators"), units.index)
    assert ranks[ranks.index.str.startswith("HN")].notna().all()
    assert ranks.drop(salvador.index).between(0, 1).all()


def test_people_are_those_of_the_gazetteer(units, bundle):
    places = bundle.frame("places")
    own = places[places["country"].isin(["GT", "HN", "BZ", "SV"])]
    assert units["people"].sum() == own["population"].sum()
    assert TOWN == 20_000


def test_far_from_a_grid_of_one_city_people_are_those_of_places(network):
    area = network.area
    places = pd.DataFrame({"x": [-90.5, -87.2], "y": [14.6, 14.1], "population": [900.0, 70.0]})
    row, column = area.cell_of(places["x"], places["y"])
    grid = np.full(area.shape, np.nan, np.float32)
    grid[row[0], column[0] + 1] = 500.0
    surfaces = {**network.surfaces, "population": grid}
    people = people_by_cell(replace(network, surfaces=surfaces), places)
    assert people.sum() == 570.0 and people[row[1], column[1]] == 70.0


def test_density_on_a_fine_grid_is_what_it_is_on_a_coarse_one(network, monkeypatch):
    places = pd.DataFrame({"x": [-90.5, -87.2], "y": [14.6, 14.1], "population": [900.0, 70.0]})
    plain = population_density(network, places)
    monkeypatch.setattr("routes.scores.remoteness.FINE", 0)
    np.testing.assert_allclose(population_density(network, places), plain, atol=1e-9)
