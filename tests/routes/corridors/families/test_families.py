"""Families against a plain search over pairs of a place and what was passed on the way there."""

from __future__ import annotations

import heapq
import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

from geodata.errors import NoPathError
from routes.corridors.band_lookup import BandLookup
from routes.corridors.families import families as module
from routes.corridors.families.families import SearchLimits, find_families
from routes.search.arcs import Arcs
from routes.search.band import Ends, find_corridor

SIDE = 5
ALL = SearchLimits(most=10_000, dearest=np.inf)


@st.composite
def borderlands(draw):
    """A grid of nodes in three countries and at sea; a link between two of them is a gateway."""
    places = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    u = np.concatenate([places[:, :-1].ravel(), places[:-1].ravel()]).astype(np.int32)
    v = np.concatenate([places[:, 1:].ravel(), places[1:].ravel()]).astype(np.int32)
    numbers = st.integers(0, 2**32 - 1)
    chance = np.random.default_rng(draw(numbers))
    country = chance.integers(-1, 3, 9).astype(np.int32)[chance.integers(0, 9, SIDE * SIDE)]
    if draw(st.booleans()):
        country = np.repeat([0, 1, -1, 2, 1], SIDE).astype(np.int32)
    # Several links of one border are one gateway, as a sector is.
    low, high = np.minimum(country[u], country[v]), np.maximum(country[u], country[v])
    sector = (low + 1) * 8 + (high + 1) * 2 + chance.integers(0, 2, len(u))
    gateway = np.where(low == high, -1, sector).astype(np.int32)
    ways = np.ones(len(u), bool)
    arcs = Arcs.from_links(u, v, SIDE * SIDE, uv=ways, vu=ways)
    costs = (chance.integers(1, 9, len(u)), chance.choice([0, 0, 1, 3], len(u)),
             chance.uniform(0, 9, len(u)))  # fmt: skip
    cost = costs[draw(st.integers(0, 2))][arcs.link].astype(float)
    lookup = BandLookup(
        gateway=gateway, country=country, cell=np.arange(SIDE * SIDE, dtype=np.int32),
        metres=np.ones(len(u)),
    )  # fmt: skip
    ends = np.array([0], np.int32), np.array([SIDE * SIDE - 1], np.int32)
    ending = 0
    if draw(st.booleans()):
        # Whoever ends at a dear one might go on to a cheap one.
        several = chance.choice(np.arange(1, SIDE * SIDE), 4, replace=False).astype(np.int32)
        ends, ending = (ends[0], several), chance.integers(0, 12, 4)
    slack = draw(st.floats(0, 0.6))
    try:
        return lookup, find_corridor(
            arcs, cost, Ends(origins=ends[0], destinations=ends[1], ending=ending), slack=slack
        )
    except NoPathError:
        reject()


def passages(lookup, band, *, returning):
    """Least cost of every sequence of gateways, by a search over places and sequences."""
    arcs, node = band.arcs, band.node
    country, gateway = lookup.country[node], lookup.gateway[arcs.link]
    queue = [(0.0, (), int(start), frozenset()) for start in band.origin_nodes]
    ends = dict(zip(band.destination_nodes.tolist(), band.ending_costs.tolist(), strict=True))
    done, least = set(), {}
    while queue:
        cost, passed, at, left = heapq.heappop(queue)
        if (passed, at) in done or cost + band.to_go[at] > band.limit:
            continue
        done.add((passed, at))
        if at in ends and cost + ends[at] <= band.limit:
            least[passed] = min(least.get(passed, np.inf), cost + ends[at])
        for arc in range(arcs.start[at], arcs.start[at + 1]):
            head, way = int(arcs.head[arc]), int(gateway[arc])
            after = (cost + band.cost[arc], passed, head, left)
            if way >= 0:
                by_land = country[at] >= 0 and country[head] >= 0
                if passed.count(way) > returning or (by_land and country[head] in left):
                    continue
                gone = {int(country[at])} if by_land and not returning else set()
                after = (after[0], (*passed, way), head, left | gone)
            heapq.heappush(queue, after)
    return least


@settings(max_examples=300, deadline=None)
@given(borderlands(), st.booleans(), st.sampled_from([1, 500_000]))
def test_every_sequence_is_found_at_its_least_cost(case, returning, at_a_time):
    lookup, band = case
    with pytest.MonkeyPatch.context() as patch:
        # A single stage at a time, and room for none, must not matter.
        patch.setattr(module, "_AT_A_TIME", at_a_time)
        patch.setattr(module, "_ROOM", at_a_time)
        families = find_families(band, lookup.gates(band), replace(ALL, returning=returning))
    # Where ways cost nothing there may be more sequences than any test can go through.
    assume(not families.cut)
    expected = passages(lookup, band, returning=returning)
    assert {family.gateways: family.cost for family in families} == pytest.approx(expected)
    assert [family.cost for family in families] == sorted(family.cost for family in families)


