"""Countries, territorial sea, lakes and administrative units.

Two OpenStreetMap derivatives are put together. The country polygons have the
land borders, and lakes cut out, but their coast is broken: barrier beaches and
most cays are missing. The land polygons have the coast and every cay, but
neither borders nor lakes. Land is therefore taken from the second;
`geodata.borderlands.derive.lakes` chooses the outlines of lakes.
"""

from __future__ import annotations

import csv
import json
import lzma
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely import LineString, MultiPolygon, Polygon
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from geodata.borderlands.derive import lakes as lake_outlines
from geodata.borderlands.derive.courses import drawn_rivers
from geodata.borderlands.derive.packages import PACKAGES, member
from geodata.borderlands.region import BORDERLANDS

CRS = "EPSG:4326"
ISO2 = {"GTM": "GT", "HND": "HN", "BLZ": "BZ", "SLV": "SV", "MEX": "MX", "NIC": "NI"}
DEGREE_KM = 111.2
#: Square kilometres of a square degree in the middle of the region.
DEGREE_KM2 = DEGREE_KM**2 * float(np.cos(np.radians(15.75)))
#: A lake is at least this large (km2), and twice this wide (degrees).
LAKE_KM2 = 0.3
LAKE_HALF_WIDTH = 0.0012
#: Width given to a barrier beach that the country layer lacks (degrees, ~400 m).
BARRIER = 0.0036
#: A bay whose mouth is narrower than twice this (degrees) is a lagoon if larger than:
MOUTH_HALF_WIDTH = 0.003
LAGOON_KM2 = 100.0
#: Inland water with its shore this near to the sea (degrees, ~5 km) is a lagoon,
#: unless ``lakes.csv`` says otherwise.
COASTAL = 0.045
#: A name of ``cays.csv`` belongs to an islet this near (degrees, ~1.7 km).
ISLET_REACH = 0.015
#: Lakes up to this size (km2), this near to a river or border (degrees), are its pools.
POOL_KM2 = 6.0
POOL_REACH = 0.02
#: The Sapodilla Cayes, administered by Belize, claimed by Guatemala and Honduras too.
SAPODILLA = shapely.box(-88.45, 16.02, -88.1, 16.3)
#: And one of ``lakes.csv`` to a lake this near (degrees, ~2.2 km).
LAKE_REACH = 0.02


def polygons(geometry: BaseGeometry) -> BaseGeometry:
    """The polygonal parts of a geometry, as Polygon or MultiPolygon."""
    parts = [p for p in shapely.get_parts(geometry) if isinstance(p, Polygon)]
    groups = [g for g in shapely.get_parts(geometry) if isinstance(g, MultiPolygon)]
    return shapely.union_all(parts + [p for g in groups for p in g.geoms])


def clipped(geometry: BaseGeometry) -> BaseGeometry:
    """A polygon clipped to the box, then made valid (cheap in this order)."""
    return polygons(shapely.make_valid(shapely.clip_by_rect(geometry, *BORDERLANDS.bbox)))


def _features(directory: Path, key: str, path: str) -> list[dict[str, Any]]:
    features: list[dict[str, Any]] = json.loads(member(directory, PACKAGES[key], path))["features"]
    return features


def by_country(directory: Path, key: str) -> dict[str, BaseGeometry]:
    """Clipped polygons of a geo-maps layer by country code."""
    result = {}
    for feature in _features(directory, key, "package/map.geo.json"):
        code = ISO2.get(feature["properties"]["A3"])
        if code:
            result[code] = clipped(shape(feature["geometry"]))
    return dict(sorted(result.items()))


