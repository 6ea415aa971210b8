"""Refusals: ends between which a path makes no sense, or between which there is none."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from geodata.errors import InputError, NoPathError


def require_apart(
    origins: npt.ArrayLike, destinations: npt.ArrayLike, *, origin: str | None = None
) -> None:
    """Refuse ends of which one is both.

    Parameters
    ----------
    origin
        What the error calls the origin; the node when not given.

    Raises
    ------
    InputError
        When an origin is a destination.
    """
    if len(both := np.intersect1d(origins, destinations)):
        remedy = "The origin is a destination; choose two places apart."
        raise InputError("from", int(both[0]) if origin is None else origin, remedy)


def require_path(best: float, origin: object) -> float:
    """The least cost of a path, refused where there is none.

    Raises
    ------
    NoPathError
        When it is infinite.
    """
    if math.isinf(best):
        remedy = "No path leads to a destination with the modes that the profile allows."
        raise NoPathError("from", origin, remedy)
    return best
