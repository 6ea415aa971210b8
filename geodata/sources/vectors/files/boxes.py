"""Rows that meet a box in degrees, on either side of the antimeridian."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import shapely
from pyproj import CRS, Transformer

from geodata.area.box import Box
from geodata.arrays import Float64Array, Int64Array, ObjectArray
from geodata.sources.userfiles.layer import UserLayer
from geodata.sources.vectors.files.features import as_column


def boxes_of(box: Box, crs: CRS) -> Sequence[Box | None]:
    """A box in degrees as boxes of another CRS: two where it lies across the antimeridian.

    One without bounds where the CRS has no place for an edge of the box.
    """
    west, south, east, north = box
    degrees = [box]
    if east > 180:
        degrees.append(Box(west - 360, south, east - 360, north))
    if west < -180:
        degrees.append(Box(west + 360, south, east + 360, north))
    if crs.equals("EPSG:4326", ignore_axis_order=True):
        return degrees
    towards = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    boxes: list[Box] = []
    for left, bottom, right, top in degrees:
        sides = Box(max(left, -180.0), bottom, min(right, 180.0), top)
        if sides.west < sides.east:
            own = towards.transform_bounds(*sides, densify_pts=51)
            if not np.isfinite(own).all():
                return [None]
            boxes.append(Box(*map(float, own)))
    return boxes


def rows_in_box(layer: UserLayer, box: Box | None) -> UserLayer:
    """Rows that meet a box, and rows without a shape; with longitudes about its middle."""
    if box is None:
        return layer
    shapes = _wrapped(layer.shapes, box)
    bounds = shapely.bounds(shapes)
    west, south, east, north = box
    none = np.isnan(bounds).any(axis=1)
    near = (bounds[:, 0] <= east) & (bounds[:, 2] >= west)
    near &= (bounds[:, 1] <= north) & (bounds[:, 3] >= south)
    kept = np.flatnonzero(none | near)
    return UserLayer(
        name=layer.name,
        rows=[layer.rows[at] for at in kept.tolist()] if len(kept) < len(layer) else layer.rows,
        shapes=shapes[kept],
        columns=[(name, _of_rows(values, kept)) for name, values in layer.columns],
    )


def _of_rows(values: Any, rows: Int64Array) -> Sequence[Any]:
    """Some of the values of a column."""
    if isinstance(values, np.ndarray):
        chosen: Any = values[rows]
        return as_column(chosen)
    return [values[at] for at in rows]


def _wrapped(shapes: ObjectArray, box: Box) -> ObjectArray:
    """Shapes whose parts lie about the middle of a box, not a turn of the earth away.

    Shapes that the box meets on both sides, such as Antarctica, are there twice.
    """
    middle = box.middle
    bounds = shapely.bounds(shapes)
    with np.errstate(invalid="ignore"):
        far = (bounds[:, 0] < middle - 180) | (bounds[:, 2] > middle + 180)
    if not far.any():
        return shapes
    result = shapes.copy()
    for at in np.flatnonzero(far).tolist():
        result[at] = _turned(shapes[at], box)
    return result


def _turned(shape: Any, box: Box) -> Any:
    parts = shapely.get_parts(shape)
    moved = [_shifted(part, turn) for part in parts for turn in _turns(part, box)]
    kind = int(shapely.get_type_id(shape))
    if kind not in _SEVERAL and len(moved) == 1:
        return moved[0]
    return _SEVERAL[_SEVERAL_OF.get(kind, kind)](moved)


def _turns(part: Any, box: Box) -> list[float]:
    """Degrees to move a part: to each position where it meets the box, else to the nearest one."""
    left, _, right, _ = shapely.bounds(part)
    nearest = -float(np.round(((left + right) / 2 - box.middle) / 360)) * 360
    around = (nearest - 360.0, nearest, nearest + 360.0)
    return [turn for turn in around if left + turn < box.east and right + turn > box.west] or [
        nearest
    ]


def _shifted(shape: Any, turn: float) -> Any:
    def shift(xy: Float64Array) -> Float64Array:
        return np.asarray(xy + np.array([turn, 0.0]), np.float64)

    return shapely.transform(shape, shift)


_SEVERAL: dict[int, Callable[[list[Any]], Any]] = {
    4: shapely.multipoints,
    5: shapely.multilinestrings,
    6: shapely.multipolygons,
    7: shapely.geometrycollections,
}
_SEVERAL_OF = {0: 4, 1: 5, 2: 5, 3: 6}
"""Multi-part type of each type."""
