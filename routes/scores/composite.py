"""Composite indicators: percentile ranks, weighted geometric means, and intervals of rankings.

References
----------
OECD and JRC 2008, Handbook on Constructing Composite Indicators, chapters 5 and 6:
ranks need no outlier treatment, and a geometric mean lets no component make up fully
for another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.arrays import Float64Array, Int64Array
from geodata.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Composite:
    """A score with its parts.

    Parameters
    ----------
    parts
        Percentile rank by component and place, NaN where missing; one column a component.
    weights
        Weight of each component, summing to one.
    """

    parts: pd.DataFrame
    weights: pd.Series

    @property
    def score(self) -> Float64Array:
        """Weighted geometric mean per place; NaN where nothing is known."""
        return geometric_mean(self.parts.to_numpy(float), self.weights.to_numpy(float))

    @property
    def missing(self) -> list[str]:
        """Components that are missing everywhere."""
        return [str(name) for name, known in self.parts.notna().any().items() if not known]

    @property
    def present(self) -> Int64Array:
        """How many components are known per place."""
        return self.parts.notna().sum(axis=1).to_numpy(np.int64)


def percentile_rank(values: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> Float64Array:
    """Share of the total weight that lies below each value, ties in the middle.

    Parameters
    ----------
    values
        Shape (n,); NaN stays NaN, infinity ranks highest.
    weights
        Area or people that each value represents; equal by default.

    Returns
    -------
    array in (0, 1), shape (n,).
    """
    numbers = np.asarray(values, float)
    mass = np.ones(len(numbers)) if weights is None else np.asarray(weights, float)
    known = ~np.isnan(numbers)
    distinct, place = np.unique(numbers[known], return_inverse=True)
    tied = np.bincount(place, mass[known], minlength=len(distinct))
    middle = np.cumsum(tied) - tied / 2
    ranks = np.full(len(numbers), np.nan)
    if known.any():
        ranks[known] = (middle / tied.sum())[place]
    return ranks


def geometric_mean(parts: Float64Array, weights: Float64Array) -> Float64Array:
    """Weighted geometric mean over the components that are known.

    Parameters
    ----------
    parts
        Shape (n, k), in (0, 1], NaN where missing.
    weights
        Shape (k,) or (k, draws).

    Returns
    -------
    array of shape (n,) or (n, draws); a missing component's weight goes to the others.

    Raises
    ------
    InputError
        When a weight is negative or NaN, or all are zero.
    """
    if not weights.min() >= 0 or not weights.sum(axis=0).min() > 0:
        remedy = "Weights must be zero or more, and one above zero."
        raise InputError("weights", weights.tolist(), remedy)
    known = ~np.isnan(parts)
    logs = np.where(known, np.log(np.where(known, parts, 1.0)), 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        means: Float64Array = np.exp((logs @ weights) / (known.astype(float) @ weights))
    return means


def rank_intervals(
    composite: Composite,
    groups: Int64Array,
    *,
    count: int,
    draws: int,
    concentration: float,
    seed: int,
) -> pd.DataFrame:
    """Mean score and rank of each group, with 5-95 % intervals over the weights.

    Weights are drawn from a Dirichlet distribution around the composite's own. An interval is
    widened to contain the score under the composite's own weights: draws of two components may
    almost miss it.

    Parameters
    ----------
    groups
        Group of each place, below `count`; -1 for none.
    count
        Number of groups; a group without a place has no score and the last rank.
    draws
        Number of draws.
    concentration
        Sum of the Dirichlet parameters: higher means closer to the weights given.

    Returns
    -------
    frame indexed by group: score, low, high, rank, rank_low, rank_high; rank 1 scores highest.
    """
    rng = np.random.default_rng(seed)
    chosen = composite.weights.to_numpy(float)
    drawn = rng.dirichlet(chosen / chosen.sum() * concentration, draws).T
    inside = groups >= 0
    scores = geometric_mean(composite.parts.to_numpy(float)[inside], np.c_[chosen[:, None], drawn])
    means = np.stack([_group_mean(column, groups[inside], count) for column in scores.T])
    order = (-means).argsort(axis=1, kind="stable").argsort(axis=1, kind="stable") + 1
    low, high = np.quantile(means[1:], [0.05, 0.95], axis=0)
    rank_low, rank_high = np.quantile(order[1:], [0.05, 0.95], axis=0, method="nearest")
    return pd.DataFrame(
        {
            "score": means[0],
            "low": np.minimum(low, means[0]),
            "high": np.maximum(high, means[0]),
            "rank": order[0],
            "rank_low": rank_low.astype(int),
            "rank_high": rank_high.astype(int),
        }
    )


def _group_mean(values: Float64Array, groups: Int64Array, count: int) -> Float64Array:
    known = ~np.isnan(values)
    total = np.bincount(groups[known], values[known], minlength=count)
    with np.errstate(invalid="ignore"):
        return np.asarray(total / np.bincount(groups[known], minlength=count))
