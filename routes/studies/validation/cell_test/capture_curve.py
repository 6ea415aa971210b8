"""Capture curves: the share of events within the part of the ground that a surface ranks first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from geodata.arrays import BoolArray, Float64Array, Int64Array
from geodata.errors import InputError
from routes.studies.validation.validation_cells import ValidationCells

Measure = Literal["usage", "distance"]
MEASURES: tuple[Measure, ...] = ("usage", "distance")
"""Cells rank by usage within reach, or by distance from the cells that hold most of it."""
CORE = 0.9
"""Share of usage held by the cells from which distance is measured, the most used first."""
SHARES = np.linspace(0.0, 1.0, 101)
"""Shares of area at which a capture curve is read."""


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """How much of the ground a surface puts before each cell.

    Parameters
    ----------
    before, through
        Share of area ranked above the cell, and that with its ties; shape (n,).
    """

    before: Float64Array
    through: Float64Array

    @property
    def score(self) -> Float64Array:
        """Share of area ranked below each cell, ties counting half: 1 is the most used."""
        return 1 - (self.before + self.through) / 2

    def captured(self, cell: Int64Array) -> Float64Array:
        """Whether each event lies within each of `SHARES` of the area.

        A tie is passed evenly, as if its cells came in random order. The mean over events is
        the capture curve, and the area under it is the mean of their scores.
        """
        before, through = self.before[cell, None], self.through[cell, None]
        return np.clip((SHARES - before) / (through - before), 0.0, 1.0)


def rank_cells(
    ground: ValidationCells, surface: npt.ArrayLike, *, tolerance_m: float, measure: Measure
) -> Ranking:
    """Rank the ground by a surface; the same rule for the model and for what it must beat.

    Parameters
    ----------
    surface
        Usage per cell on the area's grid.
    tolerance_m
        How far a record may be from its event: usage is spread by a Gaussian of this standard
        deviation. Cells out of its reach rank by distance.

    Raises
    ------
    InputError
        When the surface is not on the grid, holds no usage, or the tolerance is negative.
    """
    usage = np.asarray(surface, float)
    if usage.shape != ground.area.shape:
        raise InputError("surface", usage.shape, f"Give an array of shape {ground.area.shape}.")
    if not tolerance_m >= 0:
        raise InputError("tolerance", tolerance_m, "Give a length, zero or more.")
    if not usage.sum() > 0:
        raise InputError("surface", float(usage.sum()), "It must hold some usage.")
    away = ndimage.distance_transform_edt(~_core(usage)).ravel()[ground.cell]
    if measure == "distance":
        return _ranking(np.zeros(len(away)), away)
    spread = ndimage.gaussian_filter(usage, tolerance_m / ground.area.cell_m, mode="constant")
    return _ranking(spread.ravel()[ground.cell], away)


def _core(usage: Float64Array) -> BoolArray:
    """The fewest cells that together hold `CORE` of the usage."""
    order = np.sort(usage.ravel())[::-1]
    last = int(np.searchsorted(np.cumsum(order), CORE * order.sum()))
    return np.asarray(usage >= order[min(last, len(order) - 1)])


def _ranking(usage: Float64Array, away: Float64Array) -> Ranking:
    """Rank by usage, falling, then by distance, rising."""
    order = np.lexsort((away, -usage))
    new = (np.diff(usage[order]) != 0) | (np.diff(away[order]) != 0)
    first = np.flatnonzero(np.r_[True, new])
    size = np.diff(np.r_[first, len(order)])
    before, through = np.empty(len(order)), np.empty(len(order))
    before[order] = np.repeat(first / len(order), size)
    through[order] = np.repeat((first + size) / len(order), size)
    return Ranking(before=before, through=through)
