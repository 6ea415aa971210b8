"""The basemap of a map: land, lakes, places and borders under a result."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from weakref import WeakKeyDictionary

import geopandas as gpd
import numpy as np
import shapely
from shapely import MultiLineString, MultiPolygon
from shapely.geometry.base import BaseGeometry

from geodata.area.geodesy import DEGREE_M
from geodata.area.study_area import StudyArea
from geodata.area.titles import Titles
from geodata.arrays import BoolArray, ObjectArray
from geodata.network.credit import credit_line, shown_sources
from geodata.network.network import Network

WIDE_M = 1_000_000.0
"""Width of a map from which the metres below hold; `detail_factor` is that of narrower maps."""
_DETAIL_M, _SMALLEST_LAKE_M2 = 150.0, 8e6
# Greatest distance between coasts or borders of different sources.
_SLIVER_M, _SHORE_M = 9000.0, 200.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Basemap:
    """Land, lakes and places under a result, in WGS 84. Its frames are never changed.

    Parameters
    ----------
    countries
        Land, with ``country``, an ISO 3166-1 code.
    lakes
        Inland water.
    places
        Points with ``name``, ``country`` and ``population``.
    titles
        Names of the region, its countries and its waters.
    attribution
        Holders of the data.
    """

    countries: gpd.GeoDataFrame
    lakes: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    titles: Titles = field(default_factory=Titles)
    attribution: str = ""


_BASEMAPS: WeakKeyDictionary[Network, Basemap] = WeakKeyDictionary()


def basemap_of(network: Network) -> Basemap:
    """The basemap under the results of a network, from the layers that it was built from.

    A network always has the same Basemap object, so that its projection is kept. If layers
    are missing, the land is that of the administrative units, no lake is drawn, and towns are the
    network's.
    """
    basemap = _BASEMAPS.get(network)
    if basemap is None:
        basemap = _BASEMAPS.setdefault(network, _basemap(network))
    return basemap


def detail_factor(area: StudyArea) -> float:
    """Factor for metres on a map: 1 for a wide area, less for a narrower one."""
    left, _, right, _ = fit_rectangle(area).bounds
    return min(1.0, (right - left) / WIDE_M)


def _basemap(network: Network) -> Basemap:
    made = {"countries": _land_of_units, "lakes": _no_lakes, "places": _named_places}
    frames = {
        name: gpd.GeoDataFrame(network.layers[name]) if name in network.layers else make(network)
        for name, make in made.items()
    }
    line = credit_line(shown_sources(network), apart=True)
    return Basemap(**frames, titles=network.titles, attribution=line)


def _land_of_units(network: Network) -> gpd.GeoDataFrame:
    units = network.admin[["country", network.admin.geometry.name]]
    return gpd.GeoDataFrame(units.dissolve("country", as_index=False))


def _no_lakes(network: Network) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"name": [], "kind": []}, geometry=[], crs=network.admin.crs)


def _named_places(network: Network) -> gpd.GeoDataFrame:
    """Places of the network, whose population is not known."""
    nodes = network.nodes[(network.nodes["kind"] == "place") & (network.nodes["name"] != "")]
    columns = {name: nodes[name].astype(str) for name in ("name", "country")}
    points = gpd.points_from_xy(nodes["x"], nodes["y"])
    frame = gpd.GeoDataFrame(columns, geometry=points, crs="OGC:CRS84")
    return frame.assign(population=0).reset_index(drop=True)


@dataclass(frozen=True, kw_only=True, eq=False)
class ProjectedBasemap:
    """A basemap in the metres of one area.

    Parameters
    ----------
    outline
        The frame of the map.
    finer
        Factor for the sizes of details that the map leaves out; see `detail_factor`.
    countries
        Land by country code.
    land
        All land.
    lakes
        Lakes large enough to be seen.
    """

    outline: shapely.Polygon
    finer: float
    countries: dict[str, BaseGeometry]
    land: BaseGeometry
    lakes: BaseGeometry


@lru_cache(maxsize=2)
def project_basemap(basemap: Basemap, area: StudyArea) -> ProjectedBasemap:
    """Bring a basemap to the metres of an area; it is kept, because many maps share one basemap."""
    fine = detail_factor(area)
    detail, pond = _DETAIL_M * fine, _SMALLEST_LAKE_M2 * fine**2
    countries = basemap.countries.to_crs(area.crs)
    shapes = _simplified(np.asarray(countries.geometry.array), detail)
    shapes = np.array([_without_ponds(shape, pond) for shape in shapes], dtype=object)
    lakes = np.asarray(basemap.lakes.to_crs(area.crs).geometry.array)
    large = shapely.simplify(lakes[shapely.area(lakes) > pond], detail)
    # Some metres of overlap close the hairlines between neighbours.
    grown = shapely.buffer(shapes, 5.0 * fine, quad_segs=1)
    return ProjectedBasemap(
        outline=fit_rectangle(area),
        finer=fine,
        countries=dict(zip(countries["country"], shapes, strict=True)),
        land=_without_ponds(shapely.union_all(grown), pond),
        lakes=_areas(shapely.union_all(large)),
    )


def clip_areas(areas: gpd.GeoDataFrame, area: StudyArea) -> gpd.GeoDataFrame:
    """The parts of a basemap's areas in a study area, with the detail of a map of that area."""
    shapes = shapely.make_valid(np.asarray(areas.geometry.array))
    plain = _simplified(shapes, _DETAIL_M * detail_factor(area) / DEGREE_M)
    parts = shapely.intersection(plain, shapely.box(*area.bbox))
    kept = _polygons(parts)
    frame = areas.set_geometry(kept, crs=areas.crs)
    return gpd.GeoDataFrame(frame[~shapely.is_empty(kept)])


