"""Shapes on the grid of one zoom: simplified below a pixel, rounded to units, sorted out.

Lines are simplified by Douglas and Peucker's method (1973, Algorithms for the reduction of the
number of points required to represent a digitized line, Cartographica 10), ends kept, so that
what meets still meets. Areas are simplified as a coverage by Visvalingam and Whyatt's (1993, Line
generalisation by repeated elimination of points, The Cartographic Journal 30), so that neighbours
keep one border between them; then rounded, and by snapping where rounding alone would tear them.

Vertices are laid out in arrays once a layer; a zoom is then one pass of compiled code over them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import shapely

from geodata.arrays import BoolArray, Float64Array, Int32Array, Int64Array, ObjectArray
from geodata.computing.compiled import kernel
from geodata.errors import DataError
from geodata.formats.tiles.clip import TileBox
from geodata.formats.tiles.web_mercator import EXTENT, world

POINTS, LINES, POLYGONS = 1, 2, 3
"""Kinds of geometry, as vector tiles number them."""
TOLERANCE = 4.0
"""Units by which a shape may be off: half a pixel of a tile drawn 512 wide."""
SMALLEST = 16.0
"""Square units below which a part of an area is left out: a quarter of such a pixel."""

_KINDS = {0: POINTS, 1: LINES, 2: LINES, 3: POLYGONS, 4: POINTS, 5: LINES, 6: POLYGONS}
_SEVERAL = 4
"""Types of geometry from here on have several parts, as shapely numbers them."""


class Outline(NamedTuple):
    """Vertices of a layer's shapes, one after the other.

    Parameters
    ----------
    xy
        Vertices, shape (n, 2). Rings repeat their first.
    parts
        Where each point, line or ring begins in `xy`, and the end.
    features
        Where each feature begins in `parts`, and the end.
    outer
        Whether a ring goes around a polygon; its holes follow it.
    """

    xy: Float64Array
    parts: Int64Array
    features: Int64Array
    outer: BoolArray


@dataclass(frozen=True, kw_only=True)
class WorldShapes:
    """Shapes of one layer in Web Mercator's unit square, x to the east and y to the south.

    Parameters
    ----------
    kind
        `POINTS`, `LINES` or `POLYGONS`.
    outline
        Their vertices.
    areas, owner
        Polygons as they are, since neighbours are simplified together, and which feature each
        is of; none of other kinds.
    """

    kind: int
    outline: Outline
    areas: ObjectArray
    owner: Int64Array


@dataclass(frozen=True, kw_only=True)
class Level:
    """Shapes of one layer in units of one zoom's grid.

    Parameters
    ----------
    kind
        `POINTS`, `LINES` or `POLYGONS`.
    xy
        Vertices, x to the east and y to the south, shape (n, 2).
    parts, features, outer
        See `Outline`.
    boxes
        Least x and y, greatest x and y of each feature, shape (features, 4); least above
        greatest where nothing is left of it.
    """

    kind: int
    xy: Int32Array
    parts: Int64Array
    features: Int64Array
    outer: BoolArray
    boxes: Int32Array

    def meeting(self, box: TileBox, rows: Int64Array) -> Int64Array:
        """Which of some features may have a part within a box, in their order."""
        met: Int64Array = _meeting(self.boxes, box, rows)
        return met


def kind_of(geometries: ObjectArray) -> int:
    """What the shapes are; a layer of a tile holds one kind.

    Raises
    ------
    DataError
        When the geometries are of several kinds, or geometry collections.
    """
    return _kind(geometries, shapely.get_type_id(geometries))


def _kind(geometries: ObjectArray, types: Int32Array) -> int:
    # An empty collection, as of no lines, fits any kind.
    drawn = (types >= 0) & ~shapely.is_empty(geometries)
    kinds = {_KINDS.get(each, 0) for each in np.unique(types[drawn]).tolist()}
    if len(kinds) > 1 or 0 in kinds:
        names = ", ".join(sorted({shape.geom_type for shape in geometries if shape is not None}))
        raise DataError("geometry", names, "A layer of tiles holds points, lines or areas.")
    return kinds.pop() if kinds else POINTS


def lay_out(
    geometries: ObjectArray,
    *,
    place: Callable[[Float64Array], Float64Array] = world,
) -> WorldShapes:
    """Lay out the shapes of a layer in Web Mercator's unit square.

    Parameters
    ----------
    geometries
        Of one kind, in degrees.
    place
        How their coordinates come to the unit square, when they are not in degrees.

    Raises
    ------
    DataError
        When the geometries are of several kinds, or geometry collections.
    """
    types = shapely.get_type_id(geometries)
    kind, several = _kind(geometries, types), types >= _SEVERAL
    if kind == LINES and several.any():
        geometries = geometries.copy()
        geometries[several] = shapely.line_merge(geometries[several])
    single, owner = _single(geometries) if several.any() else _filled(geometries)
    if kind == POLYGONS:
        single = np.asarray(shapely.transform(single, place))
        outline = _rings(single, owner, len(geometries), smallest=0.0)
        return WorldShapes(kind=kind, outline=outline, areas=single, owner=owner)
    outline = _laid(single, owner, len(geometries), np.ones(len(single), np.bool_))
    return WorldShapes(
        kind=kind, outline=outline._replace(xy=place(outline.xy)), areas=single[:0], owner=owner[:0]
    )


def level_of(shapes: WorldShapes, z: int, *, tolerance: float = TOLERANCE) -> Level:
    """Bring shapes to the grid of a zoom.

    Parameters
    ----------
    tolerance
        Units by which lines and outlines may be off.
    """
    side = EXTENT * 2.0**z
    if shapes.kind == POLYGONS:
        rings, parts, features, outer = _areas(shapes, side, tolerance)
        xy = np.rint(rings).astype(np.int32)
    else:
        placed, begins, features, outer = shapes.outline
        xy, parts = _on_grid(placed, begins, side, tolerance)
    return Level(
        kind=shapes.kind, xy=xy, parts=parts, features=features, outer=outer,
        boxes=_boxes(xy, parts, features),
    )  # fmt: skip


def _areas(shapes: WorldShapes, side: float, tolerance: float) -> Outline:
    """Areas in units: simplified with the borders they share, rounded, wound as tiles want it."""
    scaled = shapely.transform(shapes.areas, lambda xy: xy * side)
    plain = shapely.coverage_simplify(scaled, tolerance) if tolerance else scaled
    large = shapely.area(plain) >= SMALLEST
    plain, owner = plain[large], shapes.owner[large]
    rounded = shapely.transform(plain, np.rint)
    # Snapping is slow, and few are torn by rounding every vertex for itself.
    valid = shapely.is_valid(rounded)
    rounded[valid] = shapely.remove_repeated_points(rounded[valid])
    rounded[~valid] = shapely.set_precision(plain[~valid], 1.0)
    single, of = _single(rounded)
    # To the south y grows, which turns what anticlockwise means.
    single = np.asarray(shapely.orient_polygons(single))
    return _rings(single, owner[of], len(shapes.outline.features) - 1, smallest=SMALLEST)


def _rings(areas: ObjectArray, owner: Int64Array, count: int, *, smallest: float) -> Outline:
    """Vertices of the rings of areas, without those that enclose less than the smallest."""
    large = shapely.area(areas) >= smallest
    areas, owner = areas[large], owner[large]
    rings, polygon = shapely.get_rings(areas, return_index=True)
    outer = np.concatenate([[True], polygon[1:] != polygon[:-1]])[: len(rings)]
    kept = outer | (shapely.area(shapely.polygons(rings)) >= smallest)
    return _laid(rings[kept], owner[polygon[kept]], count, outer[kept])


def _single(
    geometries: ObjectArray,
) -> tuple[ObjectArray, Int64Array]:
    """Parts that are not empty, and which geometry each is of."""
    single, of = shapely.get_parts(geometries, return_index=True)
    filled, place = _filled(single)
    return filled, of[place]


def _filled(single: ObjectArray) -> tuple[ObjectArray, Int64Array]:
    """Geometries that are not empty, and where each is."""
    places = np.flatnonzero(shapely.get_num_coordinates(single))
    return single[places], places


def _laid(
    single: ObjectArray,
    owner: Int64Array,
    count: int,
    outer: BoolArray,
) -> Outline:
    """Vertices of points, lines or rings, each of one of `count` features."""
    vertices = shapely.get_num_coordinates(single)
    return Outline(
        xy=shapely.get_coordinates(single),
        parts=np.concatenate([[0], np.cumsum(vertices)]).astype(np.int64),
        features=np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=count))]),
        outer=outer,
    )


@kernel(nogil=True, error_model="numpy")
def _meeting(boxes: Any, box: Any, rows: Any) -> Any:
    """Rows whose boxes meet a box."""
    met, n = np.empty(len(rows), np.int64), 0
    for row in rows:
        across = boxes[row, 0] < box.east and boxes[row, 2] > box.west
        if across and boxes[row, 1] < box.south and boxes[row, 3] > box.north:
            met[n] = row
            n += 1
    return met[:n]


@kernel(nogil=True, error_model="numpy")
def _boxes(xy: Any, parts: Any, features: Any) -> Any:
    """Least and greatest coordinates of each feature."""
    boxes = np.empty((len(features) - 1, 4), np.int32)
    boxes[:, :2], boxes[:, 2:] = np.iinfo(np.int32).max, np.iinfo(np.int32).min
    for row in range(len(boxes)):
        for k in range(parts[features[row]], parts[features[row + 1]]):
            for axis in range(2):
                boxes[row, axis] = min(boxes[row, axis], xy[k, axis])
                boxes[row, axis + 2] = max(boxes[row, axis + 2], xy[k, axis])
    return boxes


@kernel(nogil=True, error_model="numpy")
def _on_grid(xy: Any, parts: Any, side: Any, tolerance: Any) -> Any:
    """Simplify lines and round them to a grid; points are lines of one vertex.

    Parameters
    ----------
    side
        Units along the side of the world.
    tolerance
        Units by which a line may be off.

    Returns
    -------
    (xy, parts)
        Vertices in whole units, and where each part begins.
    """
    out, begins = np.empty((len(xy), 2), np.int32), np.empty_like(parts)
    kept, stack = np.zeros(len(xy), np.bool_), np.empty((len(xy) + 1, 2), np.int64)
    n = 0
    for part in range(len(parts) - 1):
        begins[part] = n
        # A side is a power of two, so that nothing is rounded by this division.
        _simplify(xy, parts[part], parts[part + 1] - 1, tolerance / side, kept, stack)
        for k in range(parts[part], parts[part + 1]):
            if kept[k]:
                out[n, 0], out[n, 1] = np.rint(xy[k, 0] * side), np.rint(xy[k, 1] * side)
                n += 1
    begins[-1] = n
    return out[:n].copy(), begins


@kernel(nogil=True, error_model="numpy")
def _simplify(xy: Any, first: Any, last: Any, tolerance: Any, kept: Any, stack: Any) -> None:
    """Mark the vertices of one line that are kept by Douglas and Peucker's method."""
    kept[first], kept[last] = True, True
    stack[0, 0], stack[0, 1] = first, last
    depth = 1
    while depth:
        depth -= 1
        first, last = stack[depth, 0], stack[depth, 1]
        worst, at = tolerance * tolerance, -1
        for k in range(first + 1, last):
            off = _off(xy, k, first, last)
            if off > worst:
                worst, at = off, k
        if at >= 0:
            kept[at] = True
            stack[depth, 0], stack[depth, 1] = first, at
            stack[depth + 1, 0], stack[depth + 1, 1] = at, last
            depth += 2


@kernel(nogil=True, error_model="numpy")
def _off(xy: Any, k: Any, first: Any, last: Any) -> Any:
    """Square of how far a vertex is from the segment between two others."""
    ax, ay = xy[first, 0], xy[first, 1]
    along, up = xy[last, 0] - ax, xy[last, 1] - ay
    x, y = xy[k, 0] - ax, xy[k, 1] - ay
    length = along * along + up * up
    share = (x * along + y * up) / length if length > 0 else 0.0
    share = min(max(share, 0.0), 1.0)
    return (x - share * along) ** 2 + (y - share * up) ** 2
