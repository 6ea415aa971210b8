"""Where lines enter and leave a box."""

from __future__ import annotations

import numpy as np

from geodata.area.box import Box
from geodata.arrays import Float64Array


def inside(x: Float64Array, y: Float64Array, box: Box) -> tuple[Float64Array, Float64Array]:
    """Shares of each step at which it enters and leaves a box (Liang and Barsky 1984)."""
    west, south, east, north = box
    enters, leaves = np.zeros(len(x) - 1), np.ones(len(x) - 1)
    for values, low, high in ((x, west, east), (y, south, north)):
        begin, delta = values[:-1], np.diff(values)
        # A step around the world is one that was torn by the antimeridian.
        leaves[np.abs(delta) > 180.0] = -1.0
        still = delta == 0
        leaves[still & ((begin < low) | (begin > high))] = -1.0
        with np.errstate(divide="ignore", invalid="ignore"):
            one, other = (low - begin) / delta, (high - begin) / delta
        first, second = np.minimum(one, other), np.maximum(one, other)
        enters = np.where(still, enters, np.maximum(enters, first))
        leaves = np.where(still, leaves, np.minimum(leaves, second))
    return enters, leaves