def _simplified(shapes: ObjectArray, detail: float) -> ObjectArray:
    """Countries with less detail, which still meet where they met."""
    try:
        return np.asarray(shapely.coverage_simplify(shapes, detail))
    except shapely.GEOSException:
        # They overlap or leave slivers: small parts are dropped, and each country is simplified
        # alone.
        kept = [
            MultiPolygon([part for part in shapely.get_parts(shape) if part.area > detail**2])
            for shape in shapes
        ]
        return np.array([_areas(shape) for shape in shapely.make_valid(
            shapely.simplify(np.array(kept, object), detail)
        )], object)  # fmt: skip


def _without_ponds(shape: BaseGeometry, pond_m2: float) -> MultiPolygon:
    """Land without the holes that are too small to be seen as lakes."""
    kept = []
    for part in shapely.get_parts(shape):
        holes = np.array(part.interiors, dtype=object)
        large = [hole for hole in holes if shapely.Polygon(hole).area > pond_m2]
        kept.append(shapely.Polygon(part.exterior, large))
    land = MultiPolygon(kept)
    # An island in a removed pond is part of the land.
    return land if land.is_valid else _areas(shapely.union_all(kept))


def fit_rectangle(area: StudyArea) -> shapely.Polygon:
    """Fit the largest upright rectangle, in metres, between the curved sides of an area's box.

    If no rectangle fits, as at a pole or in a low and wide box far from the equator, it is the
    whole grid.
    """
    west, south, east, north = area.bbox
    along, up = np.linspace(west, east, 50), np.linspace(south, north, 50)
    (western, _), (eastern, _) = (area.project(np.full(50, x), up) for x in (west, east))
    (_, southern), (_, northern) = (area.project(along, np.full(50, y)) for y in (south, north))
    left, right = western.max(), eastern.min()
    bottom, top = southern.max(), northern.min()
    if min(right - left, top - bottom) < area.cell_m:
        left, bottom, right, top = area.extent
    return shapely.Polygon([(left, bottom), (right, bottom), (right, top), (left, top)])


def fit_units(
    projected: ProjectedBasemap, units: gpd.GeoDataFrame
) -> tuple[ObjectArray, ObjectArray]:
    """Fit units to the land of their countries, whose coasts and borders are of other sources.

    Parameters
    ----------
    units
        In the metres of the basemap, with ``country``.

    Returns
    -------
    wide, exact
        Shapes of each unit: `wide` with the slivers between it and the border, to be drawn under
        the others, and `exact` without them.
    """
    shapes = shapely.make_valid(np.asarray(units.geometry.array))
    elsewhere = MultiPolygon()
    lands = [projected.countries.get(country, elsewhere) for country in units["country"]]
    land = np.array(lands, dtype=object)
    shapely.prepare(land)
    # A buffer of every bend of a coast takes minutes, and looks the same.
    plain = shapely.simplify(shapes, _SLIVER_M / 20)
    wide = shapely.intersection(shapely.buffer(plain, _SLIVER_M, quad_segs=2), land)
    exact = shapely.intersection(shapes, land)
    return _polygons(wide), _polygons(exact)


def _polygons(shapes: ObjectArray) -> ObjectArray:
    """The polygons of each geometry."""
    return np.array([_areas(shape) for shape in shapes], dtype=object)


def _areas(shape: BaseGeometry) -> MultiPolygon:
    """The polygons of a geometry."""
    parts = shapely.get_parts(shape)
    return MultiPolygon(list(parts[shapely.get_type_id(parts) == 3]))


@lru_cache(maxsize=2)
def borders(projected: ProjectedBasemap) -> tuple[BaseGeometry, BaseGeometry]:
    """Coast, and the borders between countries, but not the edges of the data."""
    coast = _pieces(shapely.boundary([projected.land]))
    coast = coast[shapely.within(coast, projected.outline)]
    inland: list[shapely.LineString] = []
    for land in projected.countries.values():
        # A hole is a lake, or a country that has a border of its own.
        pieces = _pieces(shapely.get_exterior_ring(shapely.get_parts([land])))
        pieces = pieces[shapely.intersects(pieces, projected.outline)]
        # Neighbours have the same border, which must not be drawn twice.
        drawn = np.array([*coast, *inland], dtype=object)
        inland += list(pieces[~_near(pieces, drawn, _SHORE_M * projected.finer)])
    shore = shapely.line_merge(MultiLineString(list(coast)))
    return shore, shapely.line_merge(MultiLineString(inland))


def _near(lines: ObjectArray, others: ObjectArray, distance: float) -> BoolArray:
    """Which lines have their middle within a distance of any of the others."""
    middles = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    close, _ = shapely.STRtree(others).query(middles, predicate="dwithin", distance=distance)
    near = np.zeros(len(lines), dtype=bool)
    near[close] = True
    return near


def _pieces(lines: ObjectArray) -> ObjectArray:
    """Cut lines into their straight pieces."""
    parts = shapely.get_parts(shapely.get_parts(lines))
    points, owner = shapely.get_coordinates(parts, return_index=True)
    within = owner[1:] == owner[:-1]
    return np.asarray(shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1)[within]))