def _wkb_polygons(raw: bytes) -> Iterator[bytes]:
    """WKB of the polygons of a little-endian multipolygon whose extents meet the box."""
    west, south, east, north = BORDERLANDS.bbox
    (count,) = struct.unpack_from("<I", raw, 5)
    start = 9
    for _ in range(count):
        (rings,) = struct.unpack_from("<I", raw, start + 5)
        at = start + 9
        near = False
        for ring in range(rings):
            (points,) = struct.unpack_from("<I", raw, at)
            if ring == 0:
                outer = np.frombuffer(raw, "<f8", 2 * points, at + 4).reshape(-1, 2)
                (x0, y0), (x1, y1) = outer.min(axis=0), outer.max(axis=0)
                near = x0 < east and x1 > west and y0 < north and y1 > south
            at += 4 + 16 * points
        if near:
            yield raw[start:at]
        start = at


def osm_land(directory: Path) -> BaseGeometry:
    """OpenStreetMap land, lakes filled, from the shapes embedded in roaring-landmask."""
    library = member(directory, PACKAGES["coast"], "roaring_landmask/roaring_landmask.abi3.so")
    start = library.index(b"osm.wkb.xz\xfd7zXZ") + len(b"osm.wkb.xz")
    raw = lzma.LZMADecompressor().decompress(library[start:])
    parts = shapely.clip_by_rect(shapely.from_wkb(list(_wkb_polygons(raw))), *BORDERLANDS.bbox)
    return polygons(shapely.union_all(shapely.make_valid(parts)))


def _opened(geometry: BaseGeometry, radius: float) -> BaseGeometry:
    """Morphological opening: what a disc of the radius can reach from inside."""
    return polygons(shapely.intersection(geometry.buffer(-radius).buffer(radius * 1.2), geometry))


def inland_water(water: BaseGeometry, sea: BaseGeometry) -> BaseGeometry:
    """Lakes among the water that the country layer has inside the coast.

    Where such water touches the open sea the barrier beach between them is
    missing from the country layer; one of ~400 m is put back.
    """
    wide = []
    for part in shapely.get_parts(water):
        if part.area * DEGREE_KM2 < LAKE_KM2:
            continue
        near = shapely.clip_by_rect(sea, *shapely.box(*part.bounds).buffer(BARRIER).bounds)
        inner = polygons(part.difference(near.buffer(BARRIER)))
        wide += list(shapely.get_parts(_opened(inner, LAKE_HALF_WIDTH)))
    return shapely.union_all([p for p in wide if p.area * DEGREE_KM2 >= LAKE_KM2])


def enclosed_bays(sea: BaseGeometry) -> BaseGeometry:
    """Large parts of the sea reached only through a mouth under ~650 m."""
    cores = shapely.get_parts(sea.buffer(-MOUTH_HALF_WIDTH))
    open_water = [c for c in cores if c.area * DEGREE_KM2 > 5000]
    bays = [c for c in cores if LAGOON_KM2 < c.area * DEGREE_KM2 <= 5000]
    grown = shapely.intersection(shapely.union_all(bays).buffer(MOUTH_HALF_WIDTH * 1.3), sea)
    return polygons(grown.difference(shapely.union_all(open_water).buffer(MOUTH_HALF_WIDTH * 1.3)))


def _owner(piece: BaseGeometry, land: dict[str, BaseGeometry], sea: dict[str, BaseGeometry]) -> str:
    """Country of a piece of land that the country layer lacks."""
    touching = {c: piece.intersection(g).length for c, g in land.items() if piece.intersects(g)}
    if touching:
        return max(touching, key=lambda code: (touching[code], code))
    if SAPODILLA.contains(piece):
        return "BZ"
    waters = [c for c, g in sea.items() if g.intersects(piece)]
    near = waters or list(land)
    return min(near, key=lambda code: (piece.distance(land[code]), code))


