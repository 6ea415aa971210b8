"""Interdiction on small random networks, against every choice there is."""

from __future__ import annotations

from itertools import combinations, pairwise

import networkx as nx
import numpy as np
import pytest

from routes.studies.siting.interdiction import (
    KnownFamilies,
    breaks_submodularity,
    choose_best,
    choose_greedily,
    interdict,
)

PLACES = 7


class Small:
    """A random network, some of whose arcs are places; two demands end at the last node."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.graph = nx.gnp_random_graph(9, 0.4, seed=seed, directed=True)
        self.graph.add_edges_from((n, n + 1) for n in range(8))
        for number, edge in enumerate(self.graph.edges.values()):
            edge.update(cost=float(rng.uniform(1, 5)), place=number % (PLACES + 3))
        self.hours, self.share = rng.uniform(0.5, 4, PLACES), np.array([0.7, 0.3])

    def answer(self, chosen: tuple[int, ...]) -> dict[tuple[int, tuple[int, ...]], float]:
        def dearer(_u, _v, edge):
            return edge["cost"] + (self.hours[edge["place"]] if edge["place"] in chosen else 0.0)

        ways = {}
        for demand in range(2):
            path = nx.dijkstra_path(self.graph, demand, 8, weight=dearer)
            edges = [self.graph.edges[pair] for pair in pairwise(path)]
            places = tuple(edge["place"] for edge in edges if edge["place"] < PLACES)
            ways[demand, places] = sum(edge["cost"] for edge in edges)
        return ways

    def families(self) -> KnownFamilies:
        return KnownFamilies(ways=self.answer(()), share=self.share, hours=self.hours)

    def best(self, budget: int) -> float:
        """The largest least cost over every choice."""
        return max(
            KnownFamilies(ways=self.answer(chosen), share=self.share, hours=self.hours).value(
                chosen
            )
            for chosen in combinations(range(PLACES), budget)
        )


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("budget", [1, 2, 3])
def test_the_choice_is_the_best_of_all(seed, budget):
    small = Small(seed)
    best, _ = interdict(small.families(), budget, small.answer)
    assert best.value == pytest.approx(small.best(budget), abs=1e-6)
    assert best.gap < 1e-3 and len(best.places) <= budget


@pytest.mark.parametrize("seed", range(6))
def test_greedy_is_never_better_and_its_first_place_is_the_best_one(seed):
    small = Small(seed)
    best, families = interdict(small.families(), 3, small.answer)
    one, families = interdict(families, 1, small.answer)
    chosen = choose_greedily(families, 3)
    assert families.value(tuple(chosen)) <= choose_best(families, 3)[1] + 1e-6
    assert families.value(tuple(chosen[:1])) == pytest.approx(one.value, abs=2e-3)
    assert best.value >= one.value


def test_a_search_that_is_stopped_says_how_much_better_another_may_be():
    small = Small(3)
    best, _ = interdict(small.families(), 3, small.answer, rounds=1)
    assert best.value <= small.best(3) + 1e-9 <= best.bound + 1e-6
    assert best.gap > 1e-3


def test_parallel_ways_break_submodularity_and_ways_in_a_row_do_not():
    share, hours = np.ones(1), np.array([2.0, 2.0])
    parallel = KnownFamilies(ways={(0, (0,)): 5.0, (0, (1,)): 5.0}, share=share, hours=hours)
    row = KnownFamilies(ways={(0, (0, 1)): 5.0}, share=share, hours=hours)
    assert breaks_submodularity(parallel, (0, 1)) and not breaks_submodularity(row, (0, 1))
    assert choose_greedily(parallel, 2) == [] and choose_best(parallel, 2)[0] == (0, 1)
    assert choose_greedily(row, 2) == [0, 1] and row.value((0, 1)) == 9.0


def test_each_passing_costs():
    twice = KnownFamilies(ways={(0, (0, 0)): 5.0}, share=np.ones(1), hours=np.array([2.0]))
    assert twice.value((0,)) == 9.0 and twice.joined({(0, ()): 6.0}).value((0,)) == 6.0
