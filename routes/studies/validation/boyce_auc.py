"""Two measures for events without absences: the continuous Boyce index and the blocked AUC.

References
----------
Boyce et al. 2002, Evaluating resource selection functions, Ecological Modelling 157, 281-300.
Hirzel et al. 2006, Evaluating the ability of habitat suitability models to predict species
presences, Ecological Modelling 199, 142-152.
Liu et al. 2025, Improving the estimation of the Boyce index using statistical smoothing methods for
evaluating species distribution models with presence-only data, Ecography, doi 10.1111/ecog.07218.
Silverman 1986, Density estimation for statistics and data analysis: mirrored kernels.
Phillips et al. 2006, Maximum entropy modeling of species geographic distributions, Ecological
Modelling 190, 231-259: the AUC of presences against background.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from geodata.arrays import Float64Array
from routes.studies.validation.spatial_bootstrap import Draws, Interval, interval

WINDOWS = 101
"""Places of the moving window (Hirzel et al. 2006)."""
WIDTH = 0.1
"""Width of the window, as a share of the range of scores (Hirzel et al. 2006)."""


@dataclass(frozen=True, kw_only=True)
class Boyce:
    """The continuous Boyce index.

    Parameters
    ----------
    score
        Middle of each window; shape (windows,).
    ratio
        Share of events over share of area in each window, NaN where there is no area.
    low, high
        Interval of the ratio.
    index
        Spearman correlation of ratio and score: 1 rises all the way, 0 is chance.
    """

    score: Float64Array
    ratio: Float64Array
    low: Float64Array
    high: Float64Array
    index: Interval


def boyce(events: Float64Array, ground: Float64Array, draws: Draws) -> Boyce:
    """Boyce index over a moving window, with a bootstrap over blocks.

    Of windows in a row with the same ratio the last one counts, as in the R package ecospat:
    else the empty windows of a sharp model would pull its index down.

    Parameters
    ----------
    events
        Score at each event.
    ground
        Score of each cell of the ground, cells being of equal area.
    """
    lowest = float(min(ground.min(), events.min()))
    reach = float(max(ground.max(), events.max())) - lowest
    width = WIDTH * reach
    left = lowest + np.linspace(0, reach - width, WINDOWS)
    edge = 1e-9 * reach
    inside = _within(events, left - edge, left + width + edge)
    expected = _share_within(ground, left - edge, left + width + edge)
    expected[expected == 0] = np.nan
    shares = [draws.share(column) for column in inside.T]
    drawn = draws.means(inside) / expected
    ratio = inside.mean(axis=0) / expected
    return Boyce(
        score=left + width / 2,
        ratio=ratio,
        low=np.array([share.low for share in shares]) / expected,
        high=np.array([share.high for share in shares]) / expected,
        index=interval(_rise(ratio), np.array([_rise(row) for row in drawn])),
    )


def smoothed_boyce(outscored: Float64Array, draws: Draws) -> Interval:
    """Boyce index of a smooth ratio of events to background, with a bootstrap over blocks.

    Windows leave the index of few events to chance, a smoother does not (Liu et al. 2025, with
    splines where this is a kernel). The ratio is a Gaussian kernel density, mirrored at both ends
    (Silverman 1986), of the shares that events outscore, which are even where events lie as the
    background does; the index is its Spearman correlation with those shares.

    Parameters
    ----------
    outscored
        Share of the background that each event outscores, as from `placements`.
    """
    at = np.linspace(0, 1, WINDOWS)
    kernel = sum(
        (np.exp(-0.5 * ((at[None, :] - image[:, None]) / WIDTH) ** 2)
         for image in (outscored, -outscored, 2 - outscored)),
        np.zeros((len(outscored), WINDOWS)),
    )  # fmt: skip
    drawn = _spearman(draws.means(kernel)) if draws.blocks > 1 else np.zeros(0)
    return interval(float(_spearman(kernel.mean(axis=0)[None])[0]), drawn)


def _spearman(ratios: Float64Array) -> Float64Array:
    """Spearman correlation of each row with the order of its columns; NaN if level."""
    ranks = rankdata(np.round(ratios, 10), axis=1)
    ranks -= ranks.mean(axis=1, keepdims=True)
    order = np.arange(ratios.shape[1]) - (ratios.shape[1] - 1) / 2
    with np.errstate(invalid="ignore"):
        return np.asarray(ranks @ order / np.sqrt((ranks**2).sum(axis=1) * (order**2).sum()))


def _within(values: Float64Array, left: Float64Array, right: Float64Array) -> Float64Array:
    return ((values[:, None] >= left) & (values[:, None] <= right)).astype(float)


def _share_within(values: Float64Array, left: Float64Array, right: Float64Array) -> Float64Array:
    """The mean of `_within`, without an array of so many columns: there are millions of cells."""
    ordered = np.sort(values)
    below = np.searchsorted(ordered, left, side="left")
    return (np.searchsorted(ordered, right, side="right") - below) / len(ordered)


def _rise(ratio: Float64Array) -> float:
    """Spearman correlation of the ratios with the order of their windows; NaN if level."""
    known = np.round(ratio[np.isfinite(ratio)], 10)
    kept = np.flatnonzero(np.r_[known[1:] != known[:-1], True][: len(known)])
    if len(kept) < 2:
        return np.nan
    ranks = rankdata(known[kept])
    return float(np.corrcoef(ranks, np.arange(len(kept)))[0, 1])


def placements(
    events: Float64Array, background: Float64Array, weight: Float64Array | None = None
) -> Float64Array:
    """Share of the background that each event outscores, ties counting half.

    Their mean is the AUC: the Mann-Whitney U over the product of the sample sizes.

    Parameters
    ----------
    weight
        Of each piece of the background, such as its length; alike when not given.
    """
    order = np.argsort(background, kind="stable")
    ordered = background[order]
    through = np.cumsum(np.ones(len(order)) if weight is None else weight[order])
    passed = np.r_[0.0, through] / through[-1]
    below = passed[np.searchsorted(ordered, events, side="left")]
    up_to = passed[np.searchsorted(ordered, events, side="right")]
    return np.asarray((below + up_to) / 2)


@dataclass(frozen=True, kw_only=True)
class BlockedAuc:
    """AUC of events against background, each block of events counted once.

    Parameters
    ----------
    auc
        With a bootstrap interval over blocks; 0.5 is chance.
    least, most
        Range of the AUC when any one block is left out: how much hangs on one place.
    """

    auc: Interval
    least: float
    most: float


def blocked_auc(events: Float64Array, background: Float64Array, draws: Draws) -> BlockedAuc:
    """AUC that a cluster of events cannot carry alone."""
    placed = placements(events, background)
    auc = draws.mean_of_blocks(placed)
    if draws.blocks < 2:
        return BlockedAuc(auc=auc, least=np.nan, most=np.nan)
    each = draws.sums(placed) / draws.counts
    without = (each.sum() - each) / (draws.blocks - 1)
    return BlockedAuc(auc=auc, least=float(without.min()), most=float(without.max()))
