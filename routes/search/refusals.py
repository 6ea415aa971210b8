"""Refusals of ends that are the same node, or that no path joins."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from geodata.errors import InputError, NoPathError


def require_apart(
    origins: npt.ArrayLike, destinations: npt.ArrayLike, *, origin: str | None = None
) -> None:
    """Refuse an origin that is also a destination.

    Parameters
    ----------
    origin
        Name of the origin in the error; by default, the number of its node.

    Raises
    ------
    InputError
        When an origin is a destination.
    """
    if len(both := np.intersect1d(origins, destinations)):
        remedy = "The origin is a destination; choose two places apart."
        raise InputError("from", int(both[0]) if origin is None else origin, remedy)


def require_path(best: float, origin: object) -> float:
    """Return the least cost of a path; refuse an infinite one.

    Raises
    ------
    NoPathError
        When the cost is infinite: there is no path.
    """
    if math.isinf(best):
        remedy = "No path leads to a destination with the modes that the profile allows."
        raise NoPathError("from", origin, remedy)
    return best
