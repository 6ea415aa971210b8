"""The Boyce index and the blocked AUC, against scipy and against the windows one by one."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from scipy.stats import mannwhitneyu, spearmanr

from routes.studies.validation.boyce_auc import (
    blocked_auc,
    boyce,
    placements,
    smoothed_boyce,
)
from routes.studies.validation.spatial_bootstrap import Draws


def plain_boyce(events: np.ndarray, cells: np.ndarray) -> float:
    """Window by window, as the R package ecospat does by default."""
    lowest, highest = min(cells.min(), events.min()), max(cells.max(), events.max())
    width = (highest - lowest) / 10
    ratios = []
    for left in np.linspace(lowest, highest - width, 101):
        inside = [((v >= left - 1e-12) & (v <= left + width + 1e-12)).mean()
                  for v in (events, cells)]  # fmt: skip
        if inside[1]:
            ratios.append(round(inside[0] / inside[1], 10))
    kept = [k for k in range(len(ratios)) if k + 1 == len(ratios) or ratios[k] != ratios[k + 1]]
    return float(spearmanr([ratios[k] for k in kept], kept).statistic)


@pytest.mark.parametrize("power", [0.5, 1.0, 3.0])
def test_the_boyce_index_is_that_of_the_windows(power):
    rng = np.random.default_rng(7)
    events, cells = rng.uniform(size=150) ** (1 / power), rng.uniform(size=5000)
    curve = boyce(events, cells, Draws.of(np.arange(150) % 40, draws=200, seed=1))
    assert curve.index.estimate == pytest.approx(plain_boyce(events, cells), abs=1e-6)
    assert curve.index.low <= curve.index.estimate <= curve.index.high
    assert (curve.low <= curve.ratio).all() and (curve.ratio <= curve.high).all()


def test_the_boyce_index_tells_a_model_from_its_opposite():
    cells = np.linspace(0, 1, 2000)
    rising = np.sqrt(np.linspace(0, 1, 400))
    drawn = Draws.of(np.arange(400) % 50, draws=100, seed=1)
    assert boyce(rising, cells, drawn).index.estimate > 0.98
    assert boyce(1 - rising, cells, drawn).index.estimate < -0.98


def test_a_ground_of_many_cells_takes_no_room_for_each_window():
    cells = np.linspace(0, 1, 300_000)
    drawn = Draws.of(np.arange(50), draws=20, seed=1)
    tracemalloc.start()
    try:
        boyce(cells[::6000], cells, drawn)
        assert tracemalloc.get_traced_memory()[1] < 30e6
    finally:
        tracemalloc.stop()


def test_placements_average_to_the_mann_whitney_statistic():
    rng = np.random.default_rng(2)
    events, background = rng.integers(0, 12, 60).astype(float), rng.integers(0, 9, 300) * 1.0
    u = mannwhitneyu(events, background).statistic
    assert placements(events, background).mean() == pytest.approx(u / 60 / 300)
    alone = blocked_auc(events, background, Draws.of(np.arange(60), draws=300, seed=1))
    assert alone.auc.estimate == pytest.approx(u / 60 / 300)


def test_a_background_with_weights_is_one_of_repeated_values():
    rng = np.random.default_rng(2)
    events, background = rng.integers(0, 12, 60).astype(float), rng.integers(0, 9, 40) * 1.0
    times = rng.integers(1, 5, 40)
    np.testing.assert_allclose(
        placements(events, background, times.astype(float)),
        placements(events, np.repeat(background, times)),
    )


def test_the_smoothed_boyce_index_is_that_of_a_mirrored_density():
    shares = np.random.default_rng(4).beta(2, 1, size=12)
    index = smoothed_boyce(shares, Draws.of(np.arange(12), draws=200, seed=1))
    at = np.linspace(0, 1, 101)
    mirrored = np.r_[shares, -shares, 2 - shares]
    density = [np.exp(-0.5 * ((x - mirrored) / 0.1) ** 2).sum() for x in at]
    assert index.estimate == pytest.approx(spearmanr(density, at).statistic)
    assert index.low <= index.estimate <= index.high


def test_the_smoothed_boyce_index_tells_a_model_from_its_opposite():
    rising = np.sqrt(np.linspace(0, 1, 40))
    drawn = Draws.of(np.arange(40), draws=100, seed=1)
    index = smoothed_boyce(rising, drawn)
    assert index.estimate > 0.99 and index.low > 0.5
    assert smoothed_boyce(1 - rising, drawn).estimate < -0.99
    one = Draws.of(np.zeros(40), draws=100, seed=1)
    assert np.isnan(smoothed_boyce(rising, one).low), "one block gives no interval"


def test_a_cluster_of_events_counts_once():
    background = np.linspace(0, 1, 101)
    events = np.r_[np.full(90, 0.99), np.full(10, 0.3)]
    block = np.r_[np.zeros(90), np.arange(1, 11)]
    blocked = blocked_auc(events, background, Draws.of(block, draws=300, seed=1))
    cluster, single = placements(np.array([0.99, 0.3]), background)
    assert placements(events, background).mean() > 0.9
    assert blocked.auc.estimate == pytest.approx((cluster + 10 * single) / 11)
    assert blocked.least == pytest.approx(single) and blocked.most > blocked.auc.estimate