@settings(max_examples=200, deadline=None)
@given(borderlands())
def test_a_path_costs_what_its_family_does_and_passes_its_gateways(case):
    lookup, band = case
    for family in find_families(band, lookup.gates(band), ALL):
        arcs, path = band.arcs, family.path
        np.testing.assert_array_equal(arcs.head[path[:-1]], arcs.tail[path[1:]])
        assert arcs.tail[path[0]] in band.origin_nodes
        assert arcs.head[path[-1]] in band.destination_nodes
        endings = band.ending_costs[band.destination_nodes == arcs.head[path[-1]]]
        assert band.cost[path].sum() + endings.min() == pytest.approx(family.cost)
        passed = lookup.gateway[arcs.link[path]]
        assert tuple(passed[passed >= 0].tolist()) == family.gateways


@settings(max_examples=100, deadline=None)
@given(borderlands())
def test_the_stages_of_a_family_join(case):
    lookup, band = case
    for family in find_families(band, lookup.gates(band), ALL):
        stages = family.stages
        assert len(stages) == len(family.gateways) + 1
        assert (stages[0].via == -1).all()
        for before, stage in itertools.pairwise(stages):
            np.testing.assert_array_equal(band.arcs.head[stage.via], stage.nodes)
            reached = before.reached[band.arcs.tail[stage.via]] + band.cost[stage.via]
            np.testing.assert_allclose(stage.labels, reached, rtol=1e-6)
            assert (stage.reached[stage.nodes] <= stage.labels * (1 + 1e-6)).all()


@settings(max_examples=500, deadline=None)
@given(borderlands(), st.booleans(), st.integers(1, 12), st.sampled_from([1, 500_000]))
def test_a_search_that_is_cut_off_tells_of_the_cheapest_and_of_no_others(
    case, returning, most, at_a_time
):
    lookup, band = case
    gates, limits = lookup.gates(band), replace(ALL, returning=returning)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_AT_A_TIME", at_a_time)
        uncut = find_families(band, gates, limits)
        few = find_families(band, gates, replace(limits, most=most))
    assume(not uncut.cut)
    assert len(few) <= most
    assert [family.cost for family in few] == [family.cost for family in uncut[: len(few)]]
    costs = {family.gateways: family.cost for family in uncut}
    dearest = max((family.cost for family in few), default=-np.inf)
    cheaper = {gateways for gateways, cost in costs.items() if cost < dearest}
    assert cheaper <= {family.gateways for family in few} <= costs.keys()
    if not few.cut:
        assert len(few) == len(uncut)


@given(borderlands())
@settings(max_examples=50, deadline=None)
def test_a_band_too_large_for_its_stages_cuts_the_search(case):
    lookup, band = case
    gates = lookup.gates(band)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MOST_LABELS", 3 * band.arcs.n)
        families = find_families(band, gates, ALL)
    few = find_families(band, gates, replace(ALL, most=4))
    assert families.cut == few.cut
    assert [family.gateways for family in families] == [family.gateways for family in few]


@given(borderlands())
@settings(max_examples=50, deadline=None)
def test_a_check_is_asked_between_stages(case):
    lookup, band = case
    checks = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_AT_A_TIME", 1)
        families = find_families(
            band, lookup.gates(band), replace(ALL, check=lambda: checks.append(1))
        )
    assert len(checks) >= max(len(families), 1)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0, 3))
def test_families_and_their_paths_are_the_same_however_much_the_band_holds(seed, enough):
    """Where two ways are as dear as each other, what lies beside them must not decide."""
    chance = np.random.default_rng(seed)
    places = np.arange(SIDE * SIDE, dtype=np.int32).reshape(SIDE, SIDE)
    u = np.concatenate([places[:, :-1].ravel(), places[:-1].ravel()])
    v = np.concatenate([places[:, 1:].ravel(), places[1:].ravel()])
    country = np.repeat(chance.integers(0, 3, SIDE), SIDE).astype(np.int32)
    gateway = np.where(country[u] == country[v], -1, country[u] + country[v]).astype(np.int32)
    ways = np.ones(len(u), bool)
    lookup = BandLookup(
        gateway=gateway, country=country, cell=np.arange(SIDE * SIDE, dtype=np.int32),
        metres=np.ones(len(u)),
    )  # fmt: skip
    arcs = Arcs.from_links(u, v, SIDE * SIDE, uv=ways, vu=ways)
    cost = chance.integers(1, 4, len(u)).astype(float)[arcs.link]
    ends = Ends(origins=[0], destinations=[SIDE * SIDE - 1])
    answers = []
    for threads, most in ((1, np.inf), (1, enough), (2, enough)):
        band = find_corridor(arcs, cost, ends, slack=0.6, hours_above_best=most, threads=threads)
        limits = replace(ALL, dearest=band.best + max(enough, band.margin * band.best))
        families = find_families(band, lookup.gates(band), limits)
        answers.append(
            [(each.gateways, each.cost, band.arc[each.path].tolist()) for each in families]
        )
    assert answers[0] == answers[1] == answers[2]
