"""The router: what it keeps, where flow begins, and how it is stopped."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from geodata.errors import InputError
from geodata.network.network import Network
from routes.corridors import loading as corridors
from routes.results.nearness_table import nearness_record
from routes.router import Router
from routes.scenario.demand import Endpoint
from routes.scenario.ends.end_text import parse_end
from routes.scenario.ends.endpoints import locate
from routes.scenario.profiles import load_profile
from routes.scenario.scenario import Scenario
from routes.studies.closures import close_gateways, cut_flow, split_demands
from routes.studies.ensemble import run_ensemble
from routes.studies.sensitivity import sobol

STRIPS = Endpoint(name="strips", at={"layer": "airstrip", "admin1": ["HN-GD"]}, demand=3.0)


@pytest.fixture(scope="module")
def router(network: Network) -> Router:
    return Router(network)


@pytest.fixture(scope="module")
def trip() -> Scenario:
    ends = [parse_end("Tela", field="from")], [parse_end("Tapachula", field="to")]
    return Scenario(profile=load_profile("cocaine-north").between(*ends), slack=0.1)


def test_strips_far_apart_send_their_part_each(network):
    strips = locate(network, STRIPS, field="from")
    parts = strips.parts(network)
    assert len(parts) > 5
    np.testing.assert_array_equal(
        np.sort(np.concatenate([part.nodes for part in parts])), strips.nodes
    )
    assert sum(part.demand for part in parts) == pytest.approx(3.0)
    assert all(part.demand == pytest.approx(3.0 * len(part.nodes) / len(strips.nodes))
               for part in parts)  # fmt: skip


def test_a_border_is_passed_wherever_it_suits(network):
    border = Endpoint(name="border", at={"layer": "border", "country": "NI", "east": -85.0})
    located = locate(network, border, field="from")
    assert len(located.nodes) > 100
    assert located.parts(network) == [located]


def test_flow_of_scattered_strips_begins_at_all_of_them(router):
    """With one way for all, the far strips would carry nothing."""
    profile = load_profile("cocaine-north").between((STRIPS,))
    flow, _ = router.flow(Scenario(profile=profile), detail=0.5)
    arcs, n = router.arcs, router.arcs.n
    sent = np.bincount(arcs.tail, flow.arc, n) - np.bincount(arcs.head, flow.arc, n)
    nodes = locate(router.network, STRIPS, field="from").nodes
    assert sent[nodes].sum() == pytest.approx(1.0, abs=1e-6)
    assert (sent[nodes] > 0.02).sum() > 10


def test_a_demand_of_scattered_strips_is_closed_part_by_part(router):
    profile = load_profile("cocaine-north").between((STRIPS,))
    demands, shares = split_demands(router.network, Scenario(profile=profile))
    assert len(demands) == len(locate(router.network, STRIPS, field="from").parts(router.network))
    assert shares.sum() == pytest.approx(1.0)


@pytest.mark.parametrize("slack", [0.1, 0.7])
def test_a_brief_answer_names_the_corridors_of_the_whole_one(router, trip, slack):
    """Also where the slack is wider than the dispersion leaves anything to be found."""
    scenario = replace(trip, slack=slack)
    brief, full = router.brief(scenario), router.run(scenario)
    assert brief.corridors.drop(columns="geometry").equals(full.corridors.drop(columns="geometry"))
    assert brief.gateways["usage"].tolist() == full.gateways["usage"].tolist()
    # A live answer says nothing of nearness, which would take it another tree.
    assert full.provenance == {**brief.provenance, "nearness": nearness_record()}


@pytest.mark.parametrize("via", [(), ("Puerto Cortes",)])
def test_two_trees_at_once_and_a_tree_that_is_kept_answer_alike(network, trip, via):
    """A lone question is answered by two trees; asked again, by one that is kept from then on."""
    scenario, router = replace(trip, via=via), Router(network)
    first, again = router.brief(scenario), router.brief(scenario)
    ways = router._costed(scenario, None)
    assert [tree is not None for tree in ways.destination_trees.values()] == [True]
    alone = Router(network, threads=1).brief(scenario)
    for other in (again, alone):
        assert other.corridors.equals(first.corridors)
        assert other.provenance == first.provenance


def test_ways_as_dear_as_each_other_are_told_apart_alike_by_whoever_asks(network):
    """To the digits that costs have, they are: what else the band holds must not choose."""
    ends = [(parse_end(text, field="from"),)
            for text in ("-84.98443021121864,15.28982443558809",
                         "-90.9560097969364,14.85016045920835")]  # fmt: skip
    profile = replace(load_profile("contraband-west").between(*ends), theta=1.54, best_share=None)
    scenario = Scenario(profile=profile, slack=0.15)
    router = Router(network)
    first, again, full = router.brief(scenario), router.brief(scenario), router.run(scenario)
    assert again.corridors.equals(first.corridors)
    assert full.corridors.equals(first.corridors)


def test_a_scenario_is_looked_up_without_an_answer(router, trip):
    router.check(trip)
    nowhere = trip.profile.between([parse_end("Atlantis", field="from")])
    for wrong in (replace(trip, via=("Atlantis",)), replace(trip, profile=nowhere)):
        with pytest.raises(InputError, match="Atlantis"):
            router.check(wrong)


def test_an_origin_that_is_a_destination_is_refused_without_an_answer(router, trip):
    here = [parse_end("-88.1,15.5", field="from")]
    same = replace(trip, profile=trip.profile.between(here, here))
    with pytest.raises(InputError, match="two places apart") as before:
        router.check(same)
    with pytest.raises(InputError) as answering:
        router.flow(same)
    assert str(before.value) == str(answering.value)


def test_those_laid_out_anew_are_kept_one_at_a_time(router, trip):
    """Each takes some hundred megabytes for every thing to be passed."""
    for name in ("Puerto Cortes", "Izabal", "Corinto"):
        router.brief(replace(trip, via=(name,)))
    router.brief(trip)
    assert [bool(ways.stops) for ways in router._kept.kept.values()] == [True, False]


def test_a_search_that_is_cut_off_says_so(router, monkeypatch):
    scenario = Scenario(profile=load_profile("migrants-north"))
    full = router.brief(scenario)
    assert full.provenance["search"]["cut_off"] == 0
    assert full.provenance["search"]["reading"] == ""
    monkeypatch.setattr(corridors, "MOST_STAGES", 40)
    few = router.brief(scenario)
    search = few.provenance["search"]
    assert (search["demands"], search["cut_off"], search["unanswered"]) == (3, 2, 0)
    assert "2 of 3 searches for corridors came to no end" in search["reading"]
    assert 0 < len(few.corridors) < len(full.corridors)
    assert few.corridors["usage"].sum() <= 1


def test_where_no_corridor_is_proven_there_is_none_and_words(router, monkeypatch):
    monkeypatch.setattr(corridors, "MOST_STAGES", 1)
    result = router.run(Scenario(profile=load_profile("migrants-north")))
    search = result.provenance["search"]
    assert (search["cut_off"], search["unanswered"], search["usage_unanswered"]) == (3, 3, 1.0)
    assert "From San Pedro Sula, San Salvador and " in search["reading"]
    assert "none was proven, so that 100% of flow is left out" in search["reading"]
    for layer in (result.corridors, result.bands, result.segments, result.gateways):
        assert layer.empty
    assert not result.density.any()


@pytest.mark.parametrize("theta", [1.0, 9e5])
def test_a_sharp_choice_takes_the_best_corridor(router, trip, theta):
    profile = replace(trip.profile, theta=theta, best_share=None)
    usage = router.brief(replace(trip, profile=profile)).corridors["usage"]
    assert usage.sum() == pytest.approx(1.0, abs=0.01)
    assert theta == 1.0 or usage.iloc[0] == pytest.approx(1.0)


def test_a_choice_free_of_scale_spreads_further_and_leaves_no_flow_out(router, trip):
    weibit = replace(trip.profile, model="weibit", theta=8.0)
    sharp, even = (
        router.run(replace(trip, profile=profile, slack=0.1)) for profile in (trip.profile, weibit)
    )
    assert even.provenance["scenario"]["model"] == "weibit"
    assert even.corridors["usage"].max() < sharp.corridors["usage"].max()
    assert len(even.gateways) >= len(sharp.gateways)
    assert even.gateways["usage"].sum() == pytest.approx(sharp.gateways["usage"].sum(), abs=0.1)
    flow, _ = router.flow(replace(trip, profile=weibit, slack=0.1), detail=1)
    sent = np.bincount(router.arcs.tail, flow.arc) - np.bincount(router.arcs.head, flow.arc)
    assert sorted(sent[np.abs(sent) > 1e-9].tolist()) == pytest.approx([-1, 1])
    # What only small corridors pass is of none that is spread.
    assert set(even.segments["corridor"]) <= {"", *even.corridors["id"]}


def test_places_on_two_threads_give_the_flow_of_one(router):
    scenario = Scenario(profile=load_profile("cocaine-north").between((STRIPS,)))
    one, two = (router.flow(scenario, detail=0.1, threads=threads)[0] for threads in (1, 2))
    np.testing.assert_array_equal(one.arc, two.arc)
    np.testing.assert_array_equal(one.corridor, two.corridor)
    assert [c.gateways for c in one.corridors] == [c.gateways for c in two.corridors]


def test_another_profile_of_the_same_name_has_costs_of_its_own(router, trip):
    profile = trip.profile
    slower = replace(profile, rates={**profile.rates, "road": 2 * profile.rates["road"]})
    before = router.brief(trip).corridors["cost"].min()
    after = router.brief(replace(trip, profile=slower)).corridors["cost"].min()
    assert after > 1.2 * before
    assert router.brief(trip).corridors["cost"].min() == before


def test_a_check_that_raises_ends_the_work(router, trip):
    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        router.run(trip, check=check)
    assert calls == 3


@pytest.mark.parametrize(
    ("ask", "field"),
    [
        (lambda router, _: Router("network"), "network"),
        (lambda router, _: Router(router.network, threads="2"), "threads"),
        (lambda router, _: Router(router.network, threads=0), "threads"),
        (lambda router, trip: router.run("cocaine-north"), "scenario"),
        (lambda router, trip: router.brief(trip.profile), "scenario"),
        (lambda router, trip: router.check(None), "scenario"),
        (lambda router, trip: run_ensemble(trip, router, draws=2, seed=1), "router"),
        (lambda router, trip: run_ensemble(router, trip, draws="2", seed=1), "draws"),
        (lambda router, trip: sobol(router, trip.profile, samples=4, seed=1), "scenario"),
        (lambda router, trip: close_gateways(router.network, trip), "router"),
        (lambda router, trip: cut_flow(router, trip.profile, slacks=[0.1]), "scenario"),
        (lambda router, trip: cut_flow(router, trip, slacks=0.1), "slacks"),
    ],
)
def test_one_kind_in_the_place_of_another_is_told_by_its_name(ask, field, router, trip):
    with pytest.raises(InputError, match=r"\. Give [^\n]*\.$") as raised:
        ask(router, trip)
    assert raised.value.field == field
