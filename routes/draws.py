"""Draws over costs: every link's cost times a factor of its own, log-normal.

Factors are not stored: they follow from the draw and the link by a hash, inside the kernel,
so that both directions of a link, both trees of a corridor and any number of threads see the
same ones. The hash picks one of `FACTORS` equally likely quantiles, whose tails end at 3.5
standard deviations.
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
from routes.buckets import FACTORS, factor

Singles = npt.NDArray[np.float32]


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
        return np.random.SeedSequence([self.seed, self.number]).generate_state(1, np.uint64)[0]


@lru_cache(maxsize=16)
def factors_of(spread: float) -> Singles:
    """Equally likely factors with a median of 1, least first."""
    normal = NormalDist()
    quantiles = [normal.inv_cdf((k + 0.5) / FACTORS) for k in range(FACTORS)]
    return np.exp(spread * np.array(quantiles)).astype(np.float32)


@numba.njit(cache=True, nogil=True)
def multiply(cost: Any, link: Any, factors: Any, salt: Any) -> Any:
    """Costs of arcs times the factors of their links."""
    drawn = np.empty(len(cost), np.float32)
    for a in range(len(cost)):
        drawn[a] = cost[a] * factor(factors, link[a], salt)
    return drawn
