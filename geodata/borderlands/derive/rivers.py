"""Navigable rivers and the mouths of lagoons, each a line running upstream.

``tables/courses.csv`` has the course of each, from general knowledge, and the method of its line:

border
    The line two countries share, cut between the first and last point: the best geometry available
    for the Coco, Sarstún, Hondo, Usumacinta and Salinas.
threaded
    The drawn course, pulled through the scraps of river water that the country
    layer leaves inside the coast (OpenStreetMap) within ~3 km of it.
water
    The shortest way by water between the ends.
drawn
    The drawn points unchanged, where no better line is known.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import rasterio.features
import shapely
from affine import Affine
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from shapely import LineString, MultiPoint, Point
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from geodata.arrays import Float64Array
from geodata.borderlands.derive.courses import Course, courses
from geodata.borderlands.derive.vectors import CRS, DEGREE_KM2, POOL_KM2, shared_borders

SOURCES = {
    "border": "OpenStreetMap border",
    "threaded": "memory, through OpenStreetMap water",
    "water": "OpenStreetMap water",
    "drawn": "memory",
}
#: Scraps of water this near to a drawn course (degrees, ~3 km) are of its river.
REACH = 0.027
#: Scraps closer along the course than this (degrees, ~1 km) count as one.
STEP = 0.009
#: A drawn point further than this along the course from any scrap is kept.
GAP = 0.05
#: Border river ends are put this far (degrees, ~600 m) into open water.
OFFING = 0.005


def rivers(
    countries: gpd.GeoDataFrame, water: BaseGeometry, scraps: Float64Array
) -> gpd.GeoDataFrame:
    """The layer rivers.

    Parameters
    ----------
    countries
        The finished layer; its shared borders carry the border rivers.
    water
        Open sea, lagoons and lakes.
    scraps
        Points (n, 2) inside bits of river water.
    """
    shapely.prepare(water)
    rows: list[tuple[str, str, str, bool, str, LineString]] = []
    for course in courses():
        line = _line(course, countries, water, scraps)
        if course.part == 1 and course.name not in INLAND:
            line = _launched(line, water)
        else:
            line = _joined(line, [row[-1] for row in rows])
        source = SOURCES[course.method]
        rows.append((course.name, course.country, course.kind, course.navigable, source, line))
    columns = ["name", "country", "kind", "navigable", "source", "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=CRS)


#: Rivers of the bundle that begin on land: tributaries, and above rapids in Mexico.
INLAND = frozenset({"La Pasión", "Salinas", "San Pedro", "Usumacinta"})


def _line(
    course: Course, countries: gpd.GeoDataFrame, water: BaseGeometry, scraps: Float64Array
) -> LineString:
    first, last = course.points[0], course.points[-1]
    if course.method == "border":
        return along_border(first, last, countries)
    if course.method == "threaded":
        return threaded(course.points, scraps)
    if course.method == "water":
        return by_water(first, last, water)
    return LineString(course.points)


def along_border(start: Float64Array, end: Float64Array, countries: gpd.GeoDataFrame) -> LineString:
    """The shared border from near `start` to near `end`, small gaps closed.

    Bits of border are chained nearest end first; lakes and river mouths make gaps.
    """
    left = shared_borders(list(countries.geometry))
    at = Point(start)
    ends = {id(line): MultiPoint([line.coords[0], line.coords[-1]]) for line in left}
    chain: list[Float64Array] = []
    while left:
        nearest = min(left, key=lambda g: at.distance(ends[id(g)] if chain else g))
        coords = list(shapely.get_coordinates(nearest))
        gaps = [at.distance(Point(coords[k])) for k in (0, -1)]
        if chain and min(gaps) > GAP:
            break
        left.remove(nearest)
        if not chain:
            coords = coords if _runs(nearest, start, end) else coords[::-1]
        elif gaps[1] < gaps[0]:
            coords = coords[::-1]
        chain += coords
        at = Point(chain[-1])
    course = LineString(chain)
    low, high = sorted((course.project(Point(start)), course.project(Point(end))))
    return LineString(substring(course, low, high).coords)


def _runs(line: LineString, start: Float64Array, end: Float64Array) -> bool:
    """Whether a line runs from `start` to `end` rather than back."""
    return bool(line.project(Point(start)) <= line.project(Point(end)))


def threaded(drawn: Float64Array, scraps: Float64Array) -> LineString:
    """The drawn course pulled through the scraps of water along it."""
    course = LineString(drawn)
    points = np.asarray(shapely.points(scraps))
    near = shapely.distance(points, course) <= REACH
    along = shapely.line_locate_point(course, points[near])
    order = np.argsort(along, kind="stable")
    known: list[tuple[float, Float64Array]] = []
    for position, xy in zip(along[order], scraps[near][order], strict=True):
        inside = STEP < position < course.length - STEP
        if inside and (not known or position - known[-1][0] >= STEP):
            known.append((float(position), xy))
    seen = np.array([k[0] for k in known])
    for n, xy in enumerate(drawn):
        position = float(course.project(Point(xy)))
        if n in (0, len(drawn) - 1) or not len(seen) or np.abs(seen - position).min() > GAP / 2:
            known.append((position, xy))
    return LineString([xy for _, xy in sorted(known, key=lambda k: k[0])])


def by_water(start: Float64Array, end: Float64Array, water: BaseGeometry) -> LineString:
    """Shortest way by water between two points, on a grid of ~50 m."""
    cell, margin = 0.0005, 0.05
    west, south = np.minimum(start, end) - margin
    east, north = np.maximum(start, end) + margin
    shape = (int((north - south) / cell), int((east - west) / cell))
    transform = Affine(cell, 0, west, 0, -cell, north)
    near = shapely.clip_by_rect(water, west, south, east, north)
    wet = rasterio.features.rasterize([(near, 1)], out_shape=shape, transform=transform) == 1
    # scipy before 1.17 does not search graphs with node numbers of 64 bits.
    number = np.arange(wet.size, dtype=np.int32).reshape(shape)
    tails, heads, costs = [], [], []
    for dr, dc in ((0, 1), (1, 0), (1, 1), (1, -1)):
        a = (slice(0, shape[0] - dr), slice(max(0, -dc), shape[1] - max(0, dc)))
        b = (slice(dr, shape[0]), slice(max(0, dc), shape[1] - max(0, -dc)))
        both = wet[a] & wet[b]
        tails.append(number[a][both])
        heads.append(number[b][both])
        costs.append(np.full(int(both.sum()), float(np.hypot(dr, dc))))
    tail, head, cost = np.concatenate(tails), np.concatenate(heads), np.concatenate(costs)
    graph = csr_array((cost, (tail, head)), shape=(wet.size, wet.size))
    source, target = (
        int(number[int((north - y) / cell), int((x - west) / cell)]) for x, y in (start, end)
    )
    _, paths = dijkstra(graph, directed=False, indices=[source], return_predecessors=True)
    before = paths[0]
    path = [target]
    while path[-1] != source:
        path.append(int(before[path[-1]]))
    rows, columns = np.divmod(np.array(path[::-1]), shape[1])
    x, y = west + (columns + 0.5) * cell, north - (rows + 0.5) * cell
    return LineString(shapely.get_coordinates(LineString(np.column_stack([x, y])).simplify(cell)))


def _launched(line: LineString, water: BaseGeometry) -> LineString:
    """Begin in open water: if the first point is ashore, go on to the nearest water."""
    first = Point(line.coords[0])
    near = shapely.clip_by_rect(water, *first.buffer(0.1).bounds).buffer(-OFFING / 2)
    if near.contains(first):
        return line
    mouth = shapely.shortest_line(first, near).coords[-1]
    return LineString([mouth, *line.coords])


def _joined(line: LineString, earlier: list[LineString]) -> LineString:
    """Begin where an earlier line ends, if one does within reach."""
    first = Point(line.coords[0])
    ends = [Point(e.coords[k]) for e in earlier for k in (-1, 0)]
    near = min(ends, key=first.distance, default=first)
    if not 0 < first.distance(near) <= REACH:
        return line
    return LineString([(near.x, near.y), *line.coords])


def scraps_of_water(water: BaseGeometry, lakes: gpd.GeoDataFrame) -> Float64Array:
    """Points inside water of the country layer that is too small for a lake."""
    named = lakes[lakes["name"] != ""].geometry.union_all()
    large = shapely.area(lakes.geometry.to_numpy()) * DEGREE_KM2 > POOL_KM2
    big = lakes[(lakes["name"] == "") & large]
    known = shapely.union_all([named, big.geometry.union_all()])
    shapely.prepare(known)
    inside = shapely.point_on_surface(shapely.get_parts(water))
    inside = inside[~shapely.is_empty(inside)]
    return np.asarray(shapely.get_coordinates(inside[~known.contains(inside)]))
