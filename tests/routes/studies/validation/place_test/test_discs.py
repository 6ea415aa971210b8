"""Discs over which events are known, cell by cell."""

from __future__ import annotations

import numpy as np
import pytest

from routes.studies.validation.place_test.discs import Disc, radii, squares


def plain_mean(surface: np.ndarray, radius: int) -> np.ndarray:
    rows, columns = np.indices(surface.shape)
    mean = np.empty(surface.shape)
    for row, column in np.ndindex(surface.shape):
        near = np.hypot(rows - row, columns - column) <= radius
        mean[row, column] = surface[near].mean()
    return mean


@pytest.mark.parametrize("radius", [0, 1, 2.5, 3, 12])
def test_a_disc_has_the_mean_of_the_cells_within_its_radius(radius):
    surface = np.random.default_rng(1).uniform(-2, 5, size=(13, 17))
    (square,) = squares(np.array([radius * 2000.0]), 2000.0)
    mean = Disc.of(int(square), surface.shape).mean(surface)
    np.testing.assert_allclose(mean, plain_mean(surface, radius), atol=1e-7)


def test_equal_places_stay_equal():
    surface = np.zeros((30, 40))
    surface[15, 20] = 3.0
    mean = Disc.of(9, surface.shape).mean(surface)
    assert len(np.unique(mean)) == 2 and mean[2, 2] == 0
    assert (Disc.of(9, surface.shape).mean(np.zeros((30, 40))) == 0).all()


def test_a_radius_is_the_precision_and_the_tolerance_at_least():
    metres = radii([np.nan, 1.0, 6.0, 20.1], tolerance_m=5000)
    assert metres.tolist() == [5000, 5000, 6000, 20100]
    assert radii([np.nan], tolerance_m=0).tolist() == [0]


def test_a_disc_is_no_wider_than_its_radius():
    assert squares(np.array([0.0, 5000.0, 6000.0, 6001.0]), 2000.0).tolist() == [0, 6, 9, 9]
    disc = Disc.of(6, (20, 20))
    assert disc.kernel.shape == (5, 5) and disc.kernel[0].tolist() == [0, 1, 1, 1, 0]


def test_a_disc_wider_than_the_grid_takes_the_memory_of_the_grid():
    surface = np.random.default_rng(1).uniform(size=(6, 9))
    disc = Disc.of(20_000**2, surface.shape)
    assert disc.kernel.shape == (11, 17)
    np.testing.assert_allclose(disc.mean(surface), surface.mean(), atol=1e-7)
