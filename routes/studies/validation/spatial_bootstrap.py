"""Spatial blocks: how far a statistic of events would move had other blocks been recorded.

Events lie in clusters, so that many of them say little more than one. Whole blocks are drawn
instead: ``G - 1`` of ``G`` blocks with replacement, which makes the spread of the draws that
of the estimate also for few blocks.

References
----------
Rao and Wu 1988, Resampling inference with complex survey data, JASA 83, 231-241.
Roberts et al. 2017, Cross-validation strategies for data with temporal, spatial, hierarchical,
or phylogenetic structure, Ecography 40, 913-929.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import beta

from geodata.arrays import Float64Array, Int64Array
from geodata.errors import DataError, InputError

LEVEL = 0.95
"""Share of the draws that an interval holds."""


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A statistic with its bootstrap interval; all NaN where there is nothing to tell.

    Parameters
    ----------
    estimate
        On all events.
    low, high
        Bounds that hold `LEVEL` of the draws.
    """

    estimate: float
    low: float
    high: float


def block_of(east: npt.ArrayLike, north: npt.ArrayLike, block_m: float) -> Int64Array:
    """Number of the square block that holds each point of the metric grid.

    Raises
    ------
    InputError
        When the edge of a block is not above zero.
    """
    if not block_m > 0:
        raise InputError("block", block_m, "Give the edge of a block, above zero.")
    column = np.floor(np.asarray(east, float) / block_m).astype(np.int64)
    row = np.floor(np.asarray(north, float) / block_m).astype(np.int64)
    return np.asarray(row * 1_000_000 + column)


def require_blocks(blocks: Int64Array) -> None:
    """Refuse events that all lie in one block.

    Raises
    ------
    DataError
        Naming how many they are.
    """
    if len(blocks) and len(np.unique(blocks)) < 2:
        remedy = (
            "They all lie in one spatial block, so that there is no interval and nothing to "
            "cross-validate: give events of other places too, or a smaller --block."
        )
        raise DataError("events", len(blocks), remedy)


@dataclass(frozen=True, kw_only=True)
class Draws:
    """Blocks of events, and how often each is taken in each draw.

    Parameters
    ----------
    block
        Row of its block for each event; shape (events,).
    taken
        Times each block is taken; shape (draws, blocks), none for a single block.
    """

    block: Int64Array
    taken: Int64Array

    @classmethod
    def of(cls, blocks: npt.ArrayLike, *, draws: int, seed: int) -> Draws:
        """Draws of the blocks that hold events, the same for the same seed."""
        if draws < 1:
            raise InputError("draws", draws, "Give a whole number above zero.")
        codes, block = np.unique(np.asarray(blocks), return_inverse=True)
        n = len(codes)
        if n < 2:
            return cls(block=block, taken=np.zeros((0, n), np.int64))
        rng = np.random.default_rng(seed)
        return cls(block=block, taken=rng.multinomial(n - 1, np.full(n, 1 / n), size=draws))

    @property
    def blocks(self) -> int:
        """Number of blocks."""
        return int(self.taken.shape[1])

    @property
    def counts(self) -> Float64Array:
        """Events in each block."""
        return np.bincount(self.block, minlength=self.blocks).astype(float)

    def sums(self, values: Float64Array) -> Float64Array:
        """Values summed by block; shape (blocks, ...)."""
        total = np.zeros((self.blocks, *values.shape[1:]))
        np.add.at(total, self.block, values)
        return total

    def means(self, values: Float64Array) -> Float64Array:
        """Mean over the events of each draw; shape (draws, ...)."""
        n = self.taken @ self.counts
        total = self.taken @ self.sums(values)
        return np.asarray(total / n.reshape(-1, *[1] * (values.ndim - 1)))

    def mean(self, values: Float64Array) -> Interval:
        """Mean over events, with its interval."""
        if not len(values):
            return interval(np.nan, np.zeros(0))
        return interval(float(values.mean()), self.means(values))

    def share(self, values: Float64Array) -> Interval:
        """Mean of values in [0, 1], with an interval that stays open where all events agree.

        The draws of a share near 0 or 1 hardly differ. The interval therefore also holds the
        bounds of Clopper and Pearson (1934, Biometrika 26) with the blocks as trials.
        """
        means = self.mean(values)
        n, hits = self.blocks, means.estimate * self.blocks
        tail = (1 - LEVEL) / 2
        low = float(beta.ppf(tail, hits, n - hits + 1)) if hits > 0 else 0.0
        high = float(beta.ppf(1 - tail, hits + 1, n - hits)) if hits < n else 1.0
        return Interval(
            estimate=means.estimate,
            low=float(np.fmin(means.low, low)),
            high=float(np.fmax(means.high, high)),
        )

    def mean_of_blocks(self, values: Float64Array) -> Interval:
        """Mean of the blocks' means, each block counted once however many events it holds."""
        if not self.blocks:
            return interval(np.nan, np.zeros(0))
        each = self.sums(values) / self.counts
        return interval(float(each.mean()), self.taken @ each / max(self.blocks - 1, 1))


def interval(estimate: float, drawn: Float64Array) -> Interval:
    """Percentile interval of the draws that gave a number."""
    known = drawn[np.isfinite(drawn)]
    if not len(known):
        return Interval(estimate=estimate, low=np.nan, high=np.nan)
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(known, [tail, 1 - tail])
    return Interval(estimate=estimate, low=float(low), high=float(high))
