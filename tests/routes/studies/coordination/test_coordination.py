"""Two actors on one trip: each coalition is what the scenario of its measures gives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from geodata.errors import InputError, NoPathError
from routes.router import Router
from routes.scenario.costs.draws import Uncertainty
from routes.scenario.edits import Edit, close
from routes.scenario.ends.end_text import parse_end
from routes.scenario.profiles import load_profile
from routes.scenario.scenario import Scenario
from routes.studies.comparison.comparison import compare_scenarios
from routes.studies.comparison.paired_draws import SharedDraws
from routes.studies.coordination.actors import Actor, acting, coalitions_of
from routes.studies.coordination.coordination import coordinate
from routes.studies.coordination.strategy_form import Strategy

ELASTICITY = 0.5
NO_DRAWS = SharedDraws(count=0, seed=1, spread=Uncertainty())


@pytest.fixture(scope="module")
def router(network):
    return Router(network)


@pytest.fixture(scope="module")
def strategy(router):
    ends = [[parse_end(t, field="x")] for t in ("San Pedro Sula", "Chiquimula")]
    scenario = Scenario(profile=load_profile("migrants-north").between(*ends), slack=0.1)
    first, second = router.brief(scenario).gateways["id"].iloc[:2]
    actors = (
        Actor(name="Guatemala", country="GT", edits=(close(first),)),
        Actor(name="Honduras", country="HN", edits=(Edit(target=second, hours=3.0),)),
    )
    return Strategy(name="a border", scenario=scenario, actors=actors,
                    elasticities=(0.0, ELASTICITY), draws=2)  # fmt: skip


@pytest.fixture(scope="module")
def answer(router, strategy):
    return coordinate(router, strategy)


def test_each_coalition_is_the_comparison_of_its_scenario(router, strategy, answer):
    _, alone, _, both = coalitions_of(strategy.actors)
    others = {"alone": acting(strategy.scenario, alone), "both": acting(strategy.scenario, both)}
    compared = compare_scenarios(router, strategy.scenario, others, NO_DRAWS, elasticity=ELASTICITY)
    rows = answer.tables.coalitions.query("elasticity == @ELASTICITY").set_index("coalition")
    burdens = answer.tables.burdens.query("elasticity == @ELASTICITY and measure == 'usage'")
    for name, comparison in zip(("Guatemala", "Guatemala + Honduras"), compared, strict=True):
        for key, value in comparison.books.record().items():
            assert rows.loc[name, key] == pytest.approx(value, abs=1e-12)
        usage = burdens[burdens["coalition"] == name].set_index("ground")["value"]
        expected = comparison.countries.set_index("id")["other"]
        assert np.allclose(usage[expected.index], expected, atol=1e-12)


def test_books_balance_and_shapley_values_add_up(answer):
    coalitions, shapley = answer.tables.coalitions, answer.tables.shapley
    assert coalitions["difference"].abs().max() < 1e-6
    assert coalitions.query("elasticity == 0")["deterred"].abs().max() < 1e-12
    summed = shapley.groupby(["elasticity", "measure", "ground"])["value"].sum()
    together = shapley.groupby(["elasticity", "measure", "ground"])["together"].first()
    assert np.allclose(summed, together, rtol=1e-6, atol=1e-6)
    assert together[(0.0, "cost_added", "")] > 0


def test_kilometres_of_the_base_are_those_of_its_ways(router, strategy, answer):
    flow, _ = router.flow(strategy.scenario)
    km = router.network.links["length_m"].to_numpy(float) / 1000
    kilometres = sum(each.usage * km[flow.arcs.link[each.path]].sum() for each in flow.corridors)
    nobody = answer.tables.burdens.query("coalition == 'nobody' and measure == 'km'")
    assert nobody.query("elasticity == 0")["value"].sum() == pytest.approx(kilometres)


def test_what_districts_gain_and_lose_is_what_their_country_does(answer):
    shapley = answer.tables.shapley.query("elasticity == 0 and actor == 'Honduras'")
    alone = shapley.set_index(["measure", "ground"])["alone"]
    for country in ("GT", "HN"):
        moved = alone["returned", country] - alone["relieved", country]
        assert moved == pytest.approx(alone["km", country], abs=1e-9)
    assert alone["relieved"].max() > 0


def test_elastic_demand_leaves_less_on_every_ground(answer):
    burdens = answer.tables.burdens.query("coalition == 'Guatemala + Honduras' and measure == 'km'")
    stiff, elastic = (burdens[burdens["elasticity"] == e]["value"] for e in (0.0, ELASTICITY))
    assert (elastic.to_numpy() <= stiff.to_numpy() + 1e-12).all() and elastic.sum() < stiff.sum()


def test_draws_are_paired_and_give_intervals(answer):
    assert answer.cut_off == 0
    nobody = answer.tables.coalitions.query("coalition == 'nobody'")
    assert (nobody[["cost_added_low", "cost_added_high"]] == 0).all(axis=None)
    both = answer.tables.coalitions.query("coalition == 'Guatemala + Honduras'")
    assert (both["cost_added_low"] <= both["cost_added_high"]).all()
    assert (both["cost_added_high"] > 0).all()


def test_the_changes_of_each_coalition_are_layers(answer):
    assert list(answer.changes) == ["Guatemala", "Honduras", "Guatemala + Honduras"]
    assert (answer.changes["Guatemala"].gateways["change"] < 0).any()
    assert answer.record()["strategy"]["name"] == "a border"


def test_equal_actors_have_equal_shares(router, strategy):
    one = strategy.actors[0]
    twins = (one, replace(one, name="twin"))
    answer = coordinate(router, replace(strategy, actors=twins, draws=0))
    cost = answer.tables.shapley.query("measure == 'cost_added' and elasticity == 0")
    assert cost["value"].nunique() == 1
    assert cost["value"].iloc[0] == pytest.approx(cost["alone"].iloc[0] / 2)


def test_a_measure_on_nothing_and_one_that_leaves_no_way_are_named(router, strategy):
    field = "actor[0].close"
    for target, error, message in (
        ("Atlantis", InputError, r"actor\[0\]\.close: 'Atlantis'"),
        ("GT", (InputError, NoPathError), r"GT"),
    ):
        actor = Actor(name="A", country="GT", edits=(close(target, field=field),))
        with pytest.raises(error, match=message):
            coordinate(router, replace(strategy, actors=(actor,), draws=0))
