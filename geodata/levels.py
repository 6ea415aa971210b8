"""Shapes on the grid of one zoom: simplified below a pixel, rounded to units, sorted out.

Lines are simplified by Douglas and Peucker's method (1973, Algorithms for the reduction of the
number of points required to represent a digitized line, Cartographica 10), ends kept, so that
what meets still meets. Areas are simplified as a coverage by Visvalingam and Whyatt's (1993, Line
generalisation by repeated elimination of points, The Cartographic Journal 30), so that neighbours
keep one border between them; then rounded by snapping, so that they stay valid.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import numpy.typing as npt
import shapely

from geodata.errors import DataError
from geodata.mercator import EXTENT, world

POINTS, LINES, POLYGONS = 1, 2, 3
"""Kinds of geometry, as vector tiles number them."""
TOLERANCE = 4.0
"""Units by which a shape may be off: half a pixel of a tile drawn 512 wide."""
SMALLEST = 16.0
"""Square units below which a part of an area is left out: a quarter of such a pixel."""

_KINDS = {0: POINTS, 1: LINES, 2: LINES, 3: POLYGONS, 4: POINTS, 5: LINES, 6: POLYGONS}


@dataclass(frozen=True, kw_only=True)
class Level:
    """Shapes of one layer in units of one zoom's grid.

    Parameters
    ----------
    kind
        `POINTS`, `LINES` or `POLYGONS`.
    xy
        Vertices, x to the east and y to the south, shape (n, 2). Rings repeat their first.
    parts
        Where each line, ring or set of points begins in `xy`, and the end.
    features
        Where each feature begins in `parts`, and the end.
    outer
        Whether a ring goes around a polygon; its holes follow it.
    boxes
        Least x and y, greatest x and y of each feature, shape (features, 4); least above
        greatest where nothing is left of it.
    """

    kind: int
    xy: npt.NDArray[np.int32]
    parts: npt.NDArray[np.int64]
    features: npt.NDArray[np.int64]
    outer: npt.NDArray[np.bool_]
    boxes: npt.NDArray[np.int32]

    def meeting(self, box: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        """Which features may have a part within a box."""
        west, north, east, south = self.boxes.T
        across = (west < box[2]) & (east > box[0])
        return np.asarray(across & (north < box[3]) & (south > box[1]))


def kind_of(shapes: npt.NDArray[np.object_]) -> int:
    """What the shapes are; a layer of a tile holds one kind.

    Raises
    ------
    DataError
        When they are of several kinds, or geometry collections.
    """
    types = np.unique(shapely.get_type_id(shapes[~shapely.is_missing(shapes)]))
    kinds = {_KINDS.get(int(each), 0) for each in types}
    if len(kinds) > 1 or 0 in kinds:
        names = ", ".join(sorted({shape.geom_type for shape in shapes if shape is not None}))
        raise DataError("geometry", names, "A layer of tiles holds points, lines or areas.")
    return kinds.pop() if kinds else POINTS


def level_of(
    shapes: npt.NDArray[np.object_], kind: int, z: int, *, tolerance: float = TOLERANCE
) -> Level:
    """Bring shapes in Web Mercator's unit square to the grid of a zoom.

    Parameters
    ----------
    shapes
        Of one kind, as `unit_square` gives them.
    tolerance
        Units by which lines and outlines may be off.
    """
    side = EXTENT * 2.0**z
    if kind == POLYGONS:
        shapes = _areas(shapes, side, tolerance)
    elif kind == LINES:
        shapes = shapely.line_merge(shapes)
    coordinates, parts, features, outer = _ragged(shapes, kind)
    if kind != POLYGONS:
        coordinates = coordinates * side
    if kind == LINES:
        kept = _simplified(coordinates, parts, tolerance)
        parts = np.concatenate([[0], np.cumsum(kept)])[parts]
        coordinates = coordinates[kept]
    xy = np.rint(coordinates).astype(np.int32)
    return Level(
        kind=kind, xy=xy, parts=parts, features=features, outer=outer,
        boxes=_boxes(xy, parts, features),
    )  # fmt: skip


def unit_square(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Shapes in degrees brought to the unit square of Web Mercator."""
    return np.asarray(shapely.transform(shapes, world))


