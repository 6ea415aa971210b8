"""Shapley values against their definition over all orders, and the axioms that define them."""

from __future__ import annotations

from itertools import permutations
from math import factorial

import numpy as np
import pytest

from routes.studies.coordination.shapley import shapley_values, shapley_weights

SIZES = range(1, 7)


def games(members: int, *, seed: int = 0) -> np.ndarray:
    """Values of three made games, nobody achieving nothing."""
    values = np.random.default_rng(seed).normal(size=(2**members, 3))
    values[0] = 0.0
    return values


def by_orders(values: np.ndarray, members: int) -> np.ndarray:
    """The mean of what each adds to those before it, over all orders."""
    total = np.zeros((members, values.shape[1]))
    for order in permutations(range(members)):
        before = 0
        for member in order:
            total[member] += values[before | 1 << member] - values[before]
            before |= 1 << member
    return total / factorial(members)


@pytest.mark.parametrize("members", SIZES)
def test_values_are_the_mean_over_all_orders(members):
    values = games(members)
    assert np.allclose(shapley_values(values), by_orders(values, members), atol=1e-12)


@pytest.mark.parametrize("members", SIZES)
def test_they_share_out_all_that_is_achieved(members):
    values = games(members) + 7.0
    assert np.allclose(shapley_values(values).sum(axis=0), values[-1] - values[0], atol=1e-12)


@pytest.mark.parametrize("members", SIZES)
def test_those_of_a_sum_are_the_sums(members):
    one, two = games(members), games(members, seed=1)
    assert np.allclose(shapley_values(one + 2 * two), shapley_values(one) + 2 * shapley_values(two))


def test_who_adds_nothing_has_nothing_and_equals_have_the_same():
    size = np.array([(number & 0b011).bit_count() for number in range(8)], float)
    shares = shapley_values((size**2)[:, None])[:, 0]
    assert shares == pytest.approx([2.0, 2.0, 0.0])


def test_draws_are_valued_one_by_one():
    drawn = np.array([games(3, seed=seed) for seed in range(4)])
    assert np.allclose(shapley_values(drawn)[2], shapley_values(drawn[2]))
    assert shapley_weights(3).shape == (3, 8)
