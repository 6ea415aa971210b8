"""Segments and bands of two trips that stay within one country."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from geodata.network.network import Network
from routes.results.result import Result
from routes.router import Router
from routes.scenario.demand import Pair
from routes.scenario.ends.end_text import parse_end
from routes.scenario.profiles import load_profile
from routes.scenario.scenario import Scenario

TRIPS = [("Tela", "La Ceiba"), ("Tegucigalpa", "Danli")]


@pytest.fixture(scope="module")
def router(network: Network) -> Router:
    return Router(network)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    starts, ends = (
        [parse_end(text, field="x") for text in side] for side in zip(*TRIPS, strict=True)
    )
    pairs = tuple(Pair(origin=one, destination=other, demand=1) for one, other in TRIPS)
    profile = replace(load_profile("migrants-north").between(starts, ends), pairs=pairs)
    return Scenario(profile=profile, slack=0.02)


@pytest.fixture(scope="module")
def result(router: Router, scenario: Scenario) -> Result:
    return router.run(scenario)


def test_trips_without_a_gateway_are_corridors_of_their_own(result):
    corridors, bands = result.corridors, result.bands
    assert sorted(corridors["name"]) == [f"{one} - {other}" for one, other in sorted(TRIPS)]
    assert corridors["usage"].tolist() == pytest.approx([0.5, 0.5])
    assert bands["id"].tolist() == corridors["id"].tolist()
    first, second = bands.geometry
    assert first.disjoint(second)
    for band, line in zip(bands.geometry, corridors.geometry, strict=True):
        assert band.buffer(1e-6).covers(line)


def test_a_segment_is_of_the_corridor_whose_trip_passes_it(result):
    bands = result.bands.set_index("id").geometry
    assert set(result.segments["corridor"]) == set(bands.index)
    for name, line in zip(result.segments["corridor"], result.segments.geometry, strict=True):
        assert bands[name].intersects(line)


def test_hours_of_a_one_way_road_are_those_of_its_way(router, scenario, result):
    """Both ways together took for ever."""
    network, arcs = router.network, router.arcs
    flow, _ = router.flow(scenario)
    against = (flow.arc == 0) & (flow.link[arcs.link] > 0)
    links = network.links.copy()
    for seconds, way in (("seconds_uv", arcs.along), ("seconds_vu", ~arcs.along)):
        links.loc[arcs.link[against & way], seconds] = np.inf
    rows = result.segments["id"].str.removeprefix("L").astype(int)
    assert np.isinf(links["seconds_uv"] + links["seconds_vu"])[rows].any()
    one_way = Router(replace(network, links=links)).run(scenario).segments
    assert one_way["id"].tolist() == result.segments["id"].tolist()
    np.testing.assert_allclose(one_way["hours"], result.segments["hours"])
    assert (one_way["hours"] > 0).all()
