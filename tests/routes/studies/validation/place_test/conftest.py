"""Events and towns on a square without a network, for statistics whose answer is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from routes.studies.validation.place_test.places import Places, Points
from tests.routes.studies.validation.square import AREA

BLOCK = 10
"""Cells along the edge of a block."""


def points(cell: np.ndarray) -> Points:
    """Points in some cells: west and east are countries, halves of these districts."""
    row, column = np.divmod(cell, AREA.shape[1])
    east = (column >= AREA.shape[1] // 2).astype(int)
    return Points(
        cell=cell,
        block=row // BLOCK * 1000 + column // BLOCK,
        country=np.where(east, "HN", "GT"),
        district=2 * east + (row >= AREA.shape[0] // 2),
        setting=np.where(column < 10, 2, 0),
    )


@pytest.fixture
def make_places() -> Callable[..., Places]:
    """Places with events and towns in some cells, radii in cells; links of one length."""

    def make(events, towns, *, radius=0, role="") -> Places:
        events, towns = np.asarray(events), np.asarray(towns)
        row, column = np.divmod(events, AREA.shape[1])
        cells = AREA.shape[0] * AREA.shape[1]
        return Places(
            area=AREA, events=points(events), towns=points(towns),
            xy=np.stack([column, -row], axis=1) * AREA.cell_m,
            role=np.full(len(events), role, dtype="U40"),
            radius_m=np.broadcast_to(np.asarray(radius) * AREA.cell_m, len(events)).astype(float),
            way_cell=np.arange(cells), way_km=np.ones(cells),
        )  # fmt: skip

    return make


@pytest.fixture
def anywhere() -> Callable[[int, int], np.ndarray]:
    """Cells drawn evenly from the square."""
    return lambda n, seed: np.random.default_rng(seed).choice(AREA.shape[0] * AREA.shape[1], n)
