"""Draws of blocks, and the intervals that they give."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from routes.studies.validation.spatial_bootstrap import Draws, interval


def test_draws_repeat_and_take_one_block_fewer():
    blocks = np.repeat(np.arange(8), 3)
    one, two = (Draws.of(blocks, draws=500, seed=3) for _ in range(2))
    np.testing.assert_array_equal(one.taken, two.taken)
    assert one.taken.shape == (500, 8) and (one.taken.sum(axis=1) == 7).all()
    assert (Draws.of(blocks, draws=500, seed=4).taken != one.taken).any()


def test_the_interval_of_single_events_is_that_of_the_mean():
    values = np.random.default_rng(5).normal(size=40)
    drawn = Draws.of(np.arange(40), draws=4000, seed=1)
    error = values.std(ddof=1) / np.sqrt(40)
    assert drawn.means(values).std() == pytest.approx(error, rel=0.05)
    interval = drawn.mean(values)
    assert interval.low == pytest.approx(interval.estimate - 1.96 * error, abs=0.06)


def test_clusters_widen_the_interval():
    values = np.repeat(np.random.default_rng(5).normal(size=10), 20)
    alone = Draws.of(np.arange(200), draws=1000, seed=1).mean(values)
    blocked = Draws.of(np.repeat(np.arange(10), 20), draws=1000, seed=1).mean(values)
    assert blocked.high - blocked.low > 3 * (alone.high - alone.low)


def test_one_block_gives_no_interval():
    interval = Draws.of(np.zeros(50), draws=100, seed=1).mean(np.ones(50))
    assert interval.estimate == 1 and np.isnan([interval.low, interval.high]).all()


@pytest.mark.parametrize("hits", [0, 10])
def test_a_share_stays_open_where_all_events_agree(hits):
    values = np.full(10, float(hits > 0))
    interval = Draws.of(np.arange(10), draws=200, seed=1).share(values)
    exact = binomtest(hits, 10).proportion_ci(0.95, "exact")
    assert (interval.low, interval.high) == pytest.approx((exact.low, exact.high))


def test_the_error_of_a_bound_is_that_of_other_seeds():
    lows = [interval(0.0, np.random.default_rng(seed).normal(size=1000)) for seed in range(200)]
    spread = np.std([each.low for each in lows])
    assert np.mean([each.error for each in lows]) == pytest.approx(2 * spread, rel=0.5)
    assert interval(0.0, np.zeros(1000)).error == 0
