"""Path size against its formula, cell by cell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routes.corridors.path_size import Overlap

PATHS = st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=12), min_size=1, max_size=6)


def laid(paths: list[list[int]]) -> Overlap:
    ends = np.cumsum([len(path) for path in paths])
    return Overlap(cell=np.concatenate(paths).astype(np.int32), ends=ends)


@given(PATHS, st.integers(0, 1000))
def test_a_cell_is_shared_in_proportion_to_the_weights_of_those_who_pass_it(paths, seed):
    weights = np.random.default_rng(seed).uniform(0.01, 1, len(paths))
    shares = [
        [weights[row] / weights[[cell in other for other in paths]].sum() for cell in path]
        for row, path in enumerate(paths)
    ]
    expected = [np.mean(share) for share in shares]
    np.testing.assert_allclose(laid(paths).path_size(weights), expected)


def test_paths_apart_count_whole_and_copies_share():
    overlap = laid([[0, 1, 2], [3, 4], [3, 4]])
    assert overlap.path_size(np.ones(3)) == pytest.approx([1, 0.5, 0.5])


def test_a_weight_below_the_least_number_shares_nothing():
    overlap = laid([[0, 1], [2, 3], [1, 2]])
    assert overlap.path_size(np.array([1.0, 0.0, 0.0])) == pytest.approx([1, 0, 0])
