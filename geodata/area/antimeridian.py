"""The antimeridian in output: longitudes from -180 to 180, and shapes cut at 180 degrees.

Inside Vereda, longitudes of an area across it continue beyond 180, so that no shape is torn.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.area.box import Box
from geodata.arrays import ObjectArray

_TURN = 360.0
# A number beyond these is not a longitude, and is not changed.
_FARTHEST = 540.0
_WORLD = shapely.box(-180, -90, 180, 90)


def cut_shapes(shapes: ObjectArray) -> ObjectArray:
    """Shapes with longitudes from -180 to 180, in parts where they lie across the antimeridian.

    RFC 7946, section 3.1.9. Shapes that already lie within these longitudes are returned unchanged.

    Parameters
    ----------
    shapes
        In degrees, none wider than the world.

    Examples
    --------
    >>> import numpy as np, shapely
    >>> cut_shapes(np.array([shapely.LineString([(179, 0), (182, 3)])]))[0]
    <MULTILINESTRING ((179 0, 180 1), (-180 1, -178 3))>
    """
    west, _, east, _ = shapely.bounds(shapes).T
    near = (west >= -_FARTHEST) & (east <= _FARTHEST)
    beyond = np.flatnonzero(near & ((west < -180.0) | (east > 180.0)))
    if not len(beyond):
        return shapes
    placed = shapes.copy()
    turns = np.floor((west[beyond] + 180.0) / _TURN) * _TURN
    for turn in np.unique(turns):
        placed[beyond[turns == turn]] = _moved(shapes[beyond[turns == turn]], -turn)
    across = beyond[east[beyond] - turns > 180.0]
    placed[across] = [_cut(shape) for shape in placed[across]]
    return placed


def cut_frame(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A layer in degrees with its shapes cut by `cut_shapes`."""
    shapes = np.asarray(frame.geometry.array, dtype=object)
    placed = cut_shapes(shapes)
    return frame if placed is shapes else frame.set_geometry(placed, crs=frame.crs)


def cut_box(box: Box) -> Box:
    """A box with longitudes from -180 to 180; west is above east for a box across the antimeridian.

    RFC 7946, section 5.2.

    Examples
    --------
    >>> cut_box(Box(177.0, -19.0, 182.0, -16.0))
    Box(west=177.0, south=-19.0, east=-178.0, north=-16.0)
    """
    west, south, east, north = box
    if east - west >= _TURN:
        return widen_box(box)
    return Box(longitude(west), south, longitude(east), north)


def longitude(x: float) -> float:
    """A longitude from -180 to 180."""
    return x if -180.0 <= x <= 180.0 else (x + 180.0) % _TURN - 180.0


def widen_box(box: Box) -> Box:
    """A box for formats without boxes across the antimeridian: such a box spans the world."""
    west, south, east, north = box
    return box if west >= -180.0 and east <= 180.0 else Box(-180.0, south, 180.0, north)


def _moved(shapes: ObjectArray, degrees: float) -> ObjectArray:
    """Shapes farther to the east."""
    return np.asarray(shapely.transform(shapes, lambda xy: xy + np.array([degrees, 0.0])))


def _cut(shape: BaseGeometry) -> BaseGeometry:
    """A shape that lies across 180 degrees, in parts on either side."""
    if shape.geom_type == "GeometryCollection":
        return shapely.GeometryCollection(list(cut_shapes(shapely.get_parts(shape))))
    dimension = shapely.get_dimensions(shape)
    if dimension == 1:
        pieces = [piece for line in shapely.get_parts(shape) for piece in _pieces(line)]
        return shapely.MultiLineString(pieces)
    halves = np.concatenate([_moved(np.array([shape], object), turn) for turn in (0.0, -_TURN)])
    parts = shapely.get_parts(shapely.intersection(shapely.make_valid(halves), _WORLD))
    parts = parts[(shapely.get_dimensions(parts) == dimension) & ~shapely.is_empty(parts)]
    return shapely.MultiPolygon(list(parts)) if dimension else shapely.MultiPoint(list(parts))


def _pieces(line: shapely.LineString) -> list[shapely.LineString]:
    """A line cut into its pieces on either side of 180 degrees, in the order of the line."""
    xy = shapely.get_coordinates(line)
    x = xy[:, 0] - 180.0
    before = np.flatnonzero(x[:-1] * x[1:] < 0.0)
    share = x[before] / (x[before] - x[before + 1])
    met = xy[before] + share[:, None] * (xy[before + 1] - xy[before])
    met[:, 0] = 180.0
    xy = np.insert(xy, before + 1, met, axis=0)
    # Twice the degrees of each segment's middle east of 180; a segment along 180 stays with those
    # before.
    beyond = xy[:-1, 0] + xy[1:, 0] - 360.0
    aside = np.flatnonzero(beyond)
    if not len(aside):
        return [line]
    last = np.searchsorted(aside, np.arange(len(beyond)), side="right") - 1
    east = beyond[aside[np.maximum(last, 0)]] > 0.0
    ends = [*(np.flatnonzero(np.diff(east)) + 1), len(east)]
    starts = [0, *ends[:-1]]
    return [
        shapely.LineString(xy[start : end + 1] - ((_TURN, 0.0) if east[start] else (0.0, 0.0)))
        for start, end in zip(starts, ends, strict=True)
    ]
