"""The engine against scipy, on graphs with everything that goes wrong in practice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from geodata.errors import InputError
from routes.search.arcs import Arcs, lay_out_costs
from routes.search.trees import Targets, grow_tree, path_arcs

COSTS = st.one_of(
    st.sampled_from([0.0, 1.0, 1.0, 1e-9, 1e6, 1e30, np.inf]), st.floats(0, 100, allow_nan=False)
)


@st.composite
def graphs(draw):
    """Directed graphs with ties, loops, parallel arcs, closed arcs and unreachable parts.

    Their nodes stay in place or are laid out anew; nobody outside may notice.
    """
    n = draw(st.integers(2, 25))
    ends = draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=80))
    u, v = (np.array(side, np.int32) for side in zip(*ends, strict=True)) if ends else (
        np.zeros(0, np.int32), np.zeros(0, np.int32)
    )  # fmt: skip
    both = draw(st.booleans())
    arcs = Arcs.from_links(
        u, v, n, uv=np.ones(len(u), bool), vu=np.full(len(u), both), reorder=draw(st.booleans())
    )
    cost = np.array(draw(st.lists(COSTS, min_size=len(arcs.head), max_size=len(arcs.head))), float)
    sources = draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=4))
    entry = draw(st.lists(st.floats(0, 50), min_size=len(sources), max_size=len(sources)))
    return arcs, cost, np.array(sources), np.array(entry)


def oracle(arcs: Arcs, cost, sources, entry, *, reverse=False):
    """scipy's dijkstra from a virtual source; zeros, which mean no arc to it, are shifted."""
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


def fixed_point(arcs: Arcs, cost, sources, entry, reverse):
    """Bellman and Ford's labels in single precision: what is to come out, bit by bit."""
    near, far = (arcs.head, arcs.tail) if reverse else (arcs.tail, arcs.head)
    label = np.full(arcs.n, np.inf, np.float32)
    np.minimum.at(label, sources, entry.astype(np.float32))
    for _ in range(arcs.n):
        np.minimum.at(label, far, label[near] + cost.astype(np.float32))
    return label


@settings(max_examples=300, deadline=None)
@given(graphs(), st.booleans())
def test_costs_equal_those_of_scipy(graph, reverse):
    arcs, cost, sources, entry = graph
    tree = grow_tree(arcs, cost, sources, entry=entry, reverse=reverse)
    expected = oracle(arcs, cost, sources, entry, reverse=reverse)
    np.testing.assert_allclose(tree.cost, expected, rtol=1e-5, atol=1e-30)
    np.testing.assert_array_equal(tree.cost, fixed_point(arcs, cost, sources, entry, reverse))


@settings(max_examples=100, deadline=None)
@given(graphs(), st.booleans())
def test_paths_add_up_to_the_cost_of_their_end(graph, reverse):
    arcs, cost, sources, entry = graph
    tree = grow_tree(arcs, cost, sources, entry=entry, reverse=reverse)
    starts = {}
    for s, e in zip(sources.tolist(), entry.tolist(), strict=True):
        starts[s] = min(starts.get(s, np.inf), e)
    for node in np.flatnonzero(np.isfinite(tree.cost)):
        path = path_arcs(arcs, tree, int(node), reverse=reverse)
        if len(path):
            source = int(arcs.head[path[-1]] if reverse else arcs.tail[path[0]])
        else:
            source = int(node)
        assert starts[source] + cost[path].sum() == pytest.approx(tree.cost[node], rel=1e-5)
        for arc in path:
            before, after = (arcs.head[arc], arcs.tail[arc])[:: 1 if reverse else -1]
            assert tree.cost[after] == tree.cost[before] + np.float32(cost[arc])


