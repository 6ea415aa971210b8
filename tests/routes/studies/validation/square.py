"""A square of two countries without a network, surfaces on it, and events drawn from them.

No sample here is a record of anything that happened. Points are drawn from a surface, to see
that a perfect model scores high, or evenly over the land, to see that nothing scores by chance.
"""

from __future__ import annotations

import numpy as np

from geodata.area.study_area import StudyArea
from routes.studies.validation.spatial_bootstrap import block_of
from routes.studies.validation.validation_cells import Placed, ValidationCells

AREA = StudyArea(name="square", bbox=(-88.0, 14.0, -86.0, 16.0), countries=("GT", "HN"),
                 neighbours=())  # fmt: skip


def ground(block_m: float = 20_000.0) -> ValidationCells:
    """All cells of the square, the western half in one country and the eastern in the other."""
    rows, columns = AREA.shape
    cell = np.arange(rows * columns)
    row, column = np.divmod(cell, columns)
    east = AREA.transform.c + (column + 0.5) * AREA.cell_m
    north = AREA.transform.f - (row + 0.5) * AREA.cell_m
    country = np.where(column < columns // 2, "GT", "HN")
    block = block_of(east, north, block_m)
    return ValidationCells(area=AREA, cell=cell, country=country, block=block, block_m=block_m)


def road(column: int) -> np.ndarray:
    """A surface whose usage runs from north to south along one column."""
    surface = np.zeros(AREA.shape)
    surface[:, column] = 1.0
    return surface


def drawn_from(surface: np.ndarray, n: int, seed: int = 1) -> Placed:
    share = surface.ravel() / surface.sum()
    cell = np.random.default_rng(seed).choice(surface.size, n, p=share)
    return Placed(cell=cell, moved=0)
