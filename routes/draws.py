"""Draws over costs: every link's cost times a factor of its own, log-normal.

Factors are not stored: they follow from the draw and the link by a hash, in the pass that
packs the arcs for a tree, so that both directions of a link, both trees of a corridor and any
number of threads see the same ones. The hash picks one of `FACTORS` equally likely quantiles,
whose tails end at 3.5 standard deviations.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from statistics import NormalDist
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from geodata.errors import InputError

Naturals = npt.NDArray[np.uint32]
Singles = npt.NDArray[np.float32]
FACTORS = 2048
"""Equally likely factors of a draw."""

_MIX_A, _MIX_B = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)
_HALF, _TOP = np.uint64(32), np.uint64(53)  # 64 less the bits of FACTORS
_1, _2 = np.uint64(1), np.uint64(2)


@dataclass(frozen=True, kw_only=True)
class Draw:
    """One draw of an ensemble.

    Parameters
    ----------
    seed
        Tells ensembles apart.
    number
        Number of the draw in its ensemble, from 0 up.
    spread
        Standard deviation of the logarithm of the factors, whose median is 1.
    """

    seed: int
    number: int
    spread: float

    def __post_init__(self) -> None:
        if not self.spread >= 0:
            raise InputError("spread", self.spread, "It must be zero or more.")

    @cached_property
    def salt(self) -> np.uint64:
        """What makes the hash of this draw its own."""
        state = np.random.SeedSequence([self.seed, self.number]).generate_state(1, np.uint64)
        return np.uint64(state[0])

    def repack(self, packed: Naturals, link: Naturals) -> Naturals:
        """Packed arcs with their costs drawn anew; `link` of each arc in the same order."""
        drawn: Naturals = _repacked(packed, link, factors_of(self.spread), self.salt)
        return drawn

    def costs(self, cost: Singles, link: npt.NDArray[np.int32]) -> Singles:
        """Costs drawn anew."""
        drawn: Singles = _multiplied(cost, link, factors_of(self.spread), self.salt)
        return drawn


@lru_cache(maxsize=16)
def factors_of(spread: float) -> Singles:
    """Equally likely factors with a median of 1, least first."""
    normal = NormalDist()
    quantiles = [normal.inv_cdf((k + 0.5) / FACTORS) for k in range(FACTORS)]
    return np.exp(spread * np.array(quantiles)).astype(np.float32)


@numba.njit(nogil=True, error_model="numpy", forceinline=True)
def _factor(factors: Any, link: Any, salt: Any) -> Any:
    mixed = (np.uint64(link) + salt) * _MIX_A
    mixed = (mixed ^ (mixed >> _HALF)) * _MIX_B
    return factors[mixed >> _TOP]


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _repacked(packed: Any, link: Any, factors: Any, salt: Any) -> Any:
    drawn = np.empty(len(packed), np.uint32)
    before, after = packed.view(np.float32), drawn.view(np.float32)
    for k in range(np.uint64(len(link))):
        a = _2 * np.uint64(k)
        drawn[a] = packed[a]
        after[a + _1] = before[a + _1] * _factor(factors, link[np.uint64(k)], salt)
    drawn[2 * len(link) :] = 0
    return drawn


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _multiplied(cost: Any, link: Any, factors: Any, salt: Any) -> Any:
    drawn = np.empty(len(cost), np.float32)
    for a in range(len(cost)):
        drawn[a] = cost[a] * _factor(factors, link[a], salt)
    return drawn