@settings(max_examples=100, deadline=None)
@given(graphs(), st.floats(0, 120))
def test_a_limit_leaves_the_rest_unreached(graph, limit):
    arcs, cost, sources, entry = graph
    free = grow_tree(arcs, cost, sources, entry=entry)
    bounded = grow_tree(arcs, cost, sources, entry=entry, limit=limit)
    np.testing.assert_array_equal(bounded.cost, np.where(free.cost <= limit, free.cost, np.inf))


@settings(max_examples=100, deadline=None)
@given(graphs(), st.floats(0, 120))
def test_a_guided_tree_is_exact_on_nodes_within_the_limit(graph, limit):
    arcs, cost, sources, entry = graph
    inbound = grow_tree(arcs, cost, [arcs.n - 1], reverse=True).cost
    free = grow_tree(arcs, cost, sources, entry=entry)
    guided = grow_tree(arcs, cost, sources, entry=entry, limit=limit, to_go=inbound)
    within = free.cost + inbound <= limit * (1 - 1e-5)
    np.testing.assert_array_equal(guided.cost[within], free.cost[within])
    assert (guided.cost >= free.cost).all()


@settings(max_examples=150, deadline=None)
@given(graphs(), st.floats(0, 1), st.data())
def test_goals_end_a_tree_where_no_path_within_the_slack_is_missed(graph, slack, data):
    arcs, cost, sources, entry = graph
    nodes = st.lists(st.integers(0, arcs.n - 1), min_size=1, max_size=3)
    groups = data.draw(st.lists(nodes, min_size=1, max_size=3))
    free = grow_tree(arcs, cost, sources, entry=entry)
    ended = grow_tree(
        arcs, cost, sources, entry=entry, targets=Targets.of(groups, stretch=1 + slack)
    )
    last = max(free.cost[group].min() for group in groups)
    bound = np.float32(1 + slack) * last
    np.testing.assert_array_equal(ended.cost, np.where(free.cost <= bound, free.cost, np.inf))


def grid(side: int, *, reorder: bool) -> tuple[Arcs, np.ndarray]:
    """A square grid large enough to fill many pages of the queue."""
    at = np.arange(side * side, dtype=np.int32).reshape(side, side)
    u = np.r_[at[:, :-1].ravel(), at[:-1].ravel()]
    v = np.r_[at[:, 1:].ravel(), at[1:].ravel()]
    both = np.ones(len(u), bool)
    arcs = Arcs.from_links(u, v, side * side, uv=both, vu=both, reorder=reorder)
    return arcs, np.random.default_rng(4).lognormal(0, 1, len(u))[arcs.link]


@pytest.mark.parametrize("reorder", [False, True])
def test_a_large_grid_agrees_with_scipy_and_fills_more_pages_than_there_were(reorder):
    arcs, cost = grid(300, reorder=reorder)
    sources = np.arange(0, arcs.n, 7)
    for nodes in ([5], sources):
        graph = coo_array((cost, (arcs.tail, arcs.head)), (arcs.n, arcs.n)).tocsr()
        expected = dijkstra(graph, indices=nodes, min_only=True)
        np.testing.assert_allclose(grow_tree(arcs, cost, nodes).cost, expected, rtol=1e-5)
    star = Arcs.from_links(
        np.zeros(50_000, np.int32), np.arange(1, 50_001, dtype=np.int32), 50_001,
        uv=np.ones(50_000, bool), vu=np.zeros(50_000, bool), reorder=reorder,
    )  # fmt: skip
    rays = np.random.default_rng(1).random(50_000) * np.geomspace(1e-3, 1e6, 50_000)
    np.testing.assert_array_equal(grow_tree(star, rays, [0]).cost[1:], rays.astype(np.float32))


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_a_few_costs_far_from_the_others_do_not_make_a_tree_slow_or_wrong(scale):
    arcs, cost = grid(60, reorder=False)
    cost = cost.copy()
    cost[::50] *= scale
    graph = coo_array((cost, (arcs.tail, arcs.head)), (arcs.n, arcs.n)).tocsr()
    costs = grow_tree(arcs, cost, [0]).cost
    np.testing.assert_allclose(costs, dijkstra(graph, indices=0), rtol=1e-5)


