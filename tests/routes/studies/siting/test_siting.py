"""Places of one trip, answered on the whole network."""

from __future__ import annotations

from dataclasses import replace

import pytest

from geodata.errors import InputError
from routes.router import Router
from routes.scenario.edits import Edit
from routes.scenario.ends.end_text import parse_end
from routes.scenario.profiles import load_profile
from routes.scenario.scenario import Scenario
from routes.studies.siting.siting import site, siting_table, stability_table

HOURS = 3.0


@pytest.fixture(scope="module")
def router(network):
    return Router(network)


@pytest.fixture(scope="module")
def scenario():
    ends = [[parse_end(t, field="x")] for t in ("San Pedro Sula", "Chiquimula")]
    return Scenario(profile=load_profile("migrants-north").between(*ends), slack=0.1)


@pytest.fixture(scope="module")
def siting(router, scenario):
    return site(router, scenario, budget=2, hours=HOURS, draws=3, seed=2)


def test_what_is_said_is_what_strengthening_the_places_gives(router, scenario, siting):
    ids = router.network.gateways["id"]
    for best in siting.best:
        edits = tuple(Edit(target=ids.iloc[place], hours=HOURS) for place in best.places)
        flow, _ = router.flow(replace(scenario, edits=edits))
        assert flow.best[0] == pytest.approx(best.value, abs=1e-3)
        assert best.gap <= 1e-3


def test_no_gateway_alone_does_better(router, scenario, siting):
    used = router.brief(scenario).gateways["id"].head(6)
    for identity in used:
        edit = Edit(target=identity, hours=HOURS)
        flow, _ = router.flow(replace(scenario, edits=(edit,)), detail=float("inf"))
        assert flow.best[0] <= siting.best[0].value + 1e-3


def test_more_places_never_do_worse_and_greedy_never_better(router, siting):
    table = siting_table(router, siting)
    assert table["budget"].tolist() == [1, 2] and table["hours_added"].is_monotonic_increasing
    assert (table["greedy_hours_added"] <= table["bound"] + 1e-3).all()
    assert siting.before < siting.best[0].value


def test_draws_say_how_often_each_place_is_chosen(router, siting):
    table = stability_table(router, siting)
    assert table["share"].between(0, 1).all() and table["share"].is_monotonic_decreasing
    assert 0 < table["share"].sum() <= 2 + 1e-9
    assert list(table) == ["id", "name", "kind", "share"]


def test_wrong_budgets_hours_and_flows_without_gateways_are_refused(router, scenario):
    with pytest.raises(InputError, match=r"budget: 0.*from 1 to 20"):
        site(router, scenario, budget=0, hours=HOURS)
    with pytest.raises(InputError, match=r"hours: 0\.0.*above zero"):
        site(router, scenario, budget=1, hours=0.0)
    near = scenario.profile.between([], [parse_end("Puerto Cortés", field="x")])
    with pytest.raises(InputError, match="passes no gateway"):
        site(router, replace(scenario, profile=near, slack=0.0), budget=1, hours=HOURS)
