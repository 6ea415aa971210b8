"""A trip with its first crossing closed, beside the trip itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from routes.results.exposure import unit_usage
from routes.router import Router
from routes.scenario.costs.draws import Uncertainty, draw_inputs
from routes.scenario.edits import close
from routes.scenario.ends.end_text import parse_end
from routes.scenario.profiles import load_profile
from routes.scenario.scenario import Scenario
from routes.studies.closures import close_gateways
from routes.studies.comparison.comparison import compare_scenarios
from routes.studies.comparison.paired_draws import SharedDraws, certainty
from routes.studies.comparison.passage import imbalance
from routes.studies.ensemble import DETAIL

DRAWS = SharedDraws(count=4, seed=5, spread=Uncertainty())


@pytest.fixture(scope="module")
def router(network):
    return Router(network)


@pytest.fixture(scope="module")
def base():
    ends = [[parse_end(t, field="x")] for t in ("San Pedro Sula", "Chiquimula")]
    return Scenario(profile=load_profile("migrants-north").between(*ends), slack=0.1)


@pytest.fixture(scope="module")
def crossing(router, base):
    return router.brief(base).gateways.iloc[0]


@pytest.fixture(scope="module")
def closed(base, crossing):
    return replace(base, edits=(close(crossing["id"]),))


@pytest.fixture(scope="module")
def comparisons(router, base, closed):
    """The closing, and the base beside itself."""
    return compare_scenarios(router, base, {"closed": closed, "same": base}, DRAWS)


@pytest.fixture(scope="module")
def comparison(comparisons):
    return comparisons[0]


def test_tables_hold_what_each_scenario_has_by_itself(router, base, closed, comparison):
    for scenario, column in ((base, "base"), (closed, "other")):
        flow, _ = router.flow(scenario)
        gateways = comparison.gateways[comparison.gateways[column] > 0].set_index("id")[column]
        known = router.brief(scenario).gateways.set_index("id")["usage"]
        assert gateways.sort_index().to_dict() == pytest.approx(known.sort_index().to_dict())
        links = comparison.segments["id"].str.removeprefix("L").astype(int)
        assert comparison.segments[column].to_numpy() == pytest.approx(flow.link[links])
        assert set(np.flatnonzero(flow.link >= 0.002)) <= set(links)
        units = dict(zip(router.network.admin["id"], unit_usage(router.network, flow), strict=True))
        for identity, usage in zip(comparison.admin["id"], comparison.admin[column], strict=True):
            assert usage == pytest.approx(units[identity])


def test_the_closed_crossing_loses_all_and_the_books_balance(comparison, crossing):
    row = comparison.gateways.set_index("id").loc[crossing["id"]]
    assert row["other"] == 0 and row["lost"] == pytest.approx(crossing["usage"])
    assert row["change_high"] <= 0 and row["sign_share"] >= 0.75
    books = comparison.books
    assert books.lost >= crossing["usage"] - 1e-9 and books.deterred == 0
    assert abs(books.difference) < 1e-6
    change = np.abs(comparison.gateways["change"])
    assert (np.diff(change) <= 0).all(), "the largest changes come first"


def test_cost_added_is_that_of_chokepoints(router, base, crossing, comparison):
    closures = close_gateways(router, base, least=float(crossing["usage"]))
    row = router.network.gateways["id"].tolist().index(crossing["id"])
    (closure,) = [each for each in closures if each.gateway == row]
    assert comparison.books.cost_added == pytest.approx(closure.added)
    (demand,) = comparison.demands
    assert demand["cost_added"] == pytest.approx(closure.added)


def test_countries_and_sectors_are_whole(router, comparison):
    countries = comparison.countries.set_index("id")
    assert countries.loc["HN", "name"] == "Honduras"
    assert countries.loc["HN", "base"] == pytest.approx(1.0), "all of it begins there"
    units = router.network.admin
    honduras = units[units["country"] == "HN"]
    assert countries.loc["HN", "people"] == honduras["people"].sum()
    ground = shapely.area(honduras.geometry.to_numpy()).sum()
    assert countries.loc["HN"].geometry.area == pytest.approx(ground, rel=0.01)
    informal = comparison.gateways[comparison.gateways["kind"] == "informal"]
    assert comparison.sectors["id"].tolist() == informal["id"].tolist()
    assert set(comparison.sectors.geom_type) <= {"LineString", "MultiLineString"}


def test_what_both_share_cancels(comparisons):
    same = comparisons[1]
    for table in (same.segments, same.gateways, same.admin, same.countries):
        assert not table[["change", "change_low", "change_high"]].to_numpy().any()
        assert table["sign_share"].isna().all()


def test_draws_are_those_of_an_ensemble_taken_as_pairs(router, base, closed, comparison, crossing):
    row = router.network.gateways["id"].tolist().index(crossing["id"])
    changes = []
    for number in range(DRAWS.count):
        usage = []
        for scenario in (base, closed):
            seed = DRAWS.seed * 100_003 + number
            draw = draw_inputs(router.network, scenario.profile, DRAWS.spread, seed=seed)
            flow, _ = router.flow(scenario, cost=router.cost(draw), detail=DETAIL)
            usage.append(sum(c.usage for c in flow.corridors if row in c.gateways))
        changes.append(usage[1] - usage[0])
    reported = comparison.gateways.set_index("id").loc[crossing["id"]]
    assert reported["change_mean"] == pytest.approx(np.mean(changes))
    assert reported["change_low"] == pytest.approx(np.quantile(changes, 0.05))
    assert reported["change_high"] == pytest.approx(np.quantile(changes, 0.95))
    assert reported["sign_share"] == np.mean(np.array(changes) < 0)


def test_without_draws_there_are_no_intervals_and_flow_may_be_elastic(router, base, closed):
    none = replace(DRAWS, count=0)
    (elastic,) = compare_scenarios(router, base, {"closed": closed}, none, elasticity=2.0)
    assert "sign_share" not in elastic.gateways
    books = elastic.books
    stays = (1 + books.cost_added / books.cost) ** -2.0
    assert books.deterred == pytest.approx(1 - stays) and books.deterred > 0
    assert abs(books.difference) < 1e-6
    country = elastic.countries.set_index("id").loc["HN"]
    assert (country["other"], country["deterred"]) == pytest.approx((stays, 1 - stays))


def test_every_node_passes_on_what_it_gets(router, closed):
    flow, _ = router.flow(closed)
    ends = np.concatenate([end.nodes for side in router.ends(closed) for end in side])
    assert imbalance(router.network, flow, ends) < 1e-9
    flow.arc[np.argmax(flow.arc)] -= 0.01
    assert imbalance(router.network, flow, ends) == pytest.approx(0.01)


def test_certainty_counts_draws_of_the_same_sign():
    # What changes by rounding alone has no sign in a draw either.
    drawn = [np.array([-0.2, 0.0, 0.1]), np.array([-0.1, 0.0, 1e-17]), np.array([0.1, 0.0, 0.1])]
    table = certainty(np.array([-0.1, 0.0, 0.1]), drawn)
    assert table["sign_share"].iloc[[0, 2]].tolist() == pytest.approx([2 / 3, 2 / 3])
    assert np.isnan(table["sign_share"].iloc[1])
    assert table["change_low"].iloc[0] == pytest.approx(np.quantile([-0.2, -0.1, 0.1], 0.05))