def complete(
    land: BaseGeometry, known: dict[str, BaseGeometry], territorial: dict[str, BaseGeometry]
) -> dict[str, BaseGeometry]:
    """Share out all land among the countries, keeping their common borders."""
    kept = {code: polygons(g.intersection(land)) for code, g in known.items()}
    for geometry in kept.values():
        shapely.prepare(geometry)
    pieces: dict[str, list[BaseGeometry]] = {code: [] for code in kept}
    for piece in shapely.get_parts(land.difference(shapely.union_all(list(known.values())))):
        if isinstance(piece, Polygon):
            pieces[_owner(piece, kept, territorial)].append(piece)
    return {c: polygons(shapely.union_all([kept[c], *pieces[c]])) for c in kept}


@dataclass(frozen=True)
class Nations:
    """Layers from the same two sources, and the shapes from which they were made.

    Parameters
    ----------
    countries
        Land; only the lakes of the layer `lakes` are cut out of it.
    lakes, lakes_gshhg, lakes_natural_earth
        Lakes by the source of their outline.
    water
        Everything except land: open sea, lagoons, lakes.
    inland
        All water of the country layer inside the coast, large and small.
    crude
        Lakes in `inland`, with the outlines of the country layer.
    """

    countries: gpd.GeoDataFrame
    territorial: gpd.GeoDataFrame
    cays: gpd.GeoDataFrame
    lakes: gpd.GeoDataFrame
    lakes_gshhg: gpd.GeoDataFrame
    lakes_natural_earth: gpd.GeoDataFrame
    water: BaseGeometry
    inland: BaseGeometry
    crude: gpd.GeoDataFrame


def nation_layers(directory: Path) -> Nations:
    """The layers countries, territorial, cays and lakes."""
    box = shapely.box(*BORDERLANDS.bbox)
    known = by_country(directory, "land")
    territorial = by_country(directory, "maritime")
    coast = osm_land(directory)
    sea = polygons(box.difference(coast))
    missing = coast.difference(shapely.union_all(list(known.values())))
    bays = enclosed_bays(sea)
    crude = without_pools(inland_water(missing, sea), known)
    points = [label.point for label in _labels("lakes.csv")]
    finer = inland_water(lake_outlines.gshhg(directory).difference(bays), sea)
    fine = lake_outlines.beyond(lake_outlines.natural_earth(directory), finer.union(bays))
    rest = lake_outlines.beyond(crude, shapely.union_all([finer, fine]))
    own = lake_outlines.outlined(rest, points, km2=_km2).difference(bays)
    dry = coast.difference(own)
    land = complete(dry, known, territorial)
    lakes = _polygons_of(shapely.union_all([own, bays]))
    wet = shapely.union_all([finer, fine])
    return Nations(
        countries=_frame(land),
        territorial=_frame(territorial),
        cays=missing_cays(dry, known, land),
        lakes=name_lakes(lakes, sea),
        lakes_gshhg=name_lakes(lake_outlines.parted(_polygons_of(finer), points), sea),
        lakes_natural_earth=name_lakes(_polygons_of(fine), sea),
        water=polygons(box.difference(shapely.union_all(list(land.values())))).union(wet),
        inland=missing,
        crude=name_lakes(_polygons_of(crude), sea),
    )


def _km2(shape: BaseGeometry) -> float:
    return float(shape.area) * DEGREE_KM2


def _polygons_of(shape: BaseGeometry) -> list[Polygon]:
    """Polygons of a geometry that are large enough for a lake."""
    parts = [part for part in shapely.get_parts(shape) if isinstance(part, Polygon)]
    return [part for part in parts if _km2(part) >= LAKE_KM2]


def shared_borders(shapes: list[BaseGeometry]) -> list[LineString]:
    """Lines that two countries have in common, merged where they meet end to end."""
    lines = []
    for i, one in enumerate(shapes):
        for other in shapes[i + 1 :]:
            common = shapely.intersection(one.boundary, other.boundary)
            parts = [p for p in shapely.get_parts(common) if isinstance(p, LineString)]
            if parts:
                lines += list(shapely.get_parts(shapely.line_merge(shapely.union_all(parts))))
    return [line for line in lines if isinstance(line, LineString)]


