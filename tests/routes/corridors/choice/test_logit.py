"""Logit assignment: conservation, and an exact answer on a small graph."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csc_array, identity
from scipy.sparse.linalg import spsolve

from geodata.errors import InputError
from routes.corridors.choice.logit import load, log_weights
from routes.search.arcs import Arcs
from routes.search.trees import grow_tree


def grid(side: int, seed: int):
    """A directed grid with random costs, its last node the destination."""
    number = np.arange(side * side, dtype=np.int32).reshape(side, side)
    u = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    v = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    both = np.ones(len(u), bool)
    arcs = Arcs.from_links(u, v, side * side, uv=both, vu=both)
    return arcs, np.random.default_rng(seed).uniform(0.5, 2.0, len(arcs.head))


def assigned(arcs: Arcs, cost, demand, theta):
    end = arcs.n - 1
    to_go = grow_tree(arcs, cost, [end], reverse=True).cost
    ends = np.full(arcs.n, -np.inf)
    ends[end] = 0.0
    weights = log_weights(arcs, cost, to_go, ends, theta=theta)
    return load(arcs, cost, to_go, ends, weights, demand, theta=theta), to_go, weights


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 9), st.integers(0, 10_000), st.floats(0.01, 200))
def test_flow_is_conserved_at_every_node(side, seed, theta):
    arcs, cost = grid(side, seed)
    demand = np.random.default_rng(seed).uniform(0, 1, arcs.n)
    loading, _, _ = assigned(arcs, cost, demand, theta)
    into = np.bincount(arcs.head, loading.arc, arcs.n)
    out = np.bincount(arcs.tail, loading.arc, arcs.n)
    np.testing.assert_allclose(into + demand, out + loading.leaving, atol=1e-9)
    assert loading.leaving[-1] == pytest.approx(demand.sum())


def test_shares_are_those_of_all_efficient_paths_enumerated():
    arcs, cost = grid(4, 7)
    demand = np.zeros(arcs.n)
    demand[0] = 1.0
    theta = 1.3
    loading, to_go, weights = assigned(arcs, cost, demand, theta)
    flow, total = np.zeros(len(cost)), 0.0

    def walk(node: int, path: list[int]) -> None:
        nonlocal total
        if node == arcs.n - 1:
            weight = np.exp(-theta * cost[path].sum())
            flow[path] += weight
            total += weight
            return
        for arc in range(arcs.start[node], arcs.start[node + 1]):
            if to_go[arcs.head[arc]] < to_go[node]:
                walk(int(arcs.head[arc]), [*path, arc])

    walk(0, [])
    np.testing.assert_allclose(loading.arc, flow / total, atol=1e-12)
    assert weights[0] == pytest.approx(np.log(total))


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 7), st.integers(0, 10_000), st.floats(0.1, 5))
def test_flow_is_that_of_exact_randomised_shortest_paths(side, seed, theta):
    """Saerens et al. 2009: expected passages from the fundamental matrix (I - W)^-1."""
    arcs, cost = grid(side, seed)
    demand = np.zeros(arcs.n)
    demand[0] = 1.0
    loading, to_go, _ = assigned(arcs, cost, demand, theta)
    efficient = to_go[arcs.head] < to_go[arcs.tail]
    weight = np.where(efficient, np.exp(-theta * cost), 0.0)
    kernel = identity(arcs.n) - csc_array((weight, (arcs.tail, arcs.head)), (arcs.n, arcs.n))
    unit = np.eye(arcs.n)
    onward = spsolve(kernel.tocsc(), unit[-1])
    reached = spsolve(kernel.T.tocsc(), unit[0])
    exact = reached[arcs.tail] * weight * onward[arcs.head] / onward[0]
    np.testing.assert_allclose(loading.arc, exact, atol=1e-9)


@st.composite
def tangles(draw):
    """Any directed graph, many of its arcs at no cost, some below what its sums can tell."""
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    nodes = draw(st.integers(2, 25))
    many = draw(st.integers(1, 4 * nodes))
    u, v = (chance.integers(0, nodes, many).astype(np.int32) for _ in range(2))
    both = np.ones(many, bool)
    arcs = Arcs.from_links(u, v, nodes, uv=both, vu=chance.random(many) < 0.7)
    least, most = draw(st.sampled_from([(0, 0), (-9, 2), (-45, -38), (0, 8), (-45, 30)]))
    cost = 10.0 ** chance.uniform(least, most, len(arcs.head))
    cost[chance.random(len(cost)) < draw(st.floats(0, 1))] = 0.0
    cost[chance.random(len(cost)) < 0.1] = np.inf
    arrive = chance.choice(nodes, chance.integers(1, nodes), replace=False)
    entry = chance.choice([0.0, 0.0, 1.0, 1e-8], len(arrive))
    return arcs, cost.astype(np.float32).astype(float), arrive, entry, chance


@settings(max_examples=400, deadline=None)
@given(tangles(), st.sampled_from([1e-3, 1.0, 25.0, 1e3]))
def test_flow_is_conserved_where_arcs_cost_nothing(case, theta):
    arcs, cost, arrive, entry, chance = case
    to_go = grow_tree(arcs, cost, arrive, entry=entry, reverse=True).cost.astype(float)
    ends = np.full(arcs.n, -np.inf)
    ends[arrive] = -theta * entry
    demand = np.where(np.isfinite(to_go), chance.uniform(0, 1, arcs.n), 0.0)
    weights = log_weights(arcs, cost, to_go, ends, theta=theta)
    assert np.isfinite(weights[np.isfinite(to_go)]).all()
    loading = load(arcs, cost, to_go, ends, weights, demand, theta=theta)
    into = np.bincount(arcs.head, loading.arc, arcs.n)
    out = np.bincount(arcs.tail, loading.arc, arcs.n)
    np.testing.assert_allclose(into + demand, out + loading.leaving, rtol=1e-9, atol=1e-12)
    assert loading.leaving.sum() == pytest.approx(demand.sum(), rel=1e-9)
    assert (loading.arc >= 0).all() and not loading.arc[~np.isfinite(cost)].any()
    assert not np.delete(loading.leaving, arrive).any()


def test_a_long_way_at_no_cost_is_followed_to_its_end():
    nodes = 300_000
    u = np.arange(nodes - 1, dtype=np.int32)
    ways = np.ones(nodes - 1, bool)
    arcs = Arcs.from_links(u, u + 1, nodes, uv=ways, vu=ways)
    demand = np.zeros(nodes)
    demand[0] = 1.0
    loading, _, _ = assigned(arcs, np.zeros(len(arcs.head)), demand, 25.0)
    assert loading.leaving[-1] == 1.0
    np.testing.assert_array_equal(loading.arc, np.where(arcs.head > arcs.tail, 1.0, 0.0))


def test_long_paths_do_not_underflow():
    arcs, cost = grid(60, 1)
    demand = np.zeros(arcs.n)
    demand[0] = 1.0
    loading, _, weights = assigned(arcs, cost, demand, 100.0)
    assert weights[0] < -5000
    assert loading.leaving[-1] == pytest.approx(1.0)


@pytest.mark.parametrize("name", ["cost", "to_go", "ends", "weights", "demand"])
@pytest.mark.parametrize("change", [-1, 1])
def test_arrays_of_another_length_are_refused_and_not_read_beyond(name, change):
    arcs, cost = grid(3, 0)
    sizes = {"cost": len(cost), "to_go": 9, "ends": 9, "weights": 9, "demand": 9}
    arrays = {of: np.zeros(size + (change if of == name else 0)) for of, size in sizes.items()}
    with pytest.raises(InputError, match=rf"{name}: .*Give one for each (arc|node)"):
        load(arcs, **arrays, theta=1.0)
    if name in ("cost", "to_go", "ends"):
        of_trees = {of: arrays[of] for of in ("cost", "to_go", "ends")}
        with pytest.raises(InputError, match=rf"{name}: .*Give one for each"):
            log_weights(arcs, **of_trees, theta=1.0)


@pytest.mark.parametrize("theta", [0.0, -1.0, float("nan")])
def test_a_dispersion_that_is_not_above_zero_is_refused(theta):
    arcs, cost = grid(2, 0)
    with pytest.raises(InputError, match="theta"):
        log_weights(arcs, cost, np.zeros(4), np.zeros(4), theta=theta)
