"""The engine by definition, on one thread and two; ``--campaign N`` makes N times as many runs.

`tests.properties.engine` is the same as a command, for millions of runs, and with every index
looked at.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routes.search.band import find_corridor
from routes.search.kernels.rounding import UNIT, apart_by, margin, tally
from routes.search.trees import grow_tree
from tests.properties.engine import SEEDS, Tally, ask, faults_of, fixed_point, least_costs
from tests.properties.questions import KINDS, question

QUESTIONS, STARS = 120, 6_000
"""Of each kind, and two-thread runs on those that raced most, without a campaign."""


@pytest.fixture
def times(request) -> float:
    return request.config.getoption("--campaign")


@pytest.mark.parametrize("kind", KINDS)
def test_bands_are_those_of_endless_trees_on_one_thread_and_two(kind, times):
    @settings(max_examples=int(QUESTIONS * times) or 1)
    @given(st.integers(0, SEEDS))
    def holds(seed):
        seen = Tally()
        ask(kind, seed, 3, seen)
        assert not seen.wrong

    holds()


@pytest.mark.parametrize("kind", ["star", "free", "ladder", "chain"])
def test_two_threads_answer_as_one_again_and_again(kind, times):
    seen = Tally()
    for seed in range(10):
        ask(kind, seed, int(STARS * times) // 40, seen)
    assert not seen.wrong, str(seen)


@pytest.mark.parametrize("kind", KINDS)
def test_trees_are_exact_in_single_precision_and_near_in_double(kind, times):
    @settings(max_examples=int(QUESTIONS * times) or 1)
    @given(st.integers(0, SEEDS), st.booleans())
    def holds(seed, reverse):
        case = question(kind, seed)
        grown = grow_tree(case.arcs, case.cost, case.origins, entry=case.entry, reverse=reverse)
        terms = (case.arcs, case.cost, case.origins, case.entry)
        np.testing.assert_array_equal(grown.cost, fixed_point(*terms, reverse=reverse))
        exact = least_costs(*terms, reverse=reverse)
        rtol = apart_by(case.arcs.n)
        np.testing.assert_allclose(grown.cost, exact, rtol=rtol, atol=1e-45)

    holds()


def test_the_oracle_sees_what_is_wrong():
    """A band with an arc less, or a best cost that is off, is told."""
    case = question("ladder", 3)
    band = find_corridor(case.arcs, case.cost, **case.arguments)
    assert not faults_of(case, band)
    for name, value in (("position", band.position[1:]), ("best", band.best * 1.1)):
        spoilt = find_corridor(case.arcs, case.cost, **case.arguments)
        object.__setattr__(spoilt, name, value)
        object.__setattr__(spoilt, "total", band.total[-len(spoilt.position) :])
        assert faults_of(case, spoilt)


@given(st.lists(st.floats(2.0**-24, 1024, width=32), min_size=1, max_size=300), st.integers(0, 300))
def test_no_sum_along_a_path_is_further_off_than_the_margin(costs, more):
    costs = np.array([*costs, *[costs[0]] * more], np.float32)
    total = costs.astype(float).sum()
    sums = [float(np.array([*itertools.accumulate(each, np.float32.__add__)])[-1])
            for each in (costs, costs[::-1])]  # fmt: skip
    apart = margin(tally(costs), total, nodes=len(costs) + 1)
    assert abs(sums[0] - sums[1]) <= apart * total
    assert max(abs(each - total) for each in sums) <= apart / 2 * total
    assert apart <= (2 * len(costs) + 17) * UNIT * 1.001