def test_trees_on_two_threads_and_trees_grown_again_are_the_same_bytes():
    arcs, cost = grid(120, reorder=True)
    weights = lay_out_costs(arcs, cost)

    def grown(source: int) -> tuple[bytes, bytes]:
        tree = grow_tree(arcs, weights, [source], reverse=source % 2 == 1)
        return tree.cost.tobytes(), tree.arc.tobytes()

    alone = [grown(source) for source in range(12)]
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(grown, range(12))) == alone
    assert [grown(source) for source in range(12)] == alone


def test_arrays_that_would_lead_outside_are_refused():
    row = lambda *values: np.array(values, np.int32)  # noqa: E731
    along = np.ones(2, bool)
    wrong = {
        "start": (row(0, 2, 1, 2), row(0, 0), row(1, 2)),
        "tail": (row(0, 1, 2, 2), row(0, 2), row(1, 2)),
        "head": (row(0, 1, 2, 2), row(0, 1), row(1, 3)),
    }
    for name, (start, tail, head) in wrong.items():
        with pytest.raises(InputError, match=name):
            Arcs(start=start, tail=tail, head=head, link=row(0, 1), along=along)
    for short in (np.ones(1, bool), np.ones((2, 1), bool)):
        with pytest.raises(InputError, match="along"):
            Arcs(start=row(0, 1, 2, 2), tail=row(0, 1), head=row(1, 2), link=row(0, 1), along=short)
    with pytest.raises(InputError, match="v:"):
        Arcs.from_links(row(0, 1), row(1, -1), 3, uv=along, vu=along)
    arcs = Arcs.from_links(row(0, 1), row(1, 2), 3, uv=along, vu=~along)
    assert arcs.start.dtype == np.int32
    for call in (
        lambda: lay_out_costs(arcs, [1.0]),
        lambda: lay_out_costs(arcs, [1.0, 1e31]),
        lambda: lay_out_costs(arcs, np.array([1.0, 1e300])),
        lambda: grow_tree(arcs, [1.0, 1.0], [0, 1], entry=[0.0]),
        lambda: grow_tree(arcs, [1.0, 1.0], [0], to_go=[1.0]),
        lambda: grow_tree(arcs, [1.0, 1.0], [0], targets=Targets.of([[3]], stretch=1.0)),
        lambda: grow_tree(arcs, [1.0, 1.0], [0.5]),
    ):
        with pytest.raises(InputError):
            call()


@pytest.mark.parametrize("bad", [-1.0, np.nan])
def test_costs_that_are_no_costs_are_refused(bad):
    one = np.ones(1, bool)
    arcs = Arcs.from_links(np.array([0], np.int32), np.array([1], np.int32), 2, uv=one, vu=one)
    with pytest.raises(InputError, match="cost"):
        grow_tree(arcs, [1.0, bad], [0])
    with pytest.raises(InputError, match="entry"):
        grow_tree(arcs, [1.0, 1.0], [0], entry=[bad])
    with pytest.raises(InputError, match="sources"):
        grow_tree(arcs, [1.0, 1.0], [2])


@pytest.mark.parametrize(("share", "least"), [(0.0, 0.5), (0.04, 0.5), (0.1, 1e-3), (0.5, 1e-3)])
def test_buckets_reach_over_dear_arcs_however_cheap_others_are(share, least):
    """Else the pile beyond them is gone through for every few labels, in quadratic time."""
    one, chance = np.ones(5000, bool), np.random.default_rng(1)
    u = np.arange(5000, dtype=np.int32)
    arcs = Arcs.from_links(u, u + 1, 5001, uv=one, vu=~one)
    cost = np.where(chance.random(5000) < share, 1e-15, 1.0)
    assert least <= lay_out_costs(arcs, cost).delta <= 1.0
