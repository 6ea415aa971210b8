"""Boxes in degrees: checks with remedies, and longitudes turned towards a box."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geodata.arrays import Float64Array

ORDER = "The order is west, south, east, north, in degrees"
MOST_DEGREES = 360.0
"""Largest longitude east or west: beyond 180, longitudes continue across the antimeridian."""
MOST_WIDE = 180.0
"""Largest width of a box: the edge of a wider one does not go round it in the plane of the grid."""
LEAST_DEGREES = 1e-3
"""Least edge of a box in degrees: about a hundred metres."""


class Box(NamedTuple):
    """Edges of a box in degrees. Across the antimeridian, east lies beyond 180.

    Examples
    --------
    >>> Box(-89.5, 14.5, -86.5, 16.5).middle
    -88.0
    """

    west: float
    south: float
    east: float
    north: float

    @property
    def middle(self) -> float:
        """Longitude halfway between west and east."""
        return (self.west + self.east) / 2


def box_fault(box: Box) -> str:
    """The remedy for a box that is not valid, or an empty text for a valid one.

    A box may lie across the antimeridian: its east is then more than 180, or its west less
    than -180.
    """
    west, south, east, north = box
    if max(abs(edge) for edge in box) > MOST_DEGREES:
        return f"{ORDER}; these look like metres: bring them to WGS 84 (EPSG:4326)."
    if max(abs(south), abs(north)) > 90:
        return _fault_of_latitudes(box)
    if north < south:
        if east < west:
            return _fault_of_longitudes(Box(west, north, east, south))
        return f"{ORDER}; south comes before north{_meant(west, north, east, south)}."
    if east < west:
        return _fault_of_longitudes(box)
    if min(east - west, north - south) < LEAST_DEGREES:
        return f"{ORDER}; this box has no size: give one of {LEAST_DEGREES:g} degrees at least."
    if (west < -180 and east <= -180) or west >= 180:
        return f"{ORDER}; west is to lie from -180 to 180."
    if east - west > MOST_WIDE:
        return (
            f"A grid in a plane holds half the earth at most: give {MOST_WIDE:g} degrees or less."
        )
    return ""


def longitude_first(box: Box) -> Box | None:
    """What a box with latitudes first would mean; None if that is not a valid box."""
    west, south, east, north = box
    turned = Box(south, west, north, east)
    return turned if max(abs(west), abs(east)) <= 90 and not box_fault(turned) else None


def longitude_first_remedy(turned: Box) -> str:
    """The remedy for a box with latitudes first.

    Parameters
    ----------
    turned
        The box that is meant.
    """
    return f"{ORDER}; longitude comes first{_meant(*turned)}."


def _fault_of_latitudes(box: Box) -> str:
    turned = longitude_first(box)
    if turned is not None:
        return longitude_first_remedy(turned)
    return f"{ORDER}; latitudes lie from -90 to 90."


def _fault_of_longitudes(box: Box) -> str:
    west, south, east, north = box
    if west > 0 > east:
        return (
            f"{ORDER}; across the antimeridian east goes on beyond 180"
            f"{_meant(west, south, east + 360, north)}."
        )
    return f"{ORDER}; west comes before east{_meant(east, south, west, north)}."


def _meant(*box: float) -> str:
    return f", so perhaps [{', '.join(f'{edge:.10g}' for edge in box)}]"


def longitudes_about(middle: float, x: Float64Array) -> Float64Array:
    """Longitudes within half a turn of the earth of a middle."""
    return np.asarray(middle + (x - middle + 180.0) % 360.0 - 180.0, np.float64)