def _areas(
    shapes: npt.NDArray[np.object_], side: float, tolerance: float
) -> npt.NDArray[np.object_]:
    """Areas in units: simplified with the borders they share, rounded, wound as tiles want it."""
    scaled = shapely.transform(shapes, lambda xy: xy * side)
    plain = shapely.coverage_simplify(scaled, tolerance) if tolerance else scaled
    rounded = shapely.set_precision(plain, 1.0)
    # To the south y grows, which turns what anticlockwise means.
    return np.asarray(shapely.orient_polygons(rounded))


def _ragged(
    shapes: npt.NDArray[np.object_], kind: int
) -> tuple[
    npt.NDArray[np.float64], npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.bool_]
]:
    """Coordinates, offsets of parts and of features, and which parts are outer rings."""
    single, owner = shapely.get_parts(shapes, return_index=True)
    there = ~shapely.is_empty(single)
    if kind == POLYGONS:
        there &= shapely.area(single) >= SMALLEST
    single, owner = single[there], owner[there]
    outer = np.ones(len(single), np.bool_)
    if kind == POLYGONS:
        rings, polygon = shapely.get_rings(single, return_index=True)
        outer = np.concatenate([[True], polygon[1:] != polygon[:-1]])[: len(rings)]
        large = outer | (shapely.area(shapely.polygons(rings)) >= SMALLEST)
        single, owner, outer = rings[large], owner[polygon[large]], outer[large]
    counts = shapely.get_num_coordinates(single)
    parts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    held = np.bincount(owner, minlength=len(shapes))
    features = np.concatenate([[0], np.cumsum(held)]).astype(np.int64)
    return shapely.get_coordinates(single), parts, features, outer


def _boxes(
    xy: npt.NDArray[np.int32], parts: npt.NDArray[np.int64], features: npt.NDArray[np.int64]
) -> npt.NDArray[np.int32]:
    ends = parts[features]
    boxes = np.empty((len(features) - 1, 4), np.int32)
    boxes[:, :2], boxes[:, 2:] = np.iinfo(np.int32).max, np.iinfo(np.int32).min
    there = np.flatnonzero(ends[1:] > ends[:-1])
    if len(there):
        boxes[there, :2] = np.minimum.reduceat(xy, ends[there])
        boxes[there, 2:] = np.maximum.reduceat(xy, ends[there])
    return boxes


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _simplified(xy: Any, parts: Any, tolerance: Any) -> Any:
    """Which vertices of lines are kept by Douglas and Peucker's method."""
    kept = np.zeros(len(xy), np.bool_)
    stack = np.empty((len(xy) + 1, 2), np.int64)
    for part in range(len(parts) - 1):
        stack[0, 0], stack[0, 1] = parts[part], parts[part + 1] - 1
        kept[stack[0, 0]], kept[stack[0, 1]] = True, True
        depth = 1
        while depth:
            depth -= 1
            first, last = stack[depth, 0], stack[depth, 1]
            worst, at = tolerance, -1
            for k in range(first + 1, last):
                off = _off(xy, k, first, last)
                if off > worst:
                    worst, at = off, k
            if at >= 0:
                kept[at] = True
                stack[depth, 0], stack[depth, 1] = first, at
                stack[depth + 1, 0], stack[depth + 1, 1] = at, last
                depth += 2
    return kept


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _off(xy: Any, k: Any, first: Any, last: Any) -> Any:
    """How far a vertex is from the segment between two others."""
    ax, ay = xy[first, 0], xy[first, 1]
    along, up = xy[last, 0] - ax, xy[last, 1] - ay
    x, y = xy[k, 0] - ax, xy[k, 1] - ay
    length = along * along + up * up
    share = (x * along + y * up) / length if length > 0 else 0.0
    share = min(max(share, 0.0), 1.0)
    return np.hypot(x - share * along, y - share * up)
