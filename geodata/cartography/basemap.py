"""What lies under the corridors on a printed map: sea, land, units, borders, graticule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from shapely import MultiLineString, MultiPolygon
from shapely.geometry.base import BaseGeometry

from geodata.area.study_area import StudyArea
from geodata.arrays import BoolArray, Float64Array, ObjectArray
from geodata.cartography.printed.labels import font
from geodata.cartography.result_styles import INK, LAND, PAPER, SEA, VectorStyle
from geodata.sources.bundle import borderlands

COAST, BORDER, _GRATICULE = "#7f98a5", "#4d535a", "#c3d3dc"
_DETAIL_M, _SMALLEST_LAKE_M2 = 150.0, 8e6
# Coasts and borders of different sources run this far apart.
_SLIVER_M, _SHORE_M = 9000.0, 200.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Basemap:
    """What lies under a result, in WGS 84. Its frames are read only.

    Parameters
    ----------
    countries
        Land, with ``country``, an ISO 3166-1 code.
    lakes
        Inland water.
    places
        Points with ``name``, ``country`` and ``population``.
    attribution
        Whose data all of it is.
    """

    countries: gpd.GeoDataFrame
    lakes: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    attribution: str = ""


@cache
def bundled() -> Basemap:
    """The basemap of the bundled region; always the same one, so that its ground is kept."""
    bundle = borderlands()
    countries, lakes, places = (
        gpd.GeoDataFrame(bundle.frame(name)) for name in ("countries", "lakes", "places")
    )
    parts = (source["attribution"].split("; ") for source in bundle.attributions())
    holders = dict.fromkeys(part for several in parts for part in several)
    return Basemap(countries=countries, lakes=lakes, places=places, attribution="; ".join(holders))


@dataclass(frozen=True, kw_only=True, eq=False)
class Ground:
    """A basemap in the metres of one area.

    Parameters
    ----------
    outline
        The frame of the map.
    countries
        Land by country code.
    land
        All land.
    lakes
        Those large enough to be seen.
    """

    outline: shapely.Polygon
    countries: dict[str, BaseGeometry]
    land: BaseGeometry
    lakes: BaseGeometry


@lru_cache(maxsize=2)
def ground_of(basemap: Basemap, area: StudyArea) -> Ground:
    """Bring a basemap to the metres of an area; kept, as many maps share one basemap."""
    countries = basemap.countries.to_crs(area.crs)
    shapes = shapely.coverage_simplify(np.asarray(countries.geometry.array), _DETAIL_M)
    shapes = np.array([_without_ponds(shape) for shape in shapes], dtype=object)
    lakes = np.asarray(basemap.lakes.to_crs(area.crs).geometry.array)
    large = shapely.simplify(lakes[shapely.area(lakes) > _SMALLEST_LAKE_M2], _DETAIL_M)
    # Some metres of overlap close the hairlines between neighbours.
    grown = shapely.buffer(shapes, 5.0, quad_segs=1)
    return Ground(
        outline=outline(area),
        countries=dict(zip(countries["country"], shapes, strict=True)),
        land=_without_ponds(shapely.union_all(grown)),
        lakes=shapely.union_all(large),
    )


def _without_ponds(shape: BaseGeometry) -> MultiPolygon:
    """Land without the holes that are too small to be seen as lakes."""
    kept = []
    for part in shapely.get_parts(shape):
        holes = np.array(part.interiors, dtype=object)
        large = [hole for hole in holes if shapely.Polygon(hole).area > _SMALLEST_LAKE_M2]
        kept.append(shapely.Polygon(part.exterior, large))
    return MultiPolygon(kept)


def outline(area: StudyArea) -> shapely.Polygon:
    """Fit the largest upright rectangle, in metres, between the curved sides of an area's box."""
    west, south, east, north = area.bbox
    along, up = np.linspace(west, east, 50), np.linspace(south, north, 50)
    left = area.project(np.full(50, west), up)[0].max()
    right = area.project(np.full(50, east), up)[0].min()
    bottom = area.project(along, np.full(50, south))[1].max()
    top = area.project(along, np.full(50, north))[1].min()
    return shapely.Polygon([(left, bottom), (right, bottom), (right, top), (left, top)])


