"""The choice among families and within one, against every path of small graphs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geodata.errors import InputError
from routes.corridors.band_lookup import BandLookup
from routes.corridors.choice.family_choice import (
    ALIKE,
    LEAST_WITHIN,
    NEGLIGIBLE,
    THETA_WITHIN,
    FamilyChoice,
)
from routes.corridors.choice.path_size import Overlap
from routes.corridors.loading import Demand, Flow, load_demand
from routes.search.arcs import Arcs
from routes.search.band import Ends, find_corridor
from tests.routes.corridors.families.test_families import borderlands, passages

FREE = ("scaled", "weibit")
APART = Overlap(cell=np.arange(3, dtype=np.int32), length=np.ones(3), ends=np.array([1, 2, 3]))
"""Three paths that share nothing."""


def weights_of(model: str, theta: float, costs: np.ndarray) -> np.ndarray:
    """The formulas as they are printed."""
    best = costs.min()
    return {
        "logit": np.exp(-theta * (costs - best)),
        "scaled": np.exp(-theta * (costs / best - 1)),
        "weibit": (costs / best) ** -theta,
    }[model]


def sent(band, choice: FamilyChoice) -> Demand:
    """All flow of a band."""
    names = {int(node): "end" for node in band.destinations}
    return Demand(origin="start", destinations=names, share=1.0, choice=choice)


@settings(max_examples=200, deadline=None)
@given(borderlands(), st.sampled_from(["logit", *FREE]), st.floats(0.05, 8))
def test_shares_are_those_of_all_families_enumerated(case, model, theta):
    lookup, band = case
    assume(band.best > 0)
    theta = theta if model != "logit" else theta / 8 / band.best
    expected = passages(lookup, band, returning=False)
    # Where every path doubles back there are only families that return.
    assume(expected)
    brought = load_demand(
        lookup, band, sent(band, FamilyChoice(model=model, theta=theta)), detail=2
    )
    assume(not brought.cut)
    inside = {
        key for key, cost in expected.items() if cost <= band.best * band.stretch * (1 - 1e-6)
    }
    flows = {corridor.gateways: corridor for corridor in brought.corridors}
    assert inside <= set(flows) <= set(expected)
    costs = np.array([expected[key] for key in flows])
    weights = weights_of(model, theta, costs)
    passed = [
        [(int(head), arc) for arc, head in zip(corridor.path, band.weights.arcs.head[corridor.path],
                                               strict=True)]
        for corridor in flows.values()
    ]  # fmt: skip
    cells = [{cell for cell, _ in path} for path in passed]
    sizes = [
        np.mean([weight / weights[[cell in other for other in cells]].sum() for cell, _ in path])
        for path, weight in zip(passed, weights, strict=True)
    ]
    shares = weights * sizes / (weights * sizes).sum()
    assert [corridor.usage for corridor in flows.values()] == pytest.approx(shares, abs=1e-6)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(FREE), st.sampled_from([2.0**-9, 2.0**7]))
def test_shares_and_ways_are_the_same_in_any_unit_of_cost(seed, model, factor):
    chance = np.random.default_rng(seed)
    lookup, arcs, cost = grid(chance.uniform(1, 1.1, 24), gateways=True)
    flows = []
    for unit in (1.0, factor):
        band = find_corridor(arcs, cost * unit, Ends(origins=[0], destinations=[15]), slack=0.4)
        brought = load_demand(
            lookup, band, sent(band, FamilyChoice(model=model, theta=8.0)), detail=0
        )
        flow = np.zeros(len(arcs.head))
        for row, used in brought.arcs.items():
            np.add.at(flow, used, brought.usage[row])
        flows.append(flow)
    np.testing.assert_allclose(flows[0], flows[1], atol=1e-9)
    balance = np.bincount(arcs.tail, flows[0], 16) - np.bincount(arcs.head, flows[0], 16)
    np.testing.assert_allclose(balance, np.eye(16)[0] - np.eye(16)[15], atol=1e-9)


@pytest.mark.parametrize("model", ["logit", *FREE])
def test_families_too_small_to_be_spread_keep_to_their_best_paths(model):
    """All flow is on the links, also where the choice leaves no family a large share."""
    lookup, arcs, cost = grid(np.random.default_rng(1).uniform(1, 1.1, 24), gateways=True)
    band = find_corridor(arcs, cost, Ends(origins=[0], destinations=[15]), slack=0.4)
    theta = 2.0 if model == "logit" else 8.0
    brought = load_demand(
        lookup, band, sent(band, FamilyChoice(model=model, theta=theta)), detail=1
    )
    assert len(brought.corridors) == 4 and len(brought.arcs) == 1
    flow = Flow(arcs=arcs, links=24)
    flow.add(brought)
    through = np.bincount(lookup.gateway[arcs.link] + 1, flow.arc, 5)[1:]
    usage = np.zeros(4)
    for corridor in brought.corridors:
        usage[list(corridor.gateways)] = corridor.usage
    best = np.eye(4)[brought.corridors[0].gateways]
    np.testing.assert_allclose(through, best if model == "logit" else usage, atol=1e-9)
    balance = np.bincount(arcs.tail, flow.arc, 16) - np.bincount(arcs.head, flow.arc, 16)
    np.testing.assert_allclose(balance, np.eye(16)[0] - np.eye(16)[15], atol=1e-9)
    assert (flow.corridor[flow.link > 0] < 0).any() is np.bool_(model != "logit")


def grid(costs: np.ndarray, *, gateways: bool = False):
    """Four by four nodes in one country, or in two with four gateways between."""
    number = np.arange(16, dtype=np.int32).reshape(4, 4)
    u = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    v = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    both = np.ones(len(u), bool)
    arcs = Arcs.from_links(u, v, 16, uv=both, vu=both)
    country = (number % 4 // 2 if gateways else number * 0).ravel().astype(np.int32)
    gateway = np.where(country[u] == country[v], -1, u // 4).astype(np.int32)
    lookup = BandLookup(gateway=gateway, country=country, cell=np.arange(16, dtype=np.int32),
                         metres=np.ones(len(u)))  # fmt: skip
    return lookup, arcs, costs[arcs.link].astype(np.float32).astype(float)


@pytest.mark.parametrize("model", FREE)
def test_within_a_family_shares_are_those_of_powers_of_the_cost_of_all_its_paths(model):
    costs = np.random.default_rng(3).uniform(1, 1.01, 24)
    lookup, arcs, cost = grid(costs)
    band = find_corridor(arcs, cost, Ends(origins=[0], destinations=[15]), slack=0.3)
    brought = load_demand(lookup, band, sent(band, FamilyChoice(model=model, theta=8.0)), detail=0)
    used = np.zeros(len(arcs.head))
    used[brought.arcs[0]] = brought.usage[0]
    exact, linear = (np.zeros(len(arcs.head)) for _ in range(2))
    for path in monotone(arcs, 0, []):
        dearer = cost[path].sum() / band.best
        exact[path] += dearer ** (-8.0 * ALIKE)
        linear[path] += np.exp(-8.0 * ALIKE * (dearer - 1))
    start = arcs.tail == 0
    np.testing.assert_allclose(used, linear / linear[start].sum(), atol=1e-5)
    np.testing.assert_allclose(used, exact / exact[start].sum(), atol=2e-3)
    assert (used[start] > 0.01).all(), "several ways"


def monotone(arcs: Arcs, node: int, path: list[int]):
    """All paths east and south to the last node; any other is longer by a seventh at least."""
    if node == 15:
        yield path
    for arc in range(arcs.start[node], arcs.start[node + 1]):
        if arcs.head[arc] > node:
            yield from monotone(arcs, int(arcs.head[arc]), [*path, arc])


@pytest.mark.parametrize("model", ["logit", *FREE])
@pytest.mark.parametrize("best_share", [0.4, 0.6, 0.99])
def test_the_best_family_carries_the_share_that_was_agreed(model, best_share):
    costs = np.array([40.0, 44.0, 50.0])
    choice = FamilyChoice(model=model, theta=None, best_share=best_share)
    assert choice.hours_sought(40.0) == np.inf
    choice = choice.agreed(costs, APART)
    assert choice.shares(costs, APART)[0] == pytest.approx(best_share)
    assert replace(choice, theta=9.0).agreed(costs, APART).theta == 9.0


@pytest.mark.parametrize("model", FREE)
@pytest.mark.parametrize("costs", [[64.0], [64.0, 70.0]])
def test_ways_of_a_family_are_told_apart_however_even_the_choice_among_families(model, costs):
    """A share that the best family exceeds at any dispersion says nothing of its ways."""
    n = len(costs)
    alone = Overlap(cell=APART.cell[:n], length=APART.length[:n], ends=APART.ends[:n])
    choice = FamilyChoice(model=model, theta=None, best_share=0.45).agreed(np.array(costs), alone)
    assert choice.within(64.0) == ALIKE * LEAST_WITHIN / 64
    assert choice.within(128.0) == choice.within(64.0) / 2, "in units of its own least cost"
    assert FamilyChoice(model=model, theta=8.0).within(64.0) == THETA_WITHIN


@pytest.mark.parametrize("model", ["logit", *FREE])
def test_what_is_not_sought_has_a_negligible_weight(model):
    choice = FamilyChoice(model=model, theta=8.0)
    hours = choice.hours_sought(30.0)
    weights = np.exp(-8.0 * choice.dearness(np.array([30.0, 30.0 + hours])))
    assert weights[1] == pytest.approx(np.exp(-NEGLIGIBLE))
    assert choice.hours_sought(30.0, part=0.2) < hours
    assert (choice.hours_sought() == hours) is (model == "logit")


@pytest.mark.parametrize("model", FREE)
def test_beside_a_way_that_costs_nothing_no_other_is_taken(model):
    choice = FamilyChoice(model=model, theta=8.0)
    assert choice.shares(np.array([0.0, 0.0, 1e-9]), APART) == pytest.approx([0.5, 0.5, 0])
    assert choice.within(0.0) == THETA_WITHIN and choice.hours_sought(0.0) == 0
    assert FamilyChoice(model=model, theta=1e-4).hours_sought(0.0) == 0


def test_an_unknown_model_is_refused():
    with pytest.raises(InputError, match=r"model: 'probit'\. Give one of: logit, scaled, weibit"):
        FamilyChoice(model="probit", theta=1.0)
