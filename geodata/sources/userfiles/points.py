"""Points from a user's file: origins and destinations that a name would not fit."""

from __future__ import annotations

from dataclasses import dataclass

import shapely

from geodata.sources.userfiles.reader import read_layer
from geodata.sources.userfiles.source import Source

MOST_POINTS = 10_000
"""Points that a file may give as ends."""


@dataclass(frozen=True, kw_only=True)
class Points:
    """Places of a file.

    Parameters
    ----------
    coordinates
        Longitude and latitude of each, in degrees.
    left_out
        Rows of the file that have no place.
    """

    coordinates: list[list[float]]
    left_out: int


def read_points(source: Source) -> Points:
    """Every point of a file; lines and areas give a point inside them.

    Raises
    ------
    InputError, DataError, OSError
        As `read_layer` does, and when there is no point, or more than `MOST_POINTS`.
    """
    layer = read_layer(source)
    rows, shapes = layer.points()
    if not len(shapes):
        raise source.refusal("It holds no geometry; give points.")
    if len(shapes) > MOST_POINTS:
        raise source.refusal(f"It holds {len(shapes):,} points; give at most {MOST_POINTS:,}.")
    inside = shapely.get_coordinates(shapely.point_on_surface(shapes))
    return Points(
        coordinates=inside.tolist(),
        left_out=len(layer) - len(set(rows.tolist())),
    )
