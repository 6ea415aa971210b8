"""The band against its definition: slack from two trees of scipy, spurs by looking at each arc."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.errors import InputError, NoPathError
from routes.search.arcs import Arcs, lay_out_costs
from routes.search.band import Ends, find_band, find_corridor, origin_targets, to_destinations
from routes.search.trees import grow_tree
from tests.routes.search.test_trees import graphs, grid


@st.composite
def questions(draw):
    """A graph, and ends of which at least two are joined by an arc, with what it costs there."""
    arcs, cost, _, _ = draw(graphs())
    ends = draw(st.lists(st.integers(0, arcs.n - 1), min_size=2, max_size=5, unique=True))
    tail, head = np.append(arcs.tail, ends[0]), np.append(arcs.head, ends[-1])
    one_way = np.ones(len(tail), bool)
    cost = np.append(cost, draw(st.floats(0, 200)))
    arcs = Arcs.from_links(tail, head, arcs.n, uv=one_way, vu=~one_way, reorder=arcs.reorder)
    cost = cost[arcs.link].astype(np.float32).astype(float)
    split = draw(st.integers(1, len(ends) - 1))
    extras = st.lists(st.floats(0, 20, width=32), min_size=len(ends), max_size=len(ends))
    extra = np.array(draw(extras))
    ends = np.array(ends, np.int32)
    ends = Ends(origins=ends[:split], destinations=ends[split:],
                entry=extra[:split], ending=extra[split:])  # fmt: skip
    return arcs, cost, ends, draw(st.floats(0, 1))


@settings(max_examples=400, deadline=None)
@given(questions(), st.sampled_from([1, 2]))
def test_the_band_holds_the_arcs_within_the_slack_less_spurs(case, threads):
    arcs, cost, ends, slack = case
    band = find_corridor(arcs, cost, ends, slack=slack, threads=threads)
    out = grow_tree(arcs, cost, ends.origins, entry=ends.entry).cost.astype(float)
    inbound = grow_tree(arcs, cost, ends.destinations, entry=ends.ending, reverse=True)
    total = out[arcs.tail] + cost + inbound.cost[arcs.head].astype(float)
    best = (inbound.cost[ends.origins] + ends.entry).min()
    assert band.best == pytest.approx(best, rel=1e-6)
    ending = np.full(arcs.n, np.inf)
    np.minimum.at(ending, ends.destinations, ends.ending.astype(np.float32))
    beyond = out[arcs.tail] + cost + ending[arcs.head]
    for arc in range(len(cost)):
        node, behind = arcs.head[arc], arcs.tail[arc]
        others = np.arange(arcs.start[node], arcs.start[node + 1])
        others = others[(arcs.head[others] != behind) & (arcs.head[others] != node)]
        leads = out[behind] + cost[arc] + cost[others] + inbound.cost[arcs.head[others]]
        beyond[arc] = min(beyond[arc], leads.min(initial=np.inf))

    def arcs_within(limit: float) -> set[int]:
        return set(np.flatnonzero((total <= limit) & (beyond <= limit)).tolist())

    sure = arcs_within(best * (1 + slack))
    perhaps = arcs_within(best * (1 + slack + 1e-4))
    assert sure <= set(band.arc.tolist()) <= perhaps
    np.testing.assert_allclose(band.slack, total[band.arc] - best, atol=1e-4 * best + 1e-9)


def test_an_arc_beyond_the_slack_stays_out_though_costs_are_next_to_zero():
    least = 2.0**-149
    both = Arcs.from_links([0, 0, 1], [1, 1, 0], 2, uv=np.ones(3, bool), vu=np.zeros(3, bool))
    ends = Ends(origins=[0], destinations=[1])
    band = find_corridor(both, np.array([least, 2 * least, 0.0])[both.link], ends, slack=0.5)
    assert band.total.tolist() == [least]


@settings(max_examples=100, deadline=None)
@given(questions())
def test_the_network_cut_out_is_that_part_of_the_whole(case):
    arcs, cost, ends, slack = case
    band = find_corridor(arcs, cost, ends, slack=slack, threads=1)
    sub = band.arcs
    np.testing.assert_array_equal(band.node[sub.tail], arcs.tail[band.arc])
    np.testing.assert_array_equal(band.node[sub.head], arcs.head[band.arc])
    np.testing.assert_array_equal(sub.link, arcs.link[band.arc])
    np.testing.assert_array_equal(sub.along, arcs.along[band.arc])
    np.testing.assert_array_equal(band.link, sub.link)
    np.testing.assert_array_equal(band.cost, cost.astype(np.float32)[band.arc])
    np.testing.assert_array_equal(np.repeat(np.arange(sub.n), np.diff(sub.start)), sub.tail)
    assert set(band.node[band.origin_nodes]) <= set(ends.origins)
    assert set(band.node[band.destination_nodes]) <= set(ends.destinations)


@settings(max_examples=100, deadline=None)
@given(questions())
def test_a_tree_ended_at_the_origins_gives_the_same_band_as_a_whole_one(case):
    arcs, cost, ends, slack = case
    weights = lay_out_costs(arcs, cost)
    targets = origin_targets([ends.origins], slack=slack, entry=ends.entry)
    full = to_destinations(arcs, weights, ends.destinations, ends.ending)
    ended = to_destinations(arcs, weights, ends.destinations, ends.ending, targets=targets)
    ends = replace(ends, ending=0.0)
    first, second = (
        find_band(arcs, weights, ends, slack=slack, inbound=inbound) for inbound in (full, ended)
    )
    np.testing.assert_array_equal(first.arc, second.arc)
    np.testing.assert_array_equal(first.slack, second.slack)


def test_two_threads_find_the_same_band_again_and_again():
    arcs, cost = grid(150, reorder=True)
    ends = Ends(origins=np.arange(20), destinations=np.arange(22_480, 22_500), entry=3.0)
    bands = [find_corridor(arcs, cost, ends, slack=0.2, threads=number) for number in (1, 2, 2)]
    assert len(bands[0].arc) > 1000
    assert len({(band.arc.tobytes(), band.slack.tobytes()) for band in bands}) == 1


def test_a_dead_end_is_cut_off_and_a_way_round_is_kept():
    ends = np.array([[0, 1], [1, 2], [1, 3], [0, 4], [4, 2]], np.int32)
    both = np.ones(len(ends), bool)
    arcs = Arcs.from_links(ends[:, 0], ends[:, 1], 5, uv=both, vu=both)
    cost = np.array([5.0, 5.0, 0.1, 5.2, 5.2])[arcs.link]
    band = find_corridor(arcs, cost, Ends(origins=[0], destinations=[2]), slack=0.1)
    kept = {(int(arcs.tail[a]), int(arcs.head[a])) for a in band.arc}
    assert {(0, 1), (1, 2), (0, 4), (4, 2)} <= kept
    assert (1, 3) not in kept
    assert band.best == 10


@pytest.mark.parametrize("threads", [1, 2])
def test_to_end_at_a_node_is_a_way_on(threads):
    both = np.ones(2, bool)
    arcs = Arcs.from_links(np.array([0, 1]), np.array([1, 2]), 3, uv=both, vu=both)
    cost = np.array([1.0, 0.1])[arcs.link]
    for dearer, kept in ((0.15, True), (0.35, False)):
        band = find_corridor(
            arcs, cost, Ends(origins=[0], destinations=[1, 2], ending=[0.0, dearer]), slack=0.3,
            threads=threads,
        )  # fmt: skip
        assert ((0, 1) in zip(arcs.tail[band.arc], arcs.head[band.arc], strict=True)) is True
        assert ((1, 2) in zip(arcs.tail[band.arc], arcs.head[band.arc], strict=True)) is kept


CHAINS = [
    (1000, 3.1e-5, 2000), (100.0, 4e-6, 1000), (50.0, 0.0011, 1000), (600.0, 0.02, 3000),
    (128.5, 0.2500077, 4000), (3.0, 1.0, 40_000), (1e-38, 1e-42, 500), (1e25, 1e18, 3000),
]  # fmt: skip


@pytest.mark.parametrize(("first", "cheap", "many"), CHAINS)
@pytest.mark.parametrize("dear_first", [True, False])
def test_a_chain_of_any_length_is_within_its_own_slack(first, cheap, many, dear_first):
    costs = [first] + [cheap] * many
    node = np.arange(many + 2, dtype=np.int32)
    one = np.ones(many + 1, bool)
    arcs = Arcs.from_links(node[:-1], node[1:], many + 2, uv=one, vu=~one)
    cost = np.array(costs if dear_first else costs[::-1], np.float32)
    bands = [
        find_corridor(
            arcs, cost, Ends(origins=node[:1], destinations=node[-1:]), slack=0.0, threads=threads
        )
        for threads in (1, 2)
    ]
    assert [len(band.arc) for band in bands] == [many + 1] * 2
    assert len({(band.best, band.total.tobytes()) for band in bands}) == 1
    true = cost.astype(float).sum()
    assert abs(bands[0].best - true) <= bands[0].margin * true


@pytest.mark.trials
@pytest.mark.parametrize(("ways", "dear", "cheap"), [(2, 10.0, 0.1), (6, 1.0, 0.51), (200, 1, 0.4)])
def test_two_threads_agree_with_one_where_both_ends_are_near(ways, dear, cheap):
    between = np.arange(2, 2 + ways, dtype=np.int32)
    u = np.concatenate([[0], np.zeros(ways, np.int32), between]).astype(np.int32)
    v = np.concatenate([[1], between, np.ones(ways, np.int32)]).astype(np.int32)
    one = np.ones(len(u), bool)
    arcs = Arcs.from_links(u, v, 2 + ways, uv=one, vu=~one)
    weights = lay_out_costs(arcs, np.array([dear] + [cheap] * (2 * ways))[arcs.link])

    def answer(threads: int) -> tuple[float, bytes, bytes]:
        band = find_corridor(
            arcs, weights, Ends(origins=[0], destinations=[1]), slack=0.1, threads=threads
        )
        return band.best, band.position.tobytes(), band.total.tobytes()

    assert {answer(2) for _ in range(2000)} == {answer(1)}


def test_a_few_dear_arcs_do_not_make_the_margin_that_of_all_the_cheap_ones():
    arcs, cost = grid(60, reorder=False)
    dear = np.append(cost * 1e-3, 1e4)
    one = np.ones(len(dear), bool)
    over = Arcs.from_links(
        np.append(arcs.tail, 3599), np.append(arcs.head, 3600), 3601, uv=one, vu=~one
    )  # fmt: skip
    band = find_corridor(over, dear[over.link], Ends(origins=[0], destinations=[3600]), slack=0.0)
    assert band.weights.margin(band.best) > 2 * band.margin
    assert len(band.arc) > 100


def test_trees_over_other_arcs_are_refused():
    one = np.ones(2, bool)
    ends = np.array([0, 1], np.int32), np.array([1, 2], np.int32)
    arcs, others = (Arcs.from_links(*ends, 3, uv=one, vu=one) for _ in range(2))
    inbound = to_destinations(others, np.ones(4), np.array([2]), 0.0)
    ends = Ends(origins=[0], destinations=[2])
    with pytest.raises(InputError, match="inbound"):
        find_band(arcs, np.ones(4), ends, slack=0.1, inbound=inbound)
    with pytest.raises(InputError, match="to_go"):
        grow_tree(arcs, np.ones(4), [0], to_go=inbound)
    with pytest.raises(InputError, match="numbered"):
        find_corridor(arcs, np.ones(4), Ends(origins=[-1], destinations=[2]), slack=0.1)


def test_questions_without_an_answer_are_refused():
    one = np.ones(1, bool)
    arcs = Arcs.from_links(np.array([0], np.int32), np.array([1], np.int32), 3, uv=one, vu=one)
    with pytest.raises(InputError, match="slack"):
        find_corridor(arcs, [1.0, 1.0], Ends(origins=[0], destinations=[1]), slack=2.0)
    with pytest.raises(InputError, match="destination"):
        find_corridor(arcs, [1.0, 1.0], Ends(origins=[0], destinations=[0]), slack=0.1)
    with pytest.raises(NoPathError):
        find_corridor(arcs, [1.0, 1.0], Ends(origins=[0], destinations=[2]), slack=0.1)
