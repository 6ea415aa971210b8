"""The flow of a family: all of it goes from an origin to a destination, over its gateways."""

from __future__ import annotations

from inspect import Parameter, signature
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from geodata.errors import NoPathError
from routes.corridors.band_lookup import BandLookup
from routes.corridors.choice.usage import Plan, spread_family
from routes.corridors.families.families import SearchLimits, find_families
from routes.search.arcs import Arcs
from routes.search.band import Ends, find_corridor


def terrain_of(u, v, country, chance) -> BandLookup:
    """Links between two countries are a gateway, of two kinds."""
    low, high = np.minimum(country[u], country[v]), np.maximum(country[u], country[v])
    sector = (low + 1) * 8 + (high + 1) * 2 + chance.integers(0, 2, len(u))
    return BandLookup(
        gateway=np.where(low == high, -1, sector).astype(np.int32), country=country,
        cell=np.arange(len(country), dtype=np.int32), metres=np.ones(len(u)),
    )  # fmt: skip


@st.composite
def tangled_borders(draw):
    """Any graph in three countries and at sea, with several ends and costs of any size."""
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    nodes = draw(st.integers(2, 25))
    u, v = chance.integers(0, nodes, (2, draw(st.integers(1, 4 * nodes)))).astype(np.int32)
    country = np.sort(chance.integers(-1, 3, nodes)).astype(np.int32)
    ways = np.ones(len(u), bool)
    arcs = Arcs.from_links(u, v, nodes, uv=ways, vu=chance.random(len(u)) < 0.8)
    size = draw(st.sampled_from([1, 0.1, 1 / 3, 1e-9, 1e6, 1e12]))
    # Many a path is as dear as the flow of a family may go, to the last digit.
    kinds = (chance.integers(0, 4, len(u)), chance.integers(30, 36, len(u)),
             chance.uniform(0, 9, len(u)), 100 + chance.integers(0, 5, len(u)) * 0.75)  # fmt: skip
    cost = (kinds[draw(st.integers(0, 3))] * size).astype(np.float32)[arcs.link]
    ends = chance.permutation(nodes)[: draw(st.integers(2, min(nodes, 6)))].astype(np.int32)
    split = draw(st.integers(1, len(ends) - 1))
    ending = chance.integers(0, 12, len(ends) - split) * size * draw(st.integers(0, 1))
    slack = draw(st.sampled_from([0, 0.03, 0.1, 0.5]))
    try:
        band = find_corridor(
            arcs, cost, Ends(origins=ends[:split], destinations=ends[split:], ending=ending),
            slack=slack,
        )  # fmt: skip
    except NoPathError:
        reject()
    return terrain_of(u, v, country, chance), band


@settings(max_examples=300, deadline=None)
@given(tangled_borders(), st.booleans(), st.sampled_from([25.0, 1e-3, 0.1, 5e3]))
def test_the_flow_of_a_family_is_conserved_and_passes_its_gateways(case, returning, theta):
    lookup, band = case
    arcs, gateway = band.arcs, lookup.gateway[band.arcs.link]
    limits = SearchLimits(most=60, dearest=np.inf, returning=returning)
    for family in find_families(band, lookup.gates(band), limits)[:8]:
        flow = spread_family(band, family, theta=theta)
        assert (flow >= 0).all()
        sent = np.bincount(arcs.tail, flow, arcs.n) - np.bincount(arcs.head, flow, arcs.n)
        assert sent[band.origin_nodes].sum() == pytest.approx(1, abs=1e-9)
        assert sent[band.destination_nodes].sum() == pytest.approx(-1, abs=1e-9)
        between = np.delete(sent, np.concatenate([band.origin_nodes, band.destination_nodes]))
        np.testing.assert_allclose(between, 0, atol=1e-9)
        through = np.bincount(gateway[gateway >= 0], flow[gateway >= 0], 40)
        expected = np.bincount(np.array(family.gateways, int), minlength=40)
        np.testing.assert_allclose(through, expected, atol=1e-9)


@pytest.mark.parametrize("spread", [spread_family, Plan])
def test_flow_is_not_spread_by_a_dispersion_that_nobody_chose(spread):
    assert signature(spread).parameters["theta"].default is Parameter.empty


def test_a_gateway_that_leads_nowhere_takes_no_flow():
    """At the very limit one sum finds a way on, and another none."""
    u, v, one_way = np.array([0, 0], np.int32), np.array([1, 2], np.int32), np.ones(2, bool)
    arcs = Arcs.from_links(u, v, 3, uv=one_way, vu=~one_way)
    band = find_corridor(arcs, np.ones(2), Ends(origins=[0], destinations=[1, 2]), slack=0.0)
    exits = np.arange(2, dtype=np.int32)
    weights = np.array([-np.inf, -np.inf, -np.inf])
    shut = np.full(2, np.inf)
    to_go = np.array([1.0, np.inf, np.inf])
    weights[band.arcs.head[1]] = -25.0
    after = SimpleNamespace(weights=weights)
    plan = Plan(band, exits, shut, to_go, after, theta=25.0)
    leaving = np.array([1.0, 0.0, 0.0])
    np.testing.assert_array_equal(plan.exits, [1])
    np.testing.assert_array_equal(plan.passed(band, leaving), [1.0])
    after.weights = np.full(3, -np.inf)
    assert not len(Plan(band, exits, shut, to_go, after, theta=25.0).passed(band, leaving))
