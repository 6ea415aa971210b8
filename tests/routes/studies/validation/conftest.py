"""Events and towns on a square without a network, for statistics whose answer is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from geodata.area.study_area import StudyArea
from routes.studies.validation.places import Places, Points

AREA = StudyArea(name="square", bbox=(-88.0, 14.0, -86.0, 16.0), countries=("GT", "HN"),
                 neighbours=())  # fmt: skip
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
    """Places with events and towns in some cells; links of one length everywhere."""

    def make(events, towns, *, radius=0, role="") -> Places:
        events, towns = np.asarray(events), np.asarray(towns)
        row, column = np.divmod(events, AREA.shape[1])
        cells = AREA.shape[0] * AREA.shape[1]
        return Places(
            area=AREA, events=points(events), towns=points(towns),
            xy=np.stack([column, -row], axis=1) * AREA.cell_m,
            role=np.full(len(events), role, dtype="U40"),
            radius=np.broadcast_to(np.asarray(radius), len(events)).astype(np.int64),
            way_cell=np.arange(cells), way_km=np.ones(cells),
        )  # fmt: skip

    return make


@pytest.fixture
def anywhere() -> Callable[[int, int], np.ndarray]:
    """Cells drawn evenly from the square."""
    return lambda n, seed: np.random.default_rng(seed).choice(AREA.shape[0] * AREA.shape[1], n)
