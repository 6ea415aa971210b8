"""Land from coastlines, which OpenStreetMap draws with the land on their left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, MultiLineString, Polygon
from shapely.geometry.base import BaseGeometry

from geodata.area.box import Box
from geodata.area.geodesy import geodesic
from geodata.arrays import Float64Array
from geodata.sources.osm.clipping import clip_steps
from geodata.sources.osm.features.shapes import parts_of

ASIDE = 1e-7
"""Distance in degrees from a coastline at which its sides are tested for land and sea."""
SEAM_M = 100.0
"""Largest gap between coastlines that is closed, in metres. Assumption."""
DOUBT = 0.05
"""Largest share of a coast with land on its wrong side that is not reported."""


@dataclass(frozen=True)
class Land:
    """Land within a box.

    Parameters
    ----------
    polygons
        Each a piece of land, without its lakes.
    remarks
        Assumptions made, a sentence each.
    """

    polygons: list[Polygon]
    remarks: tuple[str, ...] = ()


def land_of(lines: Sequence[Float64Array], box: Box) -> Land:
    """Land within a box, by the coastlines there.

    Closed lines are islands, or bays if the water is inside. An open line that ends within the
    box is joined to another line near by, else straight to the nearest edge. Without any line,
    all is land.

    Parameters
    ----------
    lines
        Vertices of coastlines, in the order in which they are drawn.
    """
    frame = shapely.box(*box)
    drawn = MultiLineString([LineString(line) for line in lines if len(line) > 1])
    merged = shapely.line_merge(drawn, directed=True)
    parts = [part for part in shapely.get_parts(merged) if part.intersects(frame)]
    rings = [part for part in parts if part.is_closed and len(part.coords) > 3]
    open_ = [part for part in parts if not part.is_closed]
    if not rings and not open_:
        return Land([frame], ("No coastline lies in the area: all of it is land.",))
    islands = _areas([ring for ring in rings if shapely.is_ccw(ring)], frame)
    water = shapely.union_all(_areas([ring for ring in rings if not shapely.is_ccw(ring)], frame))
    # Islands in bays are land again.
    within = [area for area in islands if area.within(water)]
    # Where every island lies in a bay, the bays are waters within land, such as salt lakes.
    alone = frame if len(within) == len(islands) else Polygon()
    remarks: list[str] = []
    main = _main(open_, frame, remarks) if open_ else alone
    land = shapely.union_all([main, *islands])
    land = shapely.union(shapely.difference(land, water), shapely.union_all(within))
    return Land(parts_of(land, Polygon), tuple(remarks))


def _areas(rings: Sequence[LineString], frame: Polygon) -> list[BaseGeometry]:
    areas = shapely.make_valid(np.array([Polygon(ring) for ring in rings], object))
    return list(shapely.intersection(areas, frame))


def _main(lines: Sequence[LineString], frame: Polygon, remarks: list[str]) -> BaseGeometry:
    """Land on the left of lines that cross the box."""
    inner = [part for line in lines for part in shapely.get_parts(line.intersection(frame))]
    seams, ends = _seams(lines, frame)
    if seams:
        x, y = seams[0].coords[0]
        remarks.append(
            f"{len(seams):,} gaps of up to {SEAM_M:.0f} m between coastlines, the first at "
            f"{x:.4f},{y:.4f}, are closed straight: extracts of different dates have them where "
            "they meet."
        )
    bridges = [LineString([end, _nearest(end, frame)]) for end in ends]
    if ends:
        x, y = ends[0].x, ends[0].y
        remarks.append(
            f"{len(ends):,} ends of coastlines lie within the area, the first at {x:.4f},{y:.4f}: "
            "the coast is drawn straight to the edge from there. Add the extract beside it, or "
            "polygons of land."
        )
    drawn = shapely.union_all([frame.boundary, *inner, *seams, *bridges])
    with np.errstate(invalid="ignore"):
        faces = np.array(shapely.get_parts(shapely.polygonize(shapely.get_parts(drawn))), object)
    left, right = _votes(lines, frame, faces)
    doubt = np.minimum(left, right) > DOUBT * (left + right)
    if doubt.any():
        at = shapely.point_on_surface(faces[int(np.argmax(doubt))])
        remarks.append(
            f"Coastlines have land and water on the same side near {at.x:.4f},{at.y:.4f}: one of "
            "them may be missing or reversed."
        )
    return shapely.union_all(faces[left > right])


def _seams(
    lines: Sequence[LineString], frame: Polygon
) -> tuple[list[LineString], list[shapely.Point]]:
    """Short lines over gaps between coastlines, and the ends that stay open.

    If both ends of a gap were joined to the edge of the box, a slit of sea would remain.
    """
    stops, starts = (_loose(lines, at, frame) for at in (-1, 0))
    gaps = sorted(
        (_apart(end, start), row, other)
        for row, end in stops.items() for other, start in starts.items()
        # A short open line is not closed to a bay or an island.
        if row != other or lines[row].length > 2 * end.distance(start)
    )  # fmt: skip
    seams: list[LineString] = []
    for metres, row, other in gaps:
        if metres <= SEAM_M and row in stops and other in starts:
            seams.append(LineString([stops.pop(row), starts.pop(other)]))
    left: list[shapely.Point] = []
    for row, end in (pair for side in (stops, starts) for pair in side.items()):
        rest = shapely.MultiLineString([line for at, line in enumerate(lines) if at != row])
        on = None if rest.is_empty else shapely.get_point(shapely.shortest_line(end, rest), -1)
        if on is not None and _apart(end, on) <= SEAM_M:
            seams.append(LineString([end, on]))
        else:
            left.append(end)
    return seams, left


def _loose(lines: Sequence[LineString], at: int, frame: Polygon) -> dict[int, shapely.Point]:
    """First or last points of lines that lie within the box and on no other line, by row."""
    points = shapely.get_point(np.array(lines, object), at)
    tree = shapely.STRtree(lines)
    return {
        row: point for row, point in enumerate(points)
        if shapely.contains_properly(frame, point) and len(tree.query(point, "intersects")) == 1
    }  # fmt: skip


def _apart(one: shapely.Point, other: shapely.Point) -> float:
    return float(geodesic(one.x, one.y, other.x, other.y))


def _nearest(point: shapely.Point, frame: Polygon) -> shapely.Point:
    edge = frame.exterior
    return edge.interpolate(edge.project(point))


def _votes(
    lines: Sequence[LineString], frame: Polygon, faces: Float64Array
) -> tuple[Float64Array, Float64Array]:
    """For each face, the length of coast that has it on its left, and on its right."""
    box = Box(*frame.bounds)
    middles, deltas, lengths = [], [], []
    for line in lines:
        vertices = shapely.get_coordinates(line)
        delta = np.diff(vertices, axis=0)
        enters, leaves = clip_steps(vertices[:, 0], vertices[:, 1], box)
        length = np.hypot(*delta.T) * (leaves - enters)
        kept = (leaves > enters) & (length > 0)
        middles.append(vertices[:-1][kept] + delta[kept] * ((enters + leaves)[kept, None] / 2))
        deltas.append(delta[kept])
        lengths.append(length[kept])
    middle, delta, length = np.vstack(middles), np.vstack(deltas), np.concatenate(lengths)
    aside = np.column_stack([-delta[:, 1], delta[:, 0]]) / np.hypot(*delta.T)[:, None] * ASIDE
    tree = shapely.STRtree(faces)

    def votes(side: Float64Array) -> Float64Array:
        point, face = tree.query(shapely.points(middle + side), predicate="within")
        return np.bincount(face, length[point], minlength=len(faces)).astype(np.float64)

    return votes(aside), votes(-aside)
