"""Rankings of cells, and capture curves."""

from __future__ import annotations

import numpy as np
import pytest

from geodata.errors import InputError
from routes.studies.validation.cell_test.capture_curve import SHARES, rank_cells
from tests.routes.studies.validation.square import AREA, drawn_from, ground, road


def test_a_ranking_passes_ties_evenly():
    surface = np.zeros(AREA.shape)
    surface[0, 0], surface[0, 1] = 2.0, 1.0
    n = surface.size
    ranking = rank_cells(ground(), surface, tolerance_m=0, measure="usage")
    np.testing.assert_allclose(ranking.before[:3], [0, 1 / n, 2 / n])
    np.testing.assert_allclose(ranking.score[:2], [1 - 0.5 / n, 1 - 1.5 / n])
    # Two cells lie next to the core, and tie; the area under any curve of all cells is a half.
    away = rank_cells(ground(), surface, tolerance_m=0, measure="distance")
    assert away.before[2] == 2 / n and away.score.mean() == pytest.approx(0.5)


def test_the_area_under_the_capture_curve_is_the_mean_score():
    ranking = rank_cells(ground(), road(30), tolerance_m=5000, measure="usage")
    cells = drawn_from(np.ones(AREA.shape), 200).cell
    curve = ranking.captured(cells).mean(axis=0)
    assert curve[0] == 0 and curve[-1] == 1 and (np.diff(curve) >= 0).all()
    assert np.trapezoid(curve, SHARES) == pytest.approx(ranking.score[cells].mean(), abs=0.003)


def test_tolerance_reaches_past_the_line():
    near = np.array([50 * AREA.shape[1] + 32])
    sharp = rank_cells(ground(), road(30), tolerance_m=0, measure="usage")
    soft = rank_cells(ground(), road(30), tolerance_m=5000, measure="usage")
    # In both the line and its neighbours come first: a nearer cell never ranks lower.
    assert sharp.before[near] == pytest.approx(3 / AREA.shape[1], abs=1e-9)
    assert soft.score[near] > 0.94


@pytest.mark.parametrize(
    ("surface", "tolerance", "field"),
    [
        (np.ones((2, 2)), 0.0, "surface"),
        (np.zeros(AREA.shape), 0.0, "surface"),
        (np.ones(AREA.shape), -1.0, "tolerance"),
        (np.ones(AREA.shape), np.nan, "tolerance"),
    ],
)
def test_what_cannot_be_ranked_is_refused(surface, tolerance, field):
    with pytest.raises(InputError, match=field):
        rank_cells(ground(), surface, tolerance_m=tolerance, measure="usage")
