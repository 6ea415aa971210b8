"""Smallest cuts against all subsets of gateways, and closures against a flow run anew."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.errors import InputError, NoPathError
from routes.router import Router
from routes.scenario.demand import Pair, Share
from routes.scenario.edits import close
from routes.scenario.ends.end_text import parse_end
from routes.scenario.profiles import load_profile
from routes.scenario.scenario import Scenario
from routes.search.arcs import Arcs
from routes.search.trees import grow_tree
from routes.studies.closures import close_gateways, cut_flow, split_demands
from routes.studies.cuts import Trip, cut_curve, lightest_hitting_set

GATEWAYS = 5


def trip(origins, destinations, entry=None, *, name="here"):
    ends = np.array(destinations, np.int32)
    return Trip(name=name, origins=np.array(origins, np.int32), destinations=ends,
                entry=np.zeros(len(ends)) if entry is None else np.array(entry, float))  # fmt: skip


@st.composite
def borders(draw):
    """Graphs in which a gateway is several arcs, with one or two trips."""
    n = draw(st.integers(4, 9))
    node = st.integers(0, n - 1)
    rows = draw(
        st.lists(
            st.tuples(node, node, st.integers(0, 9), st.integers(-1, GATEWAYS - 1)),
            min_size=3, max_size=26,
        )
    )  # fmt: skip
    u, v, cost, gateway = (np.array(side) for side in zip(*rows, strict=True))
    arcs = Arcs.from_links(
        u.astype(np.int32),
        v.astype(np.int32),
        n,
        uv=np.ones(len(u), bool),
        vu=np.ones(len(u), bool),
    )
    trips = [trip([0], [n - 1], [draw(st.integers(0, 3))])]
    if draw(st.booleans()):
        # Whoever may end at one for nothing passes the other, where ending costs something.
        trips.append(trip([1], [n - 1, n - 2], [0, draw(st.integers(0, 9))]))
    weights = np.array(draw(st.lists(st.integers(1, 4), min_size=GATEWAYS, max_size=GATEWAYS)))
    slack = draw(st.sampled_from([0.0, 0.1, 0.3, 1.0]))
    return (
        arcs,
        cost[arcs.link].astype(float),
        gateway[arcs.link].astype(np.int32),
        trips,
        weights,
        slack,
    )


def smallest_cut(arcs, cost, gateway, trips, *, slack, weights=None):
    return cut_curve(arcs, cost, gateway, trips, slacks=[slack], weights=weights)[0]


def is_cut(arcs, cost, gateway, trips, slack, closed) -> bool:
    left = np.where(np.isin(gateway, list(closed)), np.inf, cost)
    for each in trips:
        ends = {"entry": each.entry, "reverse": True}
        best = grow_tree(arcs, cost, each.destinations, **ends).cost[each.origins].min()
        now = grow_tree(arcs, left, each.destinations, **ends).cost[each.origins].min()
        if now <= best * (1 + slack) * (1 + 1e-5):
            return False
    return True


@settings(max_examples=250, deadline=None)
@given(borders())
def test_the_cut_is_the_lightest_of_all_subsets(case):
    arcs, cost, gateway, trips, weights, slack = case
    subsets = [set(s) for k in range(GATEWAYS + 1) for s in combinations(range(GATEWAYS), k)]
    try:
        cut = smallest_cut(arcs, cost, gateway, trips, slack=slack)
        light = smallest_cut(arcs, cost, gateway, trips, slack=slack, weights=weights)
    except (NoPathError, InputError):
        return
    cuts = [s for s in subsets if is_cut(arcs, cost, gateway, trips, slack, s)]
    if not cuts:
        assert cut.gateways is None and cut.size is None and np.isinf(cut.weight)
        return
    assert cut.size == min(map(len, cuts)) == cut.weight
    assert set(cut.gateways) in cuts and set(light.gateways) in cuts
    assert light.weight == min(weights[list(s)].sum() for s in cuts)


@settings(max_examples=60, deadline=None)
@given(borders())
def test_a_curve_equals_its_points_and_never_falls(case):
    arcs, cost, gateway, trips, _, _ = case
    slacks = [0.0, 0.2, 0.6, 1.0]
    try:
        curve = cut_curve(arcs, cost, gateway, trips, slacks=slacks)
    except (NoPathError, InputError):
        return
    singles = [smallest_cut(arcs, cost, gateway, trips, slack=slack) for slack in slacks]
    assert [cut.weight for cut in curve] == [cut.weight for cut in singles]
    assert all(a.weight <= b.weight for a, b in pairwise(curve))
    backwards = cut_curve(arcs, cost, gateway, trips, slacks=slacks[::-1])
    assert [cut.slack for cut in backwards] == slacks[::-1]


def test_a_gateway_of_two_arcs_counts_once_and_far_paths_not_at_all():
    u, v = np.array([0, 0, 0, 1, 2, 3], np.int32), np.array([1, 2, 3, 4, 4, 4], np.int32)
    one_way = np.ones(6, bool)
    arcs = Arcs.from_links(u, v, 5, uv=one_way, vu=~one_way)
    cost = np.array([1, 1, 9, 1, 1, 1.0])[arcs.link]
    gateway = np.array([0, 0, 1, -1, -1, -1], np.int32)[arcs.link]
    assert smallest_cut(arcs, cost, gateway, [trip([0], [4])], slack=0.5).gateways == (0,)
    far = smallest_cut(arcs, np.minimum(cost, 2.0), gateway, [trip([0], [4])], slack=1.0)
    assert far.gateways == (0, 1)


def test_a_dear_destination_on_the_way_to_a_cheap_one_is_no_end():
    u, v, one_way = np.array([0, 1], np.int32), np.array([1, 2], np.int32), np.ones(2, bool)
    arcs = Arcs.from_links(u, v, 3, uv=one_way, vu=~one_way)
    cost, gateway = np.ones(2), np.array([-1, 0], np.int32)[arcs.link]
    ends = [trip([0], [1, 2], [9, 0])]
    assert smallest_cut(arcs, cost, gateway, ends, slack=0.5).gateways == (0,)


def test_hitting_sets():
    assert lightest_hitting_set([], np.ones(3)) == ()
    assert lightest_hitting_set([[0, 1], [1, 2], [3]], np.ones(4)) == (1, 3)
    assert lightest_hitting_set([[0, 1], [1, 2]], np.array([1.0, 5.0, 1.0])) == (0, 2)


def test_wrong_use_is_refused():
    one = np.ones(1, bool)
    arcs = Arcs.from_links(np.array([0], np.int32), np.array([1], np.int32), 3, uv=one, vu=one)
    cost, gateway, there = np.ones(2), np.zeros(2, np.int32), [trip([0], [1])]
    with pytest.raises(InputError, match="slack"):
        cut_curve(arcs, cost, gateway, there, slacks=[])
    with pytest.raises(InputError, match="slack"):
        smallest_cut(arcs, cost, gateway, there, slack=2.0)
    with pytest.raises(InputError, match="weights"):
        smallest_cut(arcs, cost, gateway, there, slack=0.1, weights=[0.0])
    with pytest.raises(InputError, match="two places apart"):
        smallest_cut(arcs, cost, gateway, [trip([0], [0])], slack=0.1)
    with pytest.raises(NoPathError, match="here"):
        smallest_cut(arcs, cost, gateway, [trip([0], [2])], slack=0.1)


@pytest.fixture(scope="module")
def router(network):
    return Router(network)


@pytest.fixture(scope="module")
def migrants():
    return Scenario(profile=load_profile("migrants-north"), slack=0.1)


def test_the_cut_of_a_flow_leaves_no_path_within_the_slack(router, migrants):
    cuts = cut_flow(router, migrants, slacks=[0.0, 0.1])
    assert 1 <= cuts[0].size < cuts[1].size
    ids = router.network.gateways["id"]
    closed = tuple(close(str(ids.iloc[row])) for row in cuts[1].gateways)
    for demand in split_demands(router.network, migrants)[0]:
        best = min(c.cost for c in router.flow(demand)[0].corridors)
        left = router.flow(replace(demand, edits=closed))[0]
        assert min(c.cost for c in left.corridors) > best * 1.1


def test_closures_are_those_of_a_flow_run_anew(router, migrants):
    closures = close_gateways(router, migrants, least=0.1)
    assert closures and all(closure.usage >= 0.1 for closure in closures)
    closure = max(closures, key=lambda closure: closure.usage)
    ids = router.network.gateways["id"]
    after = router.flow(replace(migrants, edits=(close(str(ids.iloc[closure.gateway])),)))[0]
    before = router.flow(migrants)[0]

    def through(flow, row):
        return sum(c.usage for c in flow.corridors if row in c.gateways)

    assert closure.usage == pytest.approx(through(before, closure.gateway))
    assert through(after, closure.gateway) == 0
    for row, rise in closure.gains[:5]:
        assert rise == pytest.approx(through(after, row) - through(before, row), abs=1e-9)
    rises = []
    for origin in migrants.profile.origins:
        old, new = (min(c.cost for c in flow.corridors if c.origin == origin.name)
                    for flow in (before, after))  # fmt: skip
        rises.append(origin.demand * (new - old))
    assert closure.added == pytest.approx(sum(rises), abs=1e-4)


def test_a_flow_that_has_one_way_only_is_cut_by_closing_it(router):
    ends = [(parse_end(name, field="x"),) for name in ("Ciudad Tecún Umán", "Tapachula")]
    profile = replace(
        load_profile("migrants-north").between(*ends), rates={"road": 1.0, "transfer": 1.0}
    )
    closures = close_gateways(router, Scenario(profile=profile, slack=0.0), least=0.5)
    assert len(closures) == 1 and closures[0].usage == pytest.approx(1.0)
    assert closures[0].lost == pytest.approx(1.0)
    assert closures[0].added > 0 or closures[0].cut == 1.0


def test_demand_by_pair_is_split_by_pair(router, migrants):
    origins, ends = migrants.profile.origins, migrants.profile.destinations
    pairs = tuple(
        Pair(origin=origins[k].name, destination=ends[k].name, demand=1.0 + k) for k in (0, 1)
    )
    profile = replace(migrants.profile, pairs=pairs)
    demands, shares = split_demands(router.network, replace(migrants, profile=profile))
    np.testing.assert_allclose(shares, [1 / 3, 2 / 3])
    assert demands[1].profile.destinations == (ends[1],)


def test_demand_by_share_is_split_by_share(router, migrants):
    origins, ends = migrants.profile.origins, migrants.profile.destinations
    name, total = origins[0].name, sum(origin.demand for origin in origins)
    shares = tuple(
        Share(origin=name, destinations=tuple(end.name for end in ends[rows]), share=part)
        for rows, part in ((slice(1), 0.2), (slice(2, 4), 0.8))
    )
    profile = replace(migrants.profile, shares=shares)
    demands, parts = split_demands(router.network, replace(migrants, profile=profile))
    split = [
        (demand.profile.destinations, part)
        for demand, part in zip(demands, parts, strict=True)
        if demand.profile.origins[0].name == name
    ]
    assert [destinations for destinations, _ in split] == [ends[:1], ends[2:4]]
    sent = origins[0].demand / total
    assert [part for _, part in split] == pytest.approx([0.2 * sent, 0.8 * sent])
    assert not any(demand.profile.shares for demand in demands)
    assert sum(parts) == pytest.approx(1)


def test_a_cut_knows_no_stops_and_says_who_is_cut_off(router, migrants):
    with pytest.raises(InputError, match="via"):
        cut_flow(router, replace(migrants, via=("Corinto",)), slacks=[0.1])
    with pytest.raises(InputError, match="least"):
        close_gateways(router, migrants, least=0.0)
    profile = migrants.profile.between((parse_end("Coxen Hole", field="from"),))
    with pytest.raises(NoPathError, match=r"Coxen Hole.*mode sea"):
        cut_flow(router, replace(migrants, profile=profile), slacks=[0.1])


def test_of_several_places_that_are_an_origin_the_one_cut_off_is_named(router, migrants):
    profile = migrants.profile.between((parse_end("ports:HN", field="from"),))
    with pytest.raises(NoPathError, match=r"ports:HN.*around Utila.*mode sea"):
        cut_flow(router, replace(migrants, profile=profile), slacks=[0.0])
