"""Shapes of ways and relations: lines, and polygons of many ways."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from geodata.arrays import Float64Array

Part = TypeVar("Part", bound=BaseGeometry)


def is_closed(line: Float64Array) -> bool:
    """Whether a line is a ring."""
    return len(line) > 3 and bool((line[0] == line[-1]).all())


def polygon(line: Float64Array) -> BaseGeometry:
    """A ring as an area."""
    return _valid(Polygon(line))


def area(outer: Sequence[Float64Array], inner: Sequence[Float64Array]) -> BaseGeometry | None:
    """Area of the rings of outer ways less that of inner ones.

    None when the outer ways close no ring, such as when an extract lacks some of them.
    """
    outline = _rings(outer)
    if outline is None:
        return None
    holes = _rings(inner)
    return outline if holes is None else _valid(shapely.difference(outline, holes))


def parts_of(shape: BaseGeometry, kind: type[Part]) -> list[Part]:
    """Parts of one type; none of an empty shape, for which GEOS returns the shape itself."""
    parts = shapely.get_parts(shape)
    return [part for part in parts if isinstance(part, kind) and not part.is_empty]


def _rings(lines: Sequence[Float64Array]) -> BaseGeometry | None:
    """Union of the polygons that lines enclose."""
    drawn = [LineString(line) for line in lines if len(line) > 1]
    if not drawn:
        return None
    # Ways that return along themselves enclose nothing, and GEOS refuses them.
    with np.errstate(invalid="ignore"):
        faces = shapely.get_parts(shapely.polygonize(drawn))
    return _valid(shapely.union_all(faces)) if len(faces) else None


def _valid(shape: BaseGeometry) -> BaseGeometry:
    """The polygons of a shape made valid."""
    if not shapely.is_valid(shape):
        shape = shapely.make_valid(shape)
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    parts = [
        part for part in shapely.get_parts(shape, return_index=False)
        if part.geom_type in ("Polygon", "MultiPolygon")
    ]  # fmt: skip
    return shapely.union_all(parts)
