"""What lies under the corridors on a printed map: sea, land, units, borders, graticule."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import geopandas as gpd
import numpy as np
import shapely
from shapely import MultiLineString, MultiPolygon
from shapely.geometry.base import BaseGeometry

from geodata.area.study_area import StudyArea
from geodata.arrays import BoolArray, ObjectArray
from geodata.sources.bundle import Bundle
from geodata.sources.credit import credit_line

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


@lru_cache(maxsize=2)
def basemap_of(bundle: Bundle) -> Basemap:
    """The basemap of a region; always the same one of a bundle, so that its ground is kept."""
    countries, lakes, places = (
        gpd.GeoDataFrame(bundle.frame(name)) for name in ("countries", "lakes", "places")
    )
    line = credit_line(bundle.attributions(), apart=True)
    return Basemap(countries=countries, lakes=lakes, places=places, attribution=line)


@dataclass(frozen=True, kw_only=True, eq=False)
class ProjectedBasemap:
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
def ground_of(basemap: Basemap, area: StudyArea) -> ProjectedBasemap:
    """Bring a basemap to the metres of an area; kept, as many maps share one basemap."""
    countries = basemap.countries.to_crs(area.crs)
    shapes = shapely.coverage_simplify(np.asarray(countries.geometry.array), _DETAIL_M)
    shapes = np.array([_without_ponds(shape) for shape in shapes], dtype=object)
    lakes = np.asarray(basemap.lakes.to_crs(area.crs).geometry.array)
    large = shapely.simplify(lakes[shapely.area(lakes) > _SMALLEST_LAKE_M2], _DETAIL_M)
    # Some metres of overlap close the hairlines between neighbours.
    grown = shapely.buffer(shapes, 5.0, quad_segs=1)
    return ProjectedBasemap(
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


def fitted(ground: ProjectedBasemap, units: gpd.GeoDataFrame) -> tuple[ObjectArray, ObjectArray]:
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


@lru_cache(maxsize=2)
def borders(ground: ProjectedBasemap) -> tuple[BaseGeometry, BaseGeometry]:
    """Coast, and the borders between countries, but not the edges of the data."""
    coast = _pieces(shapely.boundary([ground.land]))
    coast = coast[shapely.within(coast, ground.outline)]
    inland: list[shapely.LineString] = []
    for land in ground.countries.values():
        pieces = _pieces(shapely.boundary([land]))
        pieces = pieces[shapely.intersects(pieces, ground.outline)]
        # Neighbours draw the same border: what is there already is not drawn twice.
        drawn = np.array([*coast, *inland], dtype=object)
        inland += list(pieces[~_near(pieces, drawn, _SHORE_M)])
    shore = shapely.line_merge(MultiLineString(list(coast)))
    return shore, shapely.line_merge(MultiLineString(inland))


def _near(lines: ObjectArray, others: ObjectArray, distance: float) -> BoolArray:
    """Which lines have their middle within a distance of any of the others."""
    middles = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    close = shapely.STRtree(others).query(middles, predicate="dwithin", distance=distance)[0]
    near = np.zeros(len(lines), dtype=bool)
    near[close] = True
    return near


def _pieces(lines: ObjectArray) -> ObjectArray:
    """Cut lines into their straight pieces."""
    parts = shapely.get_parts(shapely.get_parts(lines))
    points, owner = shapely.get_coordinates(parts, return_index=True)
    within = owner[1:] == owner[:-1]
    return np.asarray(shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1)[within]))