def without_pools(lakes: BaseGeometry, known: dict[str, BaseGeometry]) -> BaseGeometry:
    """Lakes less the small ones on a river or border: they are pools of the river."""
    lines = shapely.union_all([*drawn_rivers(), *shared_borders(list(known.values()))])
    parts = shapely.get_parts(lakes)
    small = shapely.area(parts) * DEGREE_KM2 < POOL_KM2
    return shapely.union_all(parts[~small | (shapely.distance(parts, lines) > POOL_REACH)])


def missing_cays(
    dry: BaseGeometry, known: dict[str, BaseGeometry], land: dict[str, BaseGeometry]
) -> gpd.GeoDataFrame:
    """Islands that the country layer lacks, named by the points of ``cays.csv``."""
    mapped = shapely.STRtree([g for c in known.values() for g in shapely.get_parts(c)])
    islands = [p for p in shapely.get_parts(dry) if not len(mapped.query(p, "intersects"))]
    nations = list(land)
    tree_of_land = shapely.STRtree([land[code] for code in nations])
    owners = [nations[int(tree_of_land.nearest(p.representative_point()))] for p in islands]
    frame = gpd.GeoDataFrame({"name": "", "country": owners}, geometry=islands, crs=CRS)
    tree = shapely.STRtree(islands)
    for label in _labels("cays.csv"):
        hit = int(tree.nearest(label.point))
        if islands[hit].distance(label.point) <= ISLET_REACH:
            frame.loc[hit, "name"] = label.name
    return frame.iloc[np.argsort([-g.area for g in islands], kind="stable")].reset_index(drop=True)


def _frame(geometries: dict[str, BaseGeometry]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"country": list(geometries)}, geometry=list(geometries.values()), crs=CRS
    )


@dataclass(frozen=True)
class PlacedName:
    """A name for the shape nearest to a point."""

    name: str
    kind: str
    point: shapely.Point


def _labels(file: str) -> list[PlacedName]:
    with (Path(__file__).parent / "tables" / file).open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    points = [shapely.Point(float(row["x"]), float(row["y"])) for row in rows]
    return [
        PlacedName(row["name"], row.get("kind", ""), point)
        for row, point in zip(rows, points, strict=True)
    ]


def name_lakes(lakes: list[Polygon], sea: BaseGeometry) -> gpd.GeoDataFrame:
    """Name lakes by the points of ``lakes.csv`` and tell lagoons from lakes."""
    tree = shapely.STRtree(lakes)
    name = [""] * len(lakes)
    kind = ["lagoon" if g.distance(sea) <= COASTAL else "lake" for g in lakes]
    for label in _labels("lakes.csv"):
        hit = int(tree.nearest(label.point))
        if lakes[hit].distance(label.point) <= LAKE_REACH:
            name[hit], kind[hit] = label.name, label.kind
    frame = gpd.GeoDataFrame({"name": name, "kind": kind}, geometry=lakes, crs=CRS)
    order = np.argsort([-g.area for g in lakes], kind="stable")
    return frame.iloc[order].reset_index(drop=True)


def admin1(directory: Path) -> gpd.GeoDataFrame:
    """First-order units of the study countries.

    Their outer edge (Natural Earth) departs from the coast and borders of
    ``countries`` by up to a few kilometres. Code that samples the layer assigns each part of a
    study country's land to the nearest unit of that country.
    """
    rows = []
    for feature in _features(directory, "admin1", "package/data/build.json"):
        properties = feature["properties"]
        country = str(properties.get("iso_a2", ""))
        if country in BORDERLANDS.countries and properties["iso_3166_2"].startswith(country):
            geometry = clipped(shape(feature["geometry"]))
            rows.append((properties["iso_3166_2"], properties["name"], country, geometry))
    frame = gpd.GeoDataFrame(
        rows, columns=["iso", "name", "country", "geometry"], geometry="geometry", crs=CRS
    )
    return frame.sort_values("iso").reset_index(drop=True)
