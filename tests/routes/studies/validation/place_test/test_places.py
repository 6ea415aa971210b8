"""Towns that events are compared with, and the rulers and answers laid over the same grid."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from geodata.sources.userfiles.events import Events
from routes.router import Router
from routes.scenario.ends.end_text import parse_end
from routes.scenario.profiles import load_profile
from routes.scenario.scenario import Scenario
from routes.studies.validation.null_models import STRAIGHT
from routes.studies.validation.place_test.answers import (
    ANSWER,
    FADE_M,
    GATEWAY,
    HOURS,
    USAGE,
    WAY,
    WEIGHTLESS,
    Answer,
    twins,
    weightless,
)
from routes.studies.validation.place_test.places import SETTINGS, place_events
from routes.studies.validation.place_test.rulers import (
    EDGE,
    NEAREST,
    PEOPLE,
    ROAD,
    geographic_rulers,
)
from routes.studies.validation.validation_cells import place, study_ground

EVENTS = {
    "Puerto Barrios": (-88.594, 15.727), "Ocotepeque": (-89.183, 14.437),
    "Juticalpa": (-86.221, 14.666), "Chiapas": (-93.1, 16.7),
}  # fmt: skip


def made_events(points) -> Events:
    x, y = np.array(points, float).T
    n = len(x)
    return Events(
        x=x, y=y, date=np.full(n, "2015"), precision_km=np.r_[12.0, np.full(n - 1, np.nan)],
        flow=np.full(n, ""), kind=np.full(n, "seizure_road"), mode=np.full(n, "road"),
        left_out={}, file="made", sha256="",
    )  # fmt: skip


@pytest.fixture(scope="module")
def ground(network):
    return study_ground(network)


@pytest.fixture(scope="module")
def places(network, ground):
    events = made_events(list(EVENTS.values()))
    return place_events(network, ground, events, place(ground, events.x, events.y))


def test_events_off_the_ground_are_left_out_and_the_others_matched(places):
    assert len(places.events) == 3
    assert places.events.country.tolist() == ["GT", "HN", "HN"]
    assert [SETTINGS[code] for code in places.events.setting] == ["coast", "border", "inland"]
    assert places.radius_m.tolist() == [12_000, 5000, 5000]
    assert set(places.role.tolist()) == {"transit"}


def test_the_background_is_of_districts_with_events_and_apart_from_them(network, ground, places):
    assert set(places.towns.district.tolist()) == set(places.events.district.tolist())
    assert places.districts == 3 and len(places.towns) > 30
    nodes = network.nodes[network.nodes["kind"] == "place"]
    row, column = network.area.cell_of(nodes["x"], nodes["y"])
    cell = row * network.area.shape[1] + column
    barrios = nodes["name"].to_numpy() == "Puerto Barrios"
    assert barrios.sum() == 1 and cell[barrios][0] not in places.towns.cell
    for matched in places.matched().values():
        assert (len(matched.events), len(matched.towns)) == (3, len(places.towns))


@pytest.mark.parametrize("block_m", [50_000.0, 25_000.0])
def test_blocks_are_those_of_the_test_on_cells(network, block_m):
    """Also where a block is no multiple of a cell, or an event moved to the next one."""
    ground = study_ground(network, block_m=block_m)
    x, y = network.area.unproject(*(ground.centres[::97] + 900.0).T)
    events = made_events(np.stack([x, y], axis=1))
    placed = place(ground, events.x, events.y)
    points = place_events(network, ground, events, placed).events
    np.testing.assert_array_equal(points.block, ground.block[placed.cell[placed.cell >= 0]])


def test_without_districts_all_towns_are_the_background(network, ground):
    events = made_events(list(EVENTS.values())[:3])
    bare = replace(network, admin=network.admin[:0])
    places = place_events(bare, ground, events, place(ground, events.x, events.y))
    assert places.districts == 1 and set(places.towns.country.tolist()) == {""}
    listed = network.nodes["country"].isin(network.area.countries) & (
        network.nodes["kind"] == "place"
    )
    assert len(places.towns) > 0.95 * listed.sum()


def test_links_count_in_the_cell_of_their_middle(network, ground, places):
    links, nodes = network.links, network.nodes
    on = nodes["country"].isin(network.area.countries).to_numpy()
    inside = on[links["u"]] & on[links["v"]]
    assert np.isin(places.way_cell, ground.cell).all()
    assert places.way_km.sum() == pytest.approx(links["length_m"][inside].sum() / 1000, rel=0.02)


def test_rulers_rise_towards_what_they_measure(network):
    straight = np.zeros(network.area.shape)
    straight[100] = 1.0
    rulers = geographic_rulers(network, straight, tolerance_m=5000)
    assert tuple(rulers) == (NEAREST, EDGE, ROAD, PEOPLE, STRAIGHT)
    assert all(np.isfinite(surface).all() for surface in rulers.values())
    port = network.gateways[network.gateways["kind"] == "port"].geometry.iloc[0]
    assert rulers[NEAREST][network.area.cell_of(port.x, port.y)] == 0
    city = network.area.cell_of(-90.51, 14.63)
    assert rulers[PEOPLE][city] > np.quantile(rulers[PEOPLE], 0.99)
    assert rulers[STRAIGHT][100, 50] > rulers[STRAIGHT][140, 50]


def test_a_ruler_that_the_network_lacks_is_left_out(network):
    bare = replace(
        network, links=network.links.assign(**{"class": "local"}), gateways=network.gateways[:0],
        layers={}, surfaces={**network.surfaces},
    )  # fmt: skip
    rulers = geographic_rulers(bare, np.ones(network.area.shape), tolerance_m=5000)
    assert tuple(rulers) == (EDGE, STRAIGHT)


def test_gateways_fade_with_distance_and_the_larger_counts(network):
    area = network.area
    gateway = np.zeros(len(network.gateways))
    gateway[0] = 0.8
    answer = Answer(cell=np.full(area.shape, 0.3), gateway=gateway)
    around, point = answer.around_gateways(network), network.gateways.geometry.iloc[0]
    row, column = area.cell_of(point.x, point.y)
    assert around[row, column] == pytest.approx(0.8, rel=0.01)
    far = int(FADE_M / area.cell_m)
    assert around[row + far, column] == pytest.approx(0.8 * np.exp(-0.5), rel=0.15)
    surfaces = answer.surfaces(network, np.zeros(area.shape))
    assert tuple(surfaces) == (ANSWER, WAY, GATEWAY, USAGE)
    assert surfaces[ANSWER].min() == 0.3 and surfaces[ANSWER].max() == around.max()


def test_twins_are_the_same_scenario_blind_to_scores(network):
    ends = [parse_end(text, field="from") for text in ("San Pedro Sula", "Chiquimula")]
    scenario = Scenario(profile=load_profile("migrants-north").between(ends[:1], ends[1:]))
    made = twins(Router(network), scenario)
    assert tuple(made) == (WEIGHTLESS, HOURS)
    assert all(twin.cell.shape == network.area.shape for twin in made.values())
    assert (made[WEIGHTLESS].cell != made[HOURS].cell).any()
    freed = weightless(scenario.profile)
    assert set(freed.weights.values()) == {0.0}
    assert (freed.rates, freed.fees) == (scenario.profile.rates, scenario.profile.fees)
