"""Lines and rings of whole numbers cut to a tile, compiled.

The edges of the box lie halfway between whole numbers, so that no vertex is ever on an edge and
none of the special cases of clipping arise. A segment is cut by Liang and Barsky's method (1984,
A new concept and method for line clipping, ACM Transactions on Graphics 3), always from its
lesser end to its greater, so that two units that share a border are cut at the same place. A
polygon is cut as Weiler and Atherton do (1977, Hidden surface removal using polygon area sorting,
SIGGRAPH 11), which is simple for a box: the pieces of its rings within the box are joined along
the edges of the box, keeping the inside on the left. It falls into as many polygons as it should.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import numpy as np

from geodata.arrays import Float64Array, Int32Array, Int64Array
from geodata.computing.compiled import kernel

_Function = TypeVar("_Function", bound=Callable[..., Any])
_ALONE: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
inner: Callable[[_Function], _Function] = kernel(nogil=True, error_model="numpy", **_ALONE)
"""For functions that only compiled code calls: without a way in from Python they compile faster."""


class Segment(NamedTuple):
    """Where a segment begins, and how far it goes east and south."""

    x: float
    y: float
    along: float
    down: float


class TileBox(NamedTuple):
    """Edges of a box, each halfway between whole numbers; y grows to the south."""

    west: float
    north: float
    east: float
    south: float


class CutEnd(NamedTuple):
    """One end of what is left of a segment, and the edge that cuts it.

    Parameters
    ----------
    edge
        -1 at an end that lies within. Edges are numbered as they follow with the inside on the
        left: least y, greatest x, greatest y, least x.
    """

    x: float
    y: float
    edge: int


class Cut(NamedTuple):
    """What of a segment is within a box: whether any of it, where it enters, where it leaves."""

    inside: bool
    enter: CutEnd
    leave: CutEnd


class RingPieces(NamedTuple):
    """Room for the pieces of a polygon's rings within a box.

    Parameters
    ----------
    xy, ends
        Vertices of all pieces, and where each piece ends among them.
    places
        How far around the box each piece enters and leaves it; shape (pieces, 2).
    """

    xy: Int32Array
    ends: Int64Array
    places: Float64Array


class Rings(NamedTuple):
    """Room for closed rings: vertices of all of them, and where each ends among them."""

    xy: Int32Array
    ends: Int64Array


@inner
def segment_within(ax: Any, ay: Any, bx: Any, by: Any, box: Any) -> Cut:
    """Cut a segment to a box."""
    west, north, east, south = box
    start, end = CutEnd(ax, ay, -1), CutEnd(bx, by, -1)
    if west < min(ax, bx) and max(ax, bx) < east and north < min(ay, by) and max(ay, by) < south:
        return Cut(True, start, end)
    turned = bx < ax or (bx == ax and by < ay)
    if turned:
        ax, ay, bx, by = bx, by, ax, ay
    along, down = bx - ax, by - ay
    enter, leave, first, last = 0.0, 1.0, -1, -1
    for edge in range(4):
        if edge == 0:
            toward, room = -down, ay - north
        elif edge == 1:
            toward, room = along, east - ax
        elif edge == 2:
            toward, room = down, south - ay
        else:
            toward, room = -along, ax - west
        if toward == 0.0:
            if room < 0.0:
                return Cut(False, start, end)
        elif toward < 0.0:
            if room / toward > enter:
                enter, first = room / toward, edge
        elif room / toward < leave:
            leave, last = room / toward, edge
    if enter >= leave:
        return Cut(False, start, end)
    segment = Segment(ax, ay, along, down)
    start, end = _cut_end(segment, enter, first, box), _cut_end(segment, leave, last, box)
    return Cut(True, end, start) if turned else Cut(True, start, end)


@inner
def _cut_end(segment: Any, share: Any, edge: Any, box: Any) -> CutEnd:
    """Where a segment is cut, exactly on the edge that cuts it."""
    if edge == -1 and share == 1.0:
        x, y = segment.x + segment.along, segment.y + segment.down
    else:
        x, y = segment.x + share * segment.along, segment.y + share * segment.down
    if edge == 0 or edge == 2:
        y = box.north if edge == 0 else box.south
    elif edge == 1 or edge == 3:
        x = box.east if edge == 1 else box.west
    return CutEnd(min(max(x, box.west), box.east), min(max(y, box.north), box.south), edge)


@inner
def put(out: Any, n: Any, begin: Any, x: Any, y: Any, box: Any) -> Any:
    """Add a vertex, rounded to the whole numbers within the box, unless it repeats the last.

    Parameters
    ----------
    out, n, begin
        Vertices, how many there are, and where the part that grows began.

    Returns
    -------
    int
        How many there are now.
    """
    column = np.int32(min(max(np.rint(x), box.west + 0.5), box.east - 0.5))
    row = np.int32(min(max(np.rint(y), box.north + 0.5), box.south - 0.5))
    if n > begin and out[n - 1, 0] == column and out[n - 1, 1] == row:
        return n
    out[n, 0], out[n, 1] = column, row
    return n + 1


@inner
def clip_line(xy: Any, start: Any, stop: Any, box: Any, out: Any, ends: Any) -> Any:
    """Cut one line to a box.

    Parameters
    ----------
    xy, start, stop
        Vertices, and which of them are the line.
    box
        A `TileBox`.
    out, ends
        Filled with the vertices of the pieces, and with where each piece ends.

    Returns
    -------
    int
        Pieces of two different vertices at least.
    """
    pieces, n, begin = 0, 0, 0
    for k in range(start, stop - 1):
        ax, ay = float(xy[k, 0]), float(xy[k, 1])
        bx, by = float(xy[k + 1, 0]), float(xy[k + 1, 1])
        cut = segment_within(ax, ay, bx, by, box)
        if not cut.inside:
            continue
        enter, leave = cut.enter, cut.leave
        if n == begin or enter.edge >= 0:
            n = begin
            n = put(out, n, begin, enter.x, enter.y, box)
        n = put(out, n, begin, leave.x, leave.y, box)
        if leave.edge >= 0 or k == stop - 2:
            if n - begin >= 2:
                ends[pieces] = n
                pieces += 1
                begin = n
            else:
                n = begin
    return pieces


@inner
def _place(x: Any, y: Any, edge: Any, box: Any) -> Any:
    """How far around the box a point of an edge is, from its first corner, inside on the left."""
    wide, high = box.east - box.west, box.south - box.north
    if edge == 0:
        return x - box.west
    if edge == 1:
        return wide + y - box.north
    if edge == 2:
        return wide + high + box.east - x
    return 2 * wide + high + box.south - y


@inner
def holds(xy: Any, start: Any, stop: Any, x: Any, y: Any) -> Any:
    """Whether a ring goes around a point; its last vertex may be its first one again or not."""
    inside, before = False, stop - 1
    for k in range(start, stop):
        ay, by = float(xy[before, 1]), float(xy[k, 1])
        if (ay > y) != (by > y):
            ax, bx = float(xy[before, 0]), float(xy[k, 0])
            inside ^= x < ax + (y - ay) * (bx - ax) / (by - ay)
        before = k
    return inside


@inner
def ring_pieces(
    xy: Any, start: Any, stop: Any, box: Any, pieces: RingPieces, n: Any, many: Any
) -> Any:
    """Cut a closed ring that is not wholly within the box into its pieces there.

    Parameters
    ----------
    pieces, n, many
        Those so far, how many vertices they have, and how many they are.

    Returns
    -------
    (int, int)
        Vertices and pieces now.
    """
    out, ends, places = pieces
    count, outside = stop - start - 1, start
    while (
        outside < stop - 1
        and box.west < xy[outside, 0] < box.east
        and box.north < xy[outside, 1] < box.south
    ):
        outside += 1
    begin = n
    for step in range(count):
        k = start + (outside - start + step) % count
        ax, ay = float(xy[k, 0]), float(xy[k, 1])
        bx, by = float(xy[k + 1, 0]), float(xy[k + 1, 1])
        cut = segment_within(ax, ay, bx, by, box)
        if not cut.inside:
            continue
        enter, leave = cut.enter, cut.leave
        if enter.edge >= 0:
            places[many, 0] = _place(enter.x, enter.y, enter.edge, box)
            begin = n
            n = put(out, n, begin, enter.x, enter.y, box)
        n = put(out, n, begin, leave.x, leave.y, box)
        if leave.edge >= 0:
            places[many, 1] = _place(leave.x, leave.y, leave.edge, box)
            ends[many] = n
            many += 1
    return n, many


@inner
def _corners(out: Any, n: Any, begin: Any, left: Any, entered: Any, box: Any) -> Any:
    """Add the corners of the box between two places around it."""
    wide, high = box.east - box.west, box.south - box.north
    around = 2 * (wide + high)
    until = entered if entered > left else entered + around
    for turn in range(2):
        for corner in range(4):
            # The corner at the end of each edge.
            if corner == 0:
                place, x, y = wide, box.east, box.north
            elif corner == 1:
                place, x, y = wide + high, box.east, box.south
            elif corner == 2:
                place, x, y = 2 * wide + high, box.west, box.south
            else:
                place, x, y = around, box.west, box.north
            if left < place + turn * around < until:
                n = put(out, n, begin, x, y, box)
    return n


@inner
def join_pieces(pieces: RingPieces, many: Any, box: Any, rings: Rings, n: Any, closed: Any) -> Any:
    """Join the pieces of a polygon's rings to closed rings along the edges of the box.

    Parameters
    ----------
    pieces, many
        As `ring_pieces` left them.
    rings, n, closed
        Those so far, how many vertices they have, and how many they are.

    Returns
    -------
    (int, int)
        Vertices and rings now.
    """
    cut, ends, places = pieces
    used = np.zeros(many, np.bool_)
    around = 2 * (box.east - box.west + box.south - box.north)
    for first in range(many):
        if used[first]:
            continue
        begin, piece = n, first
        while True:
            used[piece] = True
            for k in range(ends[piece - 1] if piece else 0, ends[piece]):
                n = put(rings.xy, n, begin, float(cut[k, 0]), float(cut[k, 1]), box)
            after, least = first, np.inf
            for other in range(many):
                ahead = places[other, 0] - places[piece, 1]
                ahead = ahead if ahead > 0 else ahead + around
                if ahead < least and (other == first or not used[other]):
                    after, least = other, ahead
            n = _corners(rings.xy, n, begin, places[piece, 1], places[after, 0], box)
            if after == first:
                break
            piece = after
        n, closed = close_ring(rings, n, begin, closed, 1)
    return n, closed


@inner
def close_ring(rings: Rings, n: Any, begin: Any, closed: Any, sign: Any) -> Any:
    """Close a ring, or take it back when it encloses nothing or is wound the wrong way.

    Parameters
    ----------
    sign
        1 for a ring around a polygon, -1 for one around a hole: the sign of its area by the
        surveyor's formula, y growing to the south (Vector Tile 2.1, 4.3.4.4).
    """
    out = rings.xy
    if n > begin and out[n - 1, 0] == out[begin, 0] and out[n - 1, 1] == out[begin, 1]:
        n -= 1
    twice = np.int64(0)
    for k in range(begin, n):
        after = k + 1 if k + 1 < n else begin
        twice += np.int64(out[k, 0]) * out[after, 1] - np.int64(out[after, 0]) * out[k, 1]
    if n - begin < 3 or twice * sign <= 0:
        return begin, closed
    rings.ends[closed] = n
    return n, closed + 1
