"""Draws: uncertain inputs - weights, rates, fees, speeds and scores - drawn together.

Every link also has a factor of its own, log-normal. These factors are not stored: a hash of the
draw and the link gives them in the pass that computes the costs, so that both directions of a link,
and any number of threads, use the same factor. The hash picks one of `FACTORS` equally likely
quantiles, whose tails end at 3.5 standard deviations.

References
----------
Higdon 1998, A process-convolution approach to modelling temperatures in the North Atlantic Ocean,
Environmental and Ecological Statistics 5, 173-190.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from statistics import NormalDist
from typing import Any

import numba
import numpy as np

from geodata.area.study_area import StudyArea
from geodata.arrays import Float32Array, Float64Array
from geodata.errors import InputError
from geodata.network.network import Network
from routes.scenario.keys.ranges import FACTOR, HOURS, RATE, SPREAD, THETA, WEIGHT
from routes.scenario.profiles import Profile

FACTORS = 2048
"""Number of equally likely factors of a link."""
ALIKE = 1000.0
"""Longest correlation distance, in widths of the area; beyond it the noise is constant."""
_MIX_A, _MIX_B = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)
_HALF, _TOP = np.uint64(32), np.uint64(53)  # 64 less the bits of FACTORS


@dataclass(frozen=True, kw_only=True)
class Uncertainty:
    """How far the inputs may be off. All values are assumptions.

    Parameters
    ----------
    concentration
        Dirichlet concentration of the split between the weights of remoteness and weakness.
    weights, rates, fees, speeds, links, theta
        Standard deviation of the logarithm of their factors; speeds by class of link, and
        besides of each link by itself. The theta of a logit stays: per hour it is a convention.
    scores
        Standard deviation of the noise added to the scores.
    correlation_km
        Correlation distance of that noise.

    Raises
    ------
    InputError
        When a deviation lies outside `ranges.SPREAD`, the correlation distance is not a number of
        zero or more, or the concentration is not above zero.
    """

    concentration: float = 10.0
    weights: float = 0.25
    rates: float = 0.2
    fees: float = 0.3
    speeds: float = 0.15
    links: float = 0.1
    scores: float = 0.08
    correlation_km: float = 40.0
    theta: float = 0.25

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if name not in ("concentration", "correlation_km"):
                SPREAD.check(name, value, hint="0 means sure.")
            if not 0 <= value < np.inf or (name == "concentration" and not value):
                raise InputError(name, value, "Give a number of zero or more; 0 means sure.")

    def record(self, profile: Profile) -> dict[str, float]:
        """The values as a JSON object, without those that no draw of a profile uses."""
        unread = () if draws_theta(profile) else ("theta",)
        return {name: value for name, value in vars(self).items() if name not in unread}


@dataclass(frozen=True, kw_only=True)
class Draw:
    """One draw.

    Parameters
    ----------
    profile
        The profile with weights, rates, fees and theta as they are drawn.
    pace
        Factor of the travel time by class of link; 1 for a class that is not listed.
    noise
        Noise to add to each score, by score, on the area's grid.
    spread
        Standard deviation of the logarithm of each link's own factor.
    salt
        Number that makes the hash of this draw differ from those of other draws.
    """

    profile: Profile
    pace: Mapping[str, float] = field(default_factory=dict)
    noise: Mapping[str, Float64Array] = field(default_factory=dict)
    spread: float = 0.0
    salt: int = 0

    @property
    def factors(self) -> Float32Array:
        """Factors from which the hash picks a link's own."""
        return factors_of(self.spread)


def draw_inputs(network: Network, profile: Profile, spread: Uncertainty, *, seed: int) -> Draw:
    """One draw of the inputs, each kept within its range; the same seed gives the same draw."""
    rng = np.random.default_rng(seed)
    total = sum(profile.weights.values())
    split = np.array([max(w, 1e-9) for w in profile.weights.values()])
    shares = rng.dirichlet(split / split.sum() * spread.concentration) if total else split
    total *= rng.lognormal(0, spread.weights)
    classes = network.links["class"].cat.categories
    draw = Draw(
        profile=replace(
            profile,
            weights={
                k: WEIGHT.nearest(float(s * total))
                for k, s in zip(profile.weights, shares, strict=True)
            },
            rates={
                k: RATE.nearest(v * rng.lognormal(0, spread.rates))
                for k, v in profile.rates.items()
            },
            fees={
                k: HOURS.nearest(v * rng.lognormal(0, spread.fees)) for k, v in profile.fees.items()
            },
        ),
        pace={name: FACTOR.nearest(rng.lognormal(0, spread.speeds)) for name in classes},
        noise={
            name: spread.scores * smooth_noise(network.area, spread.correlation_km, rng)
            for name in ("remoteness", "weakness")
        },
        spread=spread.links,
        salt=int(rng.integers(2**63)),
    )
    if profile.theta is None or not draws_theta(profile):
        return draw
    theta = THETA.nearest(profile.theta * rng.lognormal(0, spread.theta))
    return replace(draw, profile=replace(draw.profile, theta=theta))


def draws_theta(profile: Profile) -> bool:
    """Whether the dispersion of a profile is drawn: where it is given, and free of scale."""
    return profile.theta is not None and profile.model != "logit"


def smooth_noise(area: StudyArea, correlation_km: float, rng: np.random.Generator) -> Float64Array:
    """Noise of unit variance on the grid, correlated over a distance.

    The value of a cell is a weighted sum of independent numbers at knots, some of which lie beyond
    the grid (Higdon 1998). The variance is therefore the same at the edges of the grid, and also in
    an area hardly wider than the distance, where all cells get almost the same noise.
    """
    width = correlation_km * 1000 / area.cell_m / np.sqrt(2)
    down, across = (_knot_weights(cells, width) for cells in area.shape)
    return np.asarray(down @ rng.standard_normal((down.shape[1], across.shape[1])) @ across.T)


def _knot_weights(cells: int, width: float) -> Float64Array:
    """Weight of each knot in each cell of a row; shape (cells, knots).

    Parameters
    ----------
    width
        Standard deviation of the weights around a cell, in cells.
    """
    width = min(max(width, 1e-3), ALIKE * cells)
    step, beyond = max(width, 1.0), np.ceil(4 * width)
    knots = np.arange(-beyond, cells + beyond, step)
    weights = np.exp(-(((np.arange(cells)[:, None] - knots) / width) ** 2) / 2)
    return np.asarray(weights / np.linalg.norm(weights, axis=1, keepdims=True))


@lru_cache(maxsize=16)
def factors_of(spread: float) -> Float32Array:
    """Equally likely factors with a median of 1, least first."""
    normal = NormalDist()
    quantiles = [normal.inv_cdf((k + 0.5) / FACTORS) for k in range(FACTORS)]
    return np.exp(spread * np.array(quantiles)).astype(np.float32)


@numba.njit(nogil=True, error_model="numpy", forceinline=True)
def own_factor(factors: Any, link: Any, salt: Any) -> Any:
    """A link's own factor, for other kernels."""
    mixed = (np.uint64(link) + salt) * _MIX_A
    mixed = (mixed ^ (mixed >> _HALF)) * _MIX_B
    return factors[mixed >> _TOP]
