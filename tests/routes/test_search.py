"""The engine against scipy, on graphs with everything that goes wrong in practice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from geodata.errors import InputError
from routes.search import Arcs, path_arcs, tree

COSTS = st.one_of(
    st.sampled_from([0.0, 1.0, 1.0, 1e-9, 1e6, np.inf]), st.floats(0, 100, allow_nan=False)
)


@st.composite
def graphs(draw):
    """Directed graphs with ties, loops, parallel arcs, closed arcs and unreachable parts."""
    n = draw(st.integers(2, 25))
    ends = draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=80))
    u, v = (np.array(side, np.int32) for side in zip(*ends, strict=True)) if ends else (
        np.zeros(0, np.int32), np.zeros(0, np.int32)
    )  # fmt: skip
    both = draw(st.booleans())
    arcs = Arcs.from_links(u, v, n, uv=np.ones(len(u), bool), vu=np.full(len(u), both))
    cost = np.array(draw(st.lists(COSTS, min_size=len(arcs.head), max_size=len(arcs.head))), float)
    sources = draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=4))
    entry = draw(st.lists(st.floats(0, 50), min_size=len(sources), max_size=len(sources)))
    return arcs, cost, np.array(sources), np.array(entry)


def oracle(arcs: Arcs, cost, sources, entry, *, reverse=False):
    """scipy's dijkstra from a virtual source; its zeros mean no arc, so costs are shifted off it."""
    n = arcs.n
    tail, head = (arcs.head, arcs.tail) if reverse else (arcs.tail, arcs.head)
    best: dict[tuple[int, int], float] = {}
    rows = [*zip(tail.tolist(), head.tolist(), cost.tolist(), strict=True)]
    rows += [(n, int(s), float(e)) for s, e in zip(sources, entry, strict=True)]
    for t, h, c in rows:
        if np.isfinite(c) and t != h:
            best[t, h] = min(best.get((t, h), np.inf), c)
    if not best:
        return np.full(n, np.inf)
    (t, h), c = zip(*best, strict=True), np.array([*best.values()])
    graph = coo_array((np.maximum(c, 1e-300), (t, h)), (n + 1, n + 1)).tocsr()
    return dijkstra(graph, indices=n)[:n]


@settings(max_examples=300, deadline=None)
@given(graphs(), st.booleans())
def test_costs_equal_those_of_scipy(graph, reverse):
    arcs, cost, sources, entry = graph
    found = tree(arcs, cost, sources, entry=entry, reverse=reverse)
    expected = oracle(arcs, cost, sources, entry, reverse=reverse)
    np.testing.assert_allclose(found.cost, expected, rtol=1e-12, atol=1e-290)


@settings(max_examples=100, deadline=None)
@given(graphs(), st.booleans())
def test_paths_add_up_to_the_cost_of_their_end(graph, reverse):
    arcs, cost, sources, entry = graph
    found = tree(arcs, cost, sources, entry=entry, reverse=reverse)
    starts = {}
    for s, e in zip(sources.tolist(), entry.tolist(), strict=True):
        starts[s] = min(starts.get(s, np.inf), e)
    for node in np.flatnonzero(np.isfinite(found.cost)):
        path = path_arcs(arcs, found, int(node), reverse=reverse)
        if len(path):
            source = int(arcs.head[path[-1]] if reverse else arcs.tail[path[0]])
        else:
            source = int(node)
        assert starts[source] + cost[path].sum() == pytest.approx(found.cost[node])


@settings(max_examples=100, deadline=None)
@given(graphs(), st.floats(0, 120))
def test_a_limit_leaves_the_rest_unreached(graph, limit):
    arcs, cost, sources, entry = graph
    free = tree(arcs, cost, sources, entry=entry)
    bounded = tree(arcs, cost, sources, entry=entry, limit=limit)
    np.testing.assert_array_equal(bounded.cost, np.where(free.cost <= limit, free.cost, np.inf))


@settings(max_examples=100, deadline=None)
@given(graphs(), st.floats(0, 120))
def test_a_guided_tree_is_exact_on_nodes_within_the_limit(graph, limit):
    arcs, cost, sources, entry = graph
    home = tree(arcs, cost, [arcs.n - 1], reverse=True).cost
    free = tree(arcs, cost, sources, entry=entry)
    guided = tree(arcs, cost, sources, entry=entry, limit=limit, to_go=home)
    within = free.cost + home <= limit - 1e-9
    np.testing.assert_allclose(guided.cost[within], free.cost[within])


@pytest.mark.parametrize("bad", [-1.0, np.nan])
def test_costs_that_are_no_costs_are_refused(bad):
    one = np.ones(1, bool)
    arcs = Arcs.from_links(np.array([0], np.int32), np.array([1], np.int32), 2, uv=one, vu=one)
    with pytest.raises(InputError, match="cost"):
        tree(arcs, [1.0, bad], [0])
    with pytest.raises(InputError, match="entry"):
        tree(arcs, [1.0, 1.0], [0], entry=[bad])
    with pytest.raises(InputError, match="sources"):
        tree(arcs, [1.0, 1.0], [2])
