"""Scores of the bundled region: a reader who knows it nods."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geodata.area.study_area import StudyArea
from geodata.network.network import Network
from geodata.sources.layers.schema import SCHEMAS, empty
from routes.scores.governance import _border_km, land_weakness, unit_institutions
from routes.scores.remoteness import TOWN, people_by_cell, population_density
from routes.search.network_arcs import domestic_hours, network_arcs, snap_points


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


def test_units_of_neighbours_are_not_ranked_and_the_network_can_be_read(strip):
    """They were without a score where they came behind all units that are studied."""
    assert strip.area.neighbours == ("XB",) and (strip.nodes["country"] == "XB").any()
    assert strip.admin["id"].tolist() == ["XA-1", "XA-2"]
    assert set(strip.nodes["admin1"]) == {"", "XA-1", "XA-2"}
    assert sorted(strip.admin["remoteness_rank"]) == [1, 2]


def test_who_stands_at_a_border_or_on_a_quay_is_at_home(network):
    corinto = network.links[network.links["gateway"] == "formal:corinto"]
    x, y = (network.nodes[axis].iloc[corinto["u"]].item() for axis in ("x", "y"))
    points = pd.DataFrame({"x": x, "y": y, "country": ["GT", "HN", "SV", ""]})
    near = snap_points(network, points, at_home=True)
    assert network.nodes["country"].iloc[near[:2]].tolist() == ["GT", "HN"]
    assert near[2] == -1 and near[3] == snap_points(network, points)[3]
    offing = points.assign(x=-87.95, y=15.95, country="HN")
    assert (snap_points(network, offing) >= 0).all()
    assert (snap_points(network, offing, at_home=True) == -1).all()
    coarse = replace(network, area=replace(network.area, cell_m=20_000.0))
    assert (snap_points(coarse, offing, at_home=True) >= 0).all()


def test_posts_that_are_near_nothing_say_nothing_of_the_reach_of_the_state(strip):
    places = pd.DataFrame({"x": [0.3], "y": [0.3], "country": "XA", "population": 5_000})
    land = (strip.nodes["kind"] == "mesh").to_numpy()
    weak = land_weakness(
        strip, network_arcs(strip), land, posts=places.assign(x=5.0), places=places,
        indicators=empty(SCHEMAS["indicators"]),
    )  # fmt: skip
    assert weak.missing == ["reach", "institutions"]


def test_land_abroad_beyond_the_sea_is_no_land_border():
    """Three countries, of which a link by land joins two, and a ferry the third."""
    nodes = pd.DataFrame(
        [(0.1, "XA"), (0.3, "XA"), (0.35, "XB"), (0.2, "XC")], columns=["x", "country"]
    ).assign(y=0.5)
    links = pd.DataFrame(
        [(0, 1, "", "primary"), (1, 2, "formal", "crossing"), (0, 3, "formal", "ferry")],
        columns=["u", "v", "crossing", "class"],
    )
    km = _border_km(
        Network(
            area=StudyArea(name="made", bbox=(0, 0, 1, 1), countries=("XA",), neighbours=()),
            nodes=nodes.astype({"country": "category"}),
            links=links, geometry=np.array([]), gateways=None, admin=None,
        )
    )  # fmt: skip
    np.testing.assert_allclose(km[:3], [28.0, 6.0, 6.0], atol=2.1)
    assert np.isinf(km[3])


def test_boats_of_a_country_land_on_its_own_shores_only():
    """Two countries on one sea: the town abroad is near, and that at home far by road."""
    nodes = pd.DataFrame({"country": ["XA", "", "XB", "XA"]}).astype("category")
    links = pd.DataFrame([(0, 1, 1), (1, 2, 1), (0, 3, 10), (3, 1, 2)], columns=["u", "v", "hours"])
    seconds = links.pop("hours") * 3600.0
    area = StudyArea(name="made", bbox=(0, 0, 1, 1), countries=("XA", "XB"), neighbours=())
    made = Network(
        area=area, nodes=nodes, links=links.assign(seconds_uv=seconds, seconds_vu=seconds),
        geometry=np.array([]), gateways=None, admin=None,
    )  # fmt: skip
    arcs, town, abroad = network_arcs(made), np.array([3]), np.array([-1, 2])
    assert domestic_hours(made, arcs, town).tolist() == [3, 2, np.inf, 0]
    assert domestic_hours(made, arcs, abroad, entry=[0, 5]).tolist() == [np.inf, 6, 5, np.inf]
    assert domestic_hours(made, arcs, np.r_[town, abroad]).tolist() == [3, 1, 0, 0]
    assert np.isnan(domestic_hours(made, arcs, abroad[:1])).all()
    # Of neighbours nothing is scored.
    alone = replace(made, area=replace(area, countries=("XA",), neighbours=("XB",)))
    assert domestic_hours(alone, arcs, np.r_[town, abroad]).tolist() == [3, 2, np.inf, 0]
