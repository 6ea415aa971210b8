"""Discs: a surface read as exactly as an event is known.

An event whose coordinates are good to 20 km may lie anywhere within 20 km of them. What a surface
says of it is therefore the mean over the cells of that disc, and what it is compared with is read
over discs of the same radius: an inexact event gains nothing, as it would from the largest value
within its reach.

References
----------
Graham et al. 2008, The influence of spatial errors in species occurrence data used in distribution
models, Journal of Applied Ecology 45, 239-247.
Naimi et al. 2014, Where is positional uncertainty a problem for species distribution modelling?,
Ecography 37, 191-203.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt

import numpy as np
import numpy.typing as npt
from scipy import signal

from geodata.arrays import Float64Array, Int64Array

EXACT = 1e-9
"""Shares of a surface's largest value below this are noise of the Fourier transform."""


def radii(precision_km: npt.ArrayLike, *, tolerance_m: float) -> Float64Array:
    """Radius of each event's disc in metres: its precision, the tolerance at least.

    Parameters
    ----------
    precision_km
        How far off each event may be, NaN where nobody says; shape (n,).
    """
    return np.asarray(np.fmax(np.asarray(precision_km, float) * 1000, tolerance_m), np.float64)


def squares(radius_m: Float64Array, cell_m: float) -> Int64Array:
    """Squares of radii in cells, rounded down: radii with the same one have the same disc."""
    return np.asarray(np.floor((radius_m / cell_m) ** 2 + 1e-9), np.int64)


@dataclass(frozen=True, kw_only=True)
class Disc:
    """The cells whose middle lies within a radius of a cell's.

    Parameters
    ----------
    kernel
        Which cells around one, no farther than the grid is long.
    covered
        How many of them the grid has, for each of its cells.
    """

    kernel: Float64Array
    covered: Float64Array

    @classmethod
    def of(cls, square: int, shape: tuple[int, int]) -> Disc:
        """The disc of a radius, of which `squares` gives the square, on a grid of some shape."""
        reach = (min(isqrt(square), size - 1) for size in shape)
        row, column = (np.arange(-each, each + 1) ** 2 for each in reach)
        kernel = (row[:, None] + column <= square).astype(float)
        covered = signal.fftconvolve(np.ones(shape), kernel, mode="same")
        return cls(kernel=kernel, covered=np.asarray(np.round(covered), np.float64))

    def mean(self, surface: Float64Array) -> Float64Array:
        """Mean of a surface over the disc around each cell, as far as the grid goes."""
        if self.kernel.size == 1:
            return surface
        total = signal.fftconvolve(surface, self.kernel, mode="same") / self.covered
        # Equal values stay equal, so that they count as ties.
        scale = float(np.abs(surface).max()) or 1.0
        return np.asarray(np.round(total / scale / EXACT) * EXACT * scale)
