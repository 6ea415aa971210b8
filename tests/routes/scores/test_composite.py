"""Ranks, geometric means, and how firm a ranking is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geodata.errors import InputError
from routes.scores.composite import Composite, geometric_mean, percentile_rank, rank_intervals


def test_ranks_are_shares_of_the_area_below():
    ranks = percentile_rank([10.0, 20.0, 30.0], [2.0, 1.0, 1.0])
    np.testing.assert_allclose(ranks, [0.25, 0.625, 0.875])


def test_ties_share_a_rank_missing_stays_missing_and_unreachable_ranks_highest():
    ranks = percentile_rank([1.0, 1.0, np.nan, np.inf])
    np.testing.assert_allclose(ranks, [1 / 3, 1 / 3, np.nan, 5 / 6])


def test_a_missing_component_leaves_its_weight_to_the_others():
    parts = np.array([[0.25, 1.0], [0.25, np.nan], [np.nan, np.nan]])
    means = geometric_mean(parts, np.array([0.5, 0.5]))
    np.testing.assert_allclose(means, [0.5, 0.25, np.nan])


def test_no_component_makes_up_fully_for_another():
    parts = np.array([[0.01, 1.0], [0.5, 0.5]])
    low, even = geometric_mean(parts, np.array([0.5, 0.5]))
    assert low < even


@pytest.mark.parametrize("weights", [[-1.0, 2.0], [0.0, 0.0], [np.nan, 1.0]])
def test_weights_that_are_no_weights_are_refused(weights):
    with pytest.raises(InputError, match="weights"):
        geometric_mean(np.ones((1, 2)), np.array(weights))


def test_rank_intervals_hold_the_rank_and_repeat():
    rng = np.random.default_rng(1)
    parts = pd.DataFrame(rng.uniform(0.01, 1, (400, 3)), columns=list("abc"))
    weights = pd.Series([0.5, 0.3, 0.2], index=list("abc"))
    composite = Composite(parts=parts, weights=weights)
    groups = np.repeat(np.arange(8), 50)
    groups[:5] = -1
    table = rank_intervals(composite, groups, count=8, draws=200, concentration=10, seed=3)
    again = rank_intervals(composite, groups, count=8, draws=200, concentration=10, seed=3)
    pd.testing.assert_frame_equal(table, again)
    assert sorted(table["rank"]) == list(range(1, 9))
    assert (table["rank_low"] <= table["rank_high"]).all()
    assert (table["low"] <= table["high"]).all()
    assert table["score"].idxmax() == table["rank"].idxmin()


def test_a_group_without_a_place_has_the_last_rank_and_no_score():
    parts = pd.DataFrame({"a": [0.2, 0.9]})
    composite = Composite(parts=parts, weights=pd.Series([1.0], index=["a"]))
    table = rank_intervals(composite, np.array([0, 2]), count=4, draws=9, concentration=10, seed=3)
    assert table["rank"].tolist() == [2, 3, 1, 4]
    assert table["score"].isna().tolist() == [False, True, False, True]
