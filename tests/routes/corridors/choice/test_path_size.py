"""Path size against its formula, cell by cell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routes.corridors.band_lookup import BandLookup
from routes.corridors.choice.path_size import Overlap
from routes.search.arcs import Arcs
from routes.search.band import Ends, find_corridor

PATHS = st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=12), min_size=1, max_size=6)


def laid(paths: list[list[int]], length: np.ndarray | None = None) -> Overlap:
    ends = np.cumsum([len(path) for path in paths])
    length = np.ones(ends[-1]) if length is None else length
    return Overlap(cell=np.concatenate(paths).astype(np.int32), length=length, ends=ends)


@given(PATHS, st.integers(0, 1000))
def test_a_cell_is_shared_in_proportion_to_the_weights_of_those_who_pass_it(paths, seed):
    chance = np.random.default_rng(seed)
    weights = chance.uniform(0.01, 1, len(paths))
    lengths = [chance.uniform(1, 5000, len(path)) for path in paths]
    shares = [
        [weights[row] / weights[[cell in other for other in paths]].sum() for cell in path]
        for row, path in enumerate(paths)
    ]
    expected = [
        np.average(share, weights=length) for share, length in zip(shares, lengths, strict=True)
    ]
    sizes = laid(paths, np.concatenate(lengths)).path_size(weights)
    np.testing.assert_allclose(sizes, expected)


def test_paths_apart_count_whole_and_copies_share():
    overlap = laid([[0, 1, 2], [3, 4], [3, 4]])
    assert overlap.path_size(np.ones(3)) == pytest.approx([1, 0.5, 0.5])


def test_a_weight_below_the_least_number_shares_nothing():
    overlap = laid([[0, 1], [2, 3], [1, 2]])
    assert overlap.path_size(np.array([1.0, 0.0, 0.0])) == pytest.approx([1, 0, 0])


def test_streets_count_no_more_of_a_way_than_they_are_long():
    """Two ways in and out of one town, whose last mile is in hundred links."""
    town = np.arange(3, 103, dtype=np.int32)
    u = np.r_[0, 1, 0, 2, 3, town[:-1]].astype(np.int32)
    v = np.r_[1, 3, 2, 3, 4, town[1:]].astype(np.int32)
    metres = np.r_[[50_000.0] * 4, np.full(len(u) - 4, 15.0)]
    one_way = np.ones(len(u), bool)
    arcs = Arcs.from_links(u, v, 103, uv=one_way, vu=~one_way)
    band = find_corridor(arcs, metres[arcs.link], Ends(origins=[0], destinations=[102]), slack=0)
    cell = np.arange(103, dtype=np.int32)
    cell[town] = 3
    lookup = BandLookup(gateway=np.full(len(u), -1, np.int32), country=cell * 0, cell=cell,
                         metres=metres)  # fmt: skip
    to = {pair: arc for arc, pair in enumerate(zip(band.node[band.arcs.tail].tolist(),
          band.node[band.arcs.head].tolist(), strict=True))}  # fmt: skip
    streets = [to[pair] for pair in zip(town[:-1].tolist(), town[1:].tolist(), strict=True)]
    ways = [np.array([to[0, way], to[way, 3], *streets], np.int32) for way in (1, 2)]
    size = lookup.overlap(band, ways).path_size(np.ones(2))
    assert size == pytest.approx(np.full(2, 0.74), abs=0.02)