def draw_ground(
    sheet: Axes, ground: Ground, area: StudyArea, units: gpd.GeoDataFrame, style: VectorStyle
) -> None:
    """Draw everything under the corridors.

    Parameters
    ----------
    sheet
        Axes in metres of the area.
    ground
        Land and water.
    area
        Gives the graticule.
    units
        Administrative units in metres with ``country`` and the style's measure.
    style
        Fills the units.
    """
    fill(sheet, ground.outline, SEA, zorder=0)
    _draw_graticule(sheet, ground, area)
    fill(sheet, ground.land, LAND, zorder=1)
    _draw_units(sheet, ground, units, style)
    fill(sheet, ground.lakes, SEA, zorder=2.4, edge=COAST)
    _draw_borders(sheet, ground)


def fill(
    sheet: Axes, shape: BaseGeometry, colour: str, *, zorder: float, edge: str = "none"
) -> None:
    """Fill an area."""
    if not shape.is_empty:
        patch = PathPatch(
            path(shape), facecolor=colour, edgecolor=edge, linewidth=0.5, zorder=zorder
        )
        # add_patch would measure every vertex for limits that are already set.
        sheet.add_artist(patch)


def path(shape: BaseGeometry) -> Outline:
    """Turn an area into one matplotlib path, holes included."""
    rings = shapely.get_rings(shapely.get_parts(shape))
    counts = shapely.get_num_coordinates(rings)
    codes = np.full(int(counts.sum()), Outline.LINETO, dtype=np.uint8)
    ends = np.cumsum(counts)
    codes[ends - counts] = Outline.MOVETO
    codes[ends - 1] = Outline.CLOSEPOLY
    return Outline(shapely.get_coordinates(rings), codes)


def strokes(
    sheet: Axes,
    shapes: Iterable[BaseGeometry],
    *,
    colour: str,
    width: float,
    zorder: float,
    dash: tuple[float, ...] = (),
    cap: str = "round",
    alpha: float = 1.0,
) -> None:
    """Draw lines of one look; `dash` is in points."""
    parts = shapely.get_parts(list(shapes))
    lines = [shapely.get_coordinates(part) for part in parts[~shapely.is_empty(parts)]]
    sheet.add_collection(
        LineCollection(
            lines,
            colors=colour,
            linewidths=width,
            linestyles=[(0, tuple(length / width for length in dash) or None)],
            capstyle=cap,
            joinstyle="round",
            alpha=alpha,
            zorder=zorder,
        ),
        autolim=False,
    )


def _draw_units(sheet: Axes, ground: Ground, units: gpd.GeoDataFrame, style: VectorStyle) -> None:
    """Fill the units, and the slivers between them and the border with their neighbour's fill."""
    wide, exact = fitted(ground, units)
    values = units[style.measure].to_numpy(dtype=float)
    for order, parts in enumerate((wide, exact)):
        for value, part in zip(values, parts, strict=True):
            colour = style.step(value).colour if np.isfinite(value) else LAND
            fill(sheet, part, colour, zorder=1.5 + order / 10)
    strokes(sheet, shapely.boundary(exact), colour=PAPER, width=0.5, zorder=2.0, alpha=0.9)


def fitted(ground: Ground, units: gpd.GeoDataFrame) -> tuple[ObjectArray, ObjectArray]:
    """Fit units to the land of their countries, whose coasts and borders are of other sources.

    Parameters
    ----------
    units
        In the metres of the ground, with ``country``.

    Returns
    -------
    wide, exact
        By unit: with the slivers between it and the border, to be laid under the others; and
        as it is.
    """
    shapes = shapely.make_valid(np.asarray(units.geometry.array))
    elsewhere = MultiPolygon()
    lands = [ground.countries.get(country, elsewhere) for country in units["country"]]
    land = np.array(lands, dtype=object)
    shapely.prepare(land)
    wide = shapely.intersection(shapely.buffer(shapes, _SLIVER_M, quad_segs=2), land)
    exact = shapely.intersection(shapes, land)
    areas = [np.array([_areas(part) for part in parts], dtype=object) for parts in (wide, exact)]
    return areas[0], areas[1]


