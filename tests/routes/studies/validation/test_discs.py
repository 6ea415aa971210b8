"""Discs over which events are known, cell by cell."""

from __future__ import annotations

import numpy as np
import pytest

from routes.studies.validation.discs import Disc, radii


def plain_mean(surface: np.ndarray, radius: int) -> np.ndarray:
    rows, columns = np.indices(surface.shape)
    mean = np.empty(surface.shape)
    for row, column in np.ndindex(surface.shape):
        near = np.hypot(rows - row, columns - column) <= radius
        mean[row, column] = surface[near].mean()
    return mean


@pytest.mark.parametrize("radius", [0, 1, 3, 12])
def test_a_disc_has_the_mean_of_the_cells_within_its_radius(radius):
    surface = np.random.default_rng(1).uniform(-2, 5, size=(13, 17))
    mean = Disc.of(radius, surface.shape).mean(surface)
    np.testing.assert_allclose(mean, plain_mean(surface, radius), atol=1e-7)


def test_equal_places_stay_equal():
    surface = np.zeros((30, 40))
    surface[15, 20] = 3.0
    mean = Disc.of(3, surface.shape).mean(surface)
    assert len(np.unique(mean)) == 2 and mean[2, 2] == 0
    assert (Disc.of(3, surface.shape).mean(np.zeros((30, 40))) == 0).all()


def test_a_radius_is_the_precision_and_the_tolerance_at_least():
    cells = radii([np.nan, 1.0, 6.0, 20.0, 20.1], tolerance_m=5000, cell_m=2000)
    assert cells.tolist() == [3, 3, 3, 10, 11]
    assert radii([np.nan], tolerance_m=0, cell_m=2000).tolist() == [0]
