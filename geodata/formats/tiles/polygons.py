"""Polygons cut to the box of a tile: rings that go around, and the holes within them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from geodata.arrays import BoolArray, Int32Array, Int64Array
from geodata.formats.tiles.clip import (
    RingPieces,
    Rings,
    close_ring,
    holds,
    inner,
    join_pieces,
    ring_pieces,
)


class TileShapes(NamedTuple):
    """Shapes of a layer; `Level` says what each of these is."""

    xy: Int32Array
    parts: Int64Array
    features: Int64Array
    outer: BoolArray


class Room(NamedTuple):
    """Room for the largest feature of a layer while it is cut.

    Parameters
    ----------
    cut
        Vertices of the pieces of a polygon's rings.
    out
        Vertices of lines, or of closed rings.
    ends
        Where each piece ends.
    """

    cut: Int32Array
    out: Int32Array
    ends: Int64Array


@inner
def clip_polygon(
    shapes: TileShapes, first: Any, last: Any, box: Any, room: Room, rings: Rings
) -> Any:
    """Cut one polygon, whose first ring goes around it and whose others are holes.

    Returns
    -------
    (int, int)
        Rings, and how many of them go around; holes follow them.
    """
    xy, parts = shapes.xy, shapes.parts
    pieces = RingPieces(room.cut, room.ends, np.empty((len(room.ends), 2), np.float64))
    used, many, around, n, closed = 0, 0, False, 0, 0
    within = np.zeros(last - first, np.bool_)
    for ring in range(first, last):
        start, stop = parts[ring], parts[ring + 1]
        within[ring - first] = _inside(xy, start, stop, box)
        if not within[ring - first]:
            used, many = ring_pieces(xy, start, stop, box, pieces, used, many)
            x, y = (box.west + box.east) / 2, (box.north + box.south) / 2
            around ^= holds(xy, start, stop, x, y)
    if many:
        n, closed = join_pieces(pieces, many, box, rings, n, closed)
    elif within[0]:
        n, closed = _copied(shapes, first, rings, n, closed, 1)
    elif around:
        n, closed = _box_ring(box, rings, n, closed)
    outers = closed
    for ring in range(first + 1, last):
        if outers and within[ring - first]:
            n, closed = _copied(shapes, ring, rings, n, closed, -1)
    return closed, outers


@inner
def _inside(xy: Any, start: Any, stop: Any, box: Any) -> Any:
    """Whether all vertices of a ring are within the box."""
    for k in range(start, stop):
        if not (box.west < xy[k, 0] < box.east and box.north < xy[k, 1] < box.south):
            return False
    return True


@inner
def _copied(shapes: TileShapes, ring: Any, rings: Rings, n: Any, closed: Any, sign: Any) -> Any:
    """Take over a ring that is wholly within the box."""
    xy, out, begin = shapes.xy, rings.xy, n
    for k in range(shapes.parts[ring], shapes.parts[ring + 1] - 1):
        out[n, 0], out[n, 1] = xy[k, 0], xy[k, 1]
        n += 1
    return close_ring(rings, n, begin, closed, sign)


@inner
def _box_ring(box: Any, rings: Rings, n: Any, closed: Any) -> Any:
    """The box itself as a ring: a polygon covers all of it."""
    out = rings.xy
    left, top = np.int32(box.west + 0.5), np.int32(box.north + 0.5)
    right, bottom = np.int32(box.east - 0.5), np.int32(box.south - 0.5)
    out[n, 0], out[n, 1] = left, top
    out[n + 1, 0], out[n + 1, 1] = right, top
    out[n + 2, 0], out[n + 2, 1] = right, bottom
    out[n + 3, 0], out[n + 3, 1] = left, bottom
    rings.ends[closed] = n + 4
    return n + 4, closed + 1


@inner
def owner(rings: Rings, outers: Any, hole: Any) -> Any:
    """Which of the rings that go around a polygon's parts has a hole within."""
    if outers == 1:
        return 0
    out, ends = rings
    start = ends[hole - 1]
    x, y = float(out[start, 0]), float(out[start, 1])
    for ring in range(outers):
        if holds(out, ends[ring - 1] if ring else 0, ends[ring], x, y):
            return ring
    return 0