def _areas(shape: BaseGeometry) -> MultiPolygon:
    """Only the polygons of a geometry."""
    parts = shapely.get_parts(shape)
    return MultiPolygon(list(parts[shapely.get_type_id(parts) == 3]))


def _draw_borders(sheet: Axes, ground: Ground) -> None:
    """Coast, and the borders between countries."""
    shore, limits = borders(ground)
    strokes(sheet, [shore], colour=COAST, width=0.5, zorder=2.5)
    strokes(sheet, [limits], colour=PAPER, width=2.4, zorder=2.6, alpha=0.7)
    dash = (5.0, 1.6, 0.9, 1.6)
    strokes(sheet, [limits], colour=BORDER, width=0.9, zorder=2.7, dash=dash, cap="butt")


@lru_cache(maxsize=2)
def borders(ground: Ground) -> tuple[BaseGeometry, BaseGeometry]:
    """Coast, and the borders between countries, but not the edges of the data."""
    coast = _pieces(shapely.boundary([ground.land]))
    coast = coast[shapely.within(coast, ground.outline)]
    found: list[shapely.LineString] = []
    for land in ground.countries.values():
        pieces = _pieces(shapely.boundary([land]))
        pieces = pieces[shapely.intersects(pieces, ground.outline)]
        # Neighbours draw the same border: what is there already is not drawn twice.
        drawn = np.array([*coast, *found], dtype=object)
        found += list(pieces[~_near(pieces, drawn, _SHORE_M)])
    shore = shapely.line_merge(MultiLineString(list(coast)))
    return shore, shapely.line_merge(MultiLineString(found))


def _near(lines: ObjectArray, others: ObjectArray, distance: float) -> BoolArray:
    """Which lines have their middle within a distance of any of the others."""
    middles = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    found = shapely.STRtree(others).query(middles, predicate="dwithin", distance=distance)[0]
    near = np.zeros(len(lines), dtype=bool)
    near[found] = True
    return near


def _pieces(lines: ObjectArray) -> ObjectArray:
    """Cut lines into their straight pieces."""
    parts = shapely.get_parts(shapely.get_parts(lines))
    points, owner = shapely.get_coordinates(parts, return_index=True)
    within = owner[1:] == owner[:-1]
    return np.asarray(shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1)[within]))


def _draw_graticule(sheet: Axes, ground: Ground, area: StudyArea) -> None:
    """Meridians and parallels of whole degrees, with their degrees outside the frame."""
    west, south, east, north = area.bbox
    spacing = 1 if east - west <= 12 else 5
    meridians = np.arange(np.ceil(west / spacing), np.floor(east / spacing) + 1) * spacing
    parallels = np.arange(np.ceil(south / spacing), np.floor(north / spacing) + 1) * spacing
    lines = []
    for x in meridians:
        line = _inside(ground, area, np.full(60, x), np.linspace(south, north, 60))
        _degrees(sheet, line, f"{abs(x):g}°{'W' if x < 0 else 'E'}", (0, 8))
        lines.append(line)
    for y in parallels:
        line = _inside(ground, area, np.linspace(west, east, 60), np.full(60, y))
        _degrees(sheet, line, f"{abs(y):g}°{'S' if y < 0 else 'N'}", (8, 0))
        lines.append(line)
    strokes(sheet, lines, colour=_GRATICULE, width=0.5, zorder=0.5)


def _inside(ground: Ground, area: StudyArea, x: Float64Array, y: Float64Array) -> BaseGeometry:
    """Clip a meridian or parallel to the frame."""
    line = shapely.LineString(np.column_stack(area.project(x, y)))
    return shapely.intersection(line, ground.outline)


def _degrees(sheet: Axes, line: BaseGeometry, text: str, offset: tuple[float, float]) -> None:
    """Write the degrees of a line at both of its ends, outside the frame."""
    if line.is_empty:
        return
    ends = shapely.get_coordinates(line)[[0, -1]]
    for end, away in zip(ends, (-1, 1), strict=True):
        sheet.annotate(
            text,
            (float(end[0]), float(end[1])),
            xytext=(offset[0] * away, offset[1] * away),
            textcoords="offset points",
            rotation=90 if offset[0] else 0,
            fontproperties=font(6.2),
            color=INK,
            ha="center",
            va="center",
            alpha=0.75,
            annotation_clip=False,
        )
