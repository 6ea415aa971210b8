"""Nearness against what it is by definition, and against the slack that bands tell."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geodata.errors import NoPathError
from routes.corridors.errands import Errand
from routes.corridors.premium import REACH, STEEPNESS, Holdings, find_nearness
from routes.router import Router
from routes.scenario.costs.costed_network import CostedNetwork
from routes.scenario.ends.end_text import parse_end
from routes.scenario.ends.endpoints import Located
from routes.scenario.profiles import load_profile
from routes.scenario.scenario import Scenario
from routes.search.arcs import Arcs, lay_out_costs

NODES = 12


def located(node: int) -> Located:
    return Located(name=f"N{node}", nodes=np.array([node], np.int32), demand=1.0)


@st.composite
def questions(draw):
    """Links with costs both ways, and a few demands between nodes."""
    node = st.integers(0, NODES - 1)
    pairs = draw(st.lists(st.tuples(node, node).filter(lambda ends: ends[0] != ends[1]),
                          min_size=8, max_size=40, unique=True))  # fmt: skip
    costs = draw(st.lists(st.integers(1, 64), min_size=2 * len(pairs), max_size=2 * len(pairs)))
    ends = draw(st.lists(st.tuples(node, node), min_size=1, max_size=3, unique=True))
    shares = draw(st.lists(st.integers(1, 5), min_size=len(ends), max_size=len(ends)))
    return np.array(pairs), np.array(costs).reshape(2, -1), ends, np.array(shares) / sum(shares)


class Unexplained(CostedNetwork):
    """One without places and modes, which tell why there is no path."""

    def no_path(self, start, ends, closings):
        return NoPathError("from", start.name, "No path.")


def nearness_of(pairs, costs, ends, shares):
    """Nearness over a graph whose last two nodes are a unit, and whose first link is a gateway."""
    everywhere = np.ones(len(pairs), bool)
    arcs = Arcs.from_links(*pairs.T.astype(np.int32), NODES, uv=everywhere, vu=everywhere)
    network = SimpleNamespace(links=range(len(pairs)))
    costed = Unexplained(
        weights=lay_out_costs(arcs, costs[(~arcs.along).astype(int), arcs.link]),
        stops=[], names=(), network=network, plain=arcs,  # type: ignore[arg-type]
    )  # fmt: skip
    errands = [
        Errand(part=located(start), destinations=[located(end)], share=share / part, fraction=part)
        for (start, end), share, part in zip(ends, shares, (0.5, 0.25, 1.0), strict=False)
    ]
    holdings = Holdings(
        gateway=np.where(np.arange(len(pairs)) == 0, 0, -1).astype(np.int32),
        unit=np.where(np.arange(NODES) >= NODES - 2, 0, -1),
        cell=np.arange(NODES) // 4, ways=np.array([0]), passed=np.array([3]), counts=(1, 1, 4),
    )  # fmt: skip
    return find_nearness(holdings, costed, errands, closings=None, threads=2)  # type: ignore[arg-type]


@given(questions())
def test_it_is_what_the_cheapest_paths_through_each_thing_make_it(question):
    pairs, (there, back), ends, shares = question
    graph = np.full((NODES, NODES), np.inf)
    for (u, v), *cost in zip(pairs, there, back, strict=True):
        graph[u, v], graph[v, u] = min(graph[u, v], cost[0]), min(graph[v, u], cost[1])
    apart = dijkstra(csr_array(np.where(np.isfinite(graph), graph, 0)))
    if not all(np.isfinite(apart[start, end]) for start, end in ends):
        with pytest.raises(NoPathError):
            nearness_of(pairs, np.stack([there, back]), ends, shares)
        return
    near = nearness_of(pairs, np.stack([there, back]), ends, shares)

    def check(near, costs):
        costs, best = np.array(costs), np.array([[apart[start, end]] for start, end in ends])
        beyond = costs > best * (1 + REACH)
        premium = np.where(beyond, np.inf, costs / np.where(best, best, 1) - (best > 0))
        np.testing.assert_allclose(near.premium, premium.min(axis=0), atol=1e-5)
        np.testing.assert_allclose(near.nearness, shares @ np.exp(-STEEPNESS * premium), atol=1e-5)

    node = [apart[start] + apart[:, end] for start, end in ends]
    u, v = pairs.T
    link = [np.minimum(apart[start, u] + there + apart[v, end],
                       apart[start, v] + back + apart[u, end]) for start, end in ends]  # fmt: skip
    check(near.node, node)
    check(near.link, link)
    check(near.gateway, [cost[:1] for cost in link])
    check(near.unit, [cost[-2:].min(keepdims=True) for cost in node])
    cell = [
        np.append(cost.reshape(3, 4).min(axis=1), way[0])
        for cost, way in zip(node, link, strict=True)
    ]
    check(near.cell, cell)


@pytest.fixture(scope="module")
def router(network) -> Router:
    return Router(network)


@pytest.fixture(scope="module")
def trip() -> Scenario:
    ends = [parse_end("Tela", field="from")], [parse_end("Tapachula", field="to")]
    return Scenario(profile=load_profile("cocaine-north").between(*ends), slack=0.1)


@pytest.mark.parametrize("via", [(), ("Puerto Cortes",)])
def test_of_one_pair_it_goes_on_where_the_slack_of_the_band_ends(router, trip, via):
    question = replace(trip, via=via)
    flow, _ = router.flow(question)
    near = router.nearness(question)
    band = np.isfinite(flow.slack)
    np.testing.assert_allclose(near.link.premium[band], flow.slack[band], atol=1e-5)
    assert (near.link.nearness[~band] > 0).sum() > band.sum()
    best = flow.corridors[0].path
    assert near.link.nearness[router.arcs.link[best]].min() == pytest.approx(1, abs=1e-4)
    passed = flow.corridors[0].gateways
    assert near.gateway.nearness[list(passed)].min() == pytest.approx(1, abs=1e-4)


def test_cells_have_the_nodes_and_the_roads_that_pass_them(router, trip):
    near, holdings = router.nearness(trip), Holdings.of(router.network)
    cell = near.cell.nearness
    assert (cell[holdings.cell] >= near.node.nearness).all()
    assert (cell[holdings.passed] >= near.link.nearness[holdings.ways]).all()
    scored = np.flatnonzero(np.isfinite(router.network.surfaces["weakness"].ravel()))
    passable = np.concatenate([holdings.cell, holdings.passed])
    assert np.isin(scored, passable).mean() > 0.95, "the meshes cover the ground"
