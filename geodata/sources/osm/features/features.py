"""Layers other than roads from an extract, each in its canonical form."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.area.box import Box, longitudes_about
from geodata.area.geodesy import GEOD, geodesic
from geodata.arrays import Float64Array
from geodata.computing.tasks import computed_once
from geodata.errors import InputError
from geodata.sources.layers.schema import SCHEMAS
from geodata.sources.osm.extract import Extract
from geodata.sources.osm.features.coast import Land, land_of
from geodata.sources.osm.features.objects import (
    CROSSED_M,
    Object,
    Values,
    objects_with,
    read_objects,
)
from geodata.sources.osm.features.shapes import parts_of

SOURCE = "OpenStreetMap"
LEAST_LAKE_KM2 = 0.05
"""Lakes below this are left out: assumption."""
SAME_TOWN_M = 5000.0
"""Towns of one name are one within this: assumption."""
_NO_LAKES = frozenset({
    "river", "canal", "stream", "ditch", "drain", "wastewater", "basin", "fountain", "moat",
    "lock", "rapids", "stream_pool", "reflecting_pool",
})  # fmt: skip
_COUNTRY = ("ISO3166-1", "ISO3166-1:alpha2")
_ON_WATER = ("boat", "ship", "motorboat", "CEMT")
_NO = frozenset({"", "no", "0", "private"})
_DIGITS = re.compile(r"\d+")
_POSTS: Sequence[tuple[str, Mapping[str, str]]] = (
    ("barrier", {"border_control": "border post", "customs": "customs post"}),
    ("amenity", {"police": "police", "courthouse": "court", "customs": "customs post"}),
    ("government", {"customs": "customs post", "border_control": "border post"}),
    ("military", {
        "naval_base": "naval base", "base": "military base", "barracks": "military base",
        "checkpoint": "military checkpoint", "office": "military post", "airfield": "air base",
    }),
    ("landuse", {"military": "military base"}),
)  # fmt: skip
"""Kind of a post by key and value of its tags; the first match counts."""
_UNITS = {"boundary": frozenset({"administrative", "land_area"})}
_VALUES: Mapping[str, Values] = {
    "coast": {"natural": frozenset({"coastline"})},
    "lakes": {"natural": frozenset({"water"}), "landuse": frozenset({"reservoir"})},
    "rivers": {"waterway": frozenset({"river", "canal"})},
    "admin1": _UNITS,
    "countries": _UNITS,
    "places": {"place": frozenset({"city", "town", "village", "hamlet"})},
    "posts": {key: frozenset(kinds) for key, kinds in _POSTS},
    "crossings": {
        "barrier": frozenset({"border_control"}), "government": frozenset({"border_control"}),
    },
    "airports": {"aeroway": frozenset({"aerodrome", "airstrip"})},
    "ports": {
        "industrial": frozenset({"port"}), "seamark:type": frozenset({"harbour"}),
        "harbour": frozenset({"yes", "port"}), "amenity": frozenset({"ferry_terminal"}),
        "landuse": frozenset({"port"}),
    },
}  # fmt: skip
"""Tags of the objects of each layer; other objects are not read."""


class OsmLayers:
    """Layers of one extract, or of several that overlap, read once for all of them.

    Parameters
    ----------
    box
        Areas and lines are clipped to it; points outside are left out.

    Raises
    ------
    DataError
        When a file cannot be read.
    """

    def __init__(self, paths: Sequence[Path | str], box: Box) -> None:
        self.box = box
        self.remarks: list[str] = []
        self._objects = read_objects(Extract(paths), _together(_VALUES.values()))
        if self._objects.missing_nodes:
            self.remarks.append(
                f"{self._objects.broken_ways:,} ways of layers lack "
                f"{self._objects.missing_nodes:,} of their nodes, as extracts that are cut roughly "
                "do: coasts and rivers end there if more than "
                f"{CROSSED_M / 1000:g} km are missing, and areas close straight."
            )
        if self._objects.incomplete:
            names = ", ".join(sorted(self._objects.incomplete)[:3])
            self.remarks.append(
                f"{len(self._objects.incomplete):,} areas are left out since the files lack ways "
                f"that they are made of: {names}."
            )

    def frame(self, name: str) -> gpd.GeoDataFrame | pd.DataFrame:
        """A layer with the columns of its schema.

        Raises
        ------
        InputError
            When an extract has no such layer.
        """
        maker = _MAKERS.get(name)
        if maker is None:
            raise InputError("layer", name, f"OpenStreetMap has {', '.join(_MAKERS)}.")
        rows = list(maker(self))
        columns = list(SCHEMAS[name])
        if "geometry" in columns:
            shapes = gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs="EPSG:4326")
            return gpd.GeoDataFrame(shapes.astype(_types(name)))
        return pd.DataFrame(rows, columns=columns).astype(_types(name))

    def coast(self) -> Iterable[dict[str, Any]]:
        """Land within the coastlines."""
        return ({"geometry": piece} for piece in self._land.polygons)

    @computed_once
    def _land(self) -> Land:
        lines = [self._moved(line) for line in self._coastlines()]
        land = land_of(lines, self.box)
        self.remarks.extend(land.remarks)
        return land

    def _coastlines(self) -> list[Float64Array]:
        return [piece for each in self._of("coast") for piece in each.pieces]

    def lakes(self) -> Iterable[dict[str, Any]]:
        """Standing waters."""
        for each in self._of("lakes"):
            if each.tags.get("water") in _NO_LAKES:
                continue
            shape = self._within(each.area)
            if shape is None:
                continue
            square_metres, _ = GEOD.geometry_area_perimeter(shape)
            if abs(square_metres) < LEAST_LAKE_KM2 * 1e6:
                continue
            salt = each.tags.get("salt") == "yes" or each.tags.get("tidal") == "yes"
            lagoon = each.tags.get("water") == "lagoon" or salt
            yield {"name": each.tags.get("name", ""), "kind": "lagoon" if lagoon else "lake",
                   "geometry": shape}  # fmt: skip

    def rivers(self) -> Iterable[dict[str, Any]]:
        """Rivers and canals, navigable where their tags allow boats."""
        for each in self._of("rivers"):
            navigable = any(each.tags.get(key, "") not in _NO for key in _ON_WATER)
            lines = [shapely.LineString(self._moved(piece)) for piece in each.pieces]
            inside = shapely.intersection(np.array(lines, object), shapely.box(*self.box))
            kind = "channel" if each.tags["waterway"] == "canal" else "river"
            for part in (part for line in inside for part in parts_of(line, shapely.LineString)):
                yield {"name": each.tags.get("name", ""), "country": "", "kind": kind,
                       "navigable": navigable, "source": SOURCE, "geometry": part}  # fmt: skip

    def admin1(self) -> Iterable[dict[str, Any]]:
        """Administrative units with a code of ISO 3166-2."""
        for code, each, shape in self._units("ISO3166-2"):
            yield {"iso": code, "name": each.tags.get("name", code), "country": code[:2],
                   "geometry": shape}  # fmt: skip

    def countries(self) -> Iterable[dict[str, Any]]:
        """Countries, cut at the coast: in OpenStreetMap they include the sea."""
        land = shapely.union_all(self._land.polygons) if self._coastlines() else None
        for code, _, shape in self._units(*_COUNTRY):
            dry = shape if land is None else shapely.intersection(shape, land)
            if polygons := parts_of(dry, shapely.Polygon):
                yield {"country": code, "geometry": shapely.MultiPolygon(polygons)}

    def outlines(self) -> gpd.GeoDataFrame:
        """Countries with their territorial sea, by ``country``."""
        rows = list(self._units(*_COUNTRY))
        shapes = [shape for _, _, shape in rows]
        return gpd.GeoDataFrame(
            {"country": [code for code, _, _ in rows]}, geometry=shapes, crs="EPSG:4326"
        )

    def _units(self, *keys: str) -> Iterable[tuple[str, Object, BaseGeometry]]:
        """Areas with a code, each code once: the first relation of it that forms an area."""
        seen: set[str] = set()
        for each in objects_with(self._objects, _UNITS):
            code = next((each.tags[key] for key in keys if key in each.tags), "")
            if not code or code in seen:
                continue
            shape = self._within(each.area)
            if shape is not None:
                seen.add(code)
                yield code, each, shape

    def places(self) -> Iterable[dict[str, Any]]:
        """Populated places; hamlets only if their population is known.

        Many places are mapped as a point and as an area: the one with more people counts.
        """
        towns = []
        for each, x, y in self._points(self._of("places")):
            people = _people(each.tags.get("population", ""))
            if each.tags.get("name") and (people or each.tags["place"] != "hamlet"):
                towns.append(_Town(each, x, y, people))
        for town in _once(towns):
            each, place = town.object, shapely.Point(town.x, town.y)
            yield {"id": each.id, "name": each.tags.get("name", ""), "country": "", "admin1": "",
                   "population": town.people, "geometry": place}  # fmt: skip

    def posts(self) -> Iterable[dict[str, Any]]:
        """Posts of the state: of borders, police, courts and the military."""
        for each, x, y in self._points(self._of("posts")):
            yield {"name": each.tags.get("name", ""), "kind": _post(each.tags), "country": "",
                   "admin1": "", "town": "", "x": x, "y": y, "source": SOURCE, "year": None,
                   "unverified": False}  # fmt: skip

    def crossings(self) -> Iterable[dict[str, Any]]:
        """Border control posts, as crossings of the border beside them."""
        for each, x, y in self._points(self._of("crossings")):
            yield {"id": f"osm-{each.kind}-{each.id}", "name": each.tags.get("name", ""),
                   "border": "", "kind": "formal", "country_a": "", "town_a": "",
                   "country_b": "", "town_b": "", "x": x, "y": y, "road": "", "source": SOURCE,
                   "year": None, "unverified": False}  # fmt: skip

    def airports(self) -> Iterable[dict[str, Any]]:
        """Aerodromes and airstrips."""
        for each, x, y in self._points(self._of("airports")):
            tags = each.tags
            ident = tags.get("icao") or tags.get("iata") or f"osm-{each.kind}-{each.id}"
            yield {"ident": ident, "name": tags.get("name", ""), "kind": _airport(tags),
                   "country": "", "x": x, "y": y}  # fmt: skip

    def ports(self) -> Iterable[dict[str, Any]]:
        """Ports, harbours and ferry terminals."""
        for each, x, y in self._points(self._of("ports")):
            ferry = each.tags.get("amenity") == "ferry_terminal"
            yield {"name": each.tags.get("name", ""), "country": "", "x": x, "y": y,
                   "size": "very small" if ferry else "unknown", "source": SOURCE}  # fmt: skip

    def _of(self, layer: str) -> Iterable[Object]:
        """Objects of a layer by their tags."""
        return objects_with(self._objects, _VALUES[layer])

    def _points(self, objects: Iterable[Object]) -> Iterable[tuple[Object, float, float]]:
        """Objects within the box as points, areas at their centroid."""
        west, south, east, north = self.box
        for each in objects:
            place = each.point
            if place is None:
                continue
            x, y = self._moved(np.array([[place.x, place.y]]))[0].tolist()
            if west <= x <= east and south <= y <= north:
                yield each, x, y

    def _within(self, shape: BaseGeometry | None) -> BaseGeometry | None:
        """Polygons of an area clipped to the box; None where it lies outside."""
        if shape is None:
            return None
        cut = shapely.intersection(shapely.transform(shape, self._moved), shapely.box(*self.box))
        polygons = parts_of(cut, shapely.Polygon)
        return shapely.MultiPolygon(polygons) if polygons else None

    def _moved(self, line: Any) -> Any:
        """Vertices with longitudes around the middle of the box."""
        middle = self.box.middle
        low = line[:, 0].min(initial=middle) < middle - 180
        if not low and line[:, 0].max(initial=middle) <= middle + 180:
            return line
        return np.column_stack([longitudes_about(middle, line[:, 0]), line[:, 1]])


_MAKERS: Mapping[str, Callable[[OsmLayers], Iterable[dict[str, Any]]]] = {
    "coast": OsmLayers.coast, "lakes": OsmLayers.lakes, "rivers": OsmLayers.rivers,
    "admin1": OsmLayers.admin1, "countries": OsmLayers.countries, "places": OsmLayers.places,
    "crossings": OsmLayers.crossings, "ports": OsmLayers.ports, "airports": OsmLayers.airports,
    "posts": OsmLayers.posts,
}  # fmt: skip


def _together(several: Iterable[Values]) -> Values:
    """Values of several layers, by key."""
    every: dict[str, frozenset[str]] = {}
    for values in several:
        for key, some in values.items():
            every[key] = every.get(key, frozenset()) | some
    return every


def layers_of(paths: Sequence[Path | str], box: Box) -> OsmLayers:
    """Layers of one extract or several, cached until a file changes.

    Raises
    ------
    DataError
        When a file cannot be read.
    """
    return _kept(tuple(_stamp(Path(path)) for path in paths), box)


def _stamp(path: Path) -> tuple[str, int, int]:
    """A file, when it was changed and how large it is; zeros where there is none."""
    if not path.exists():
        return str(path), 0, 0
    state = path.stat()
    return str(path), state.st_mtime_ns, state.st_size


@lru_cache(maxsize=1)
def _kept(stamps: tuple[tuple[str, int, int], ...], box: Box) -> OsmLayers:
    return OsmLayers([path for path, _, _ in stamps], box)


class _Town(NamedTuple):
    """A populated place with its population."""

    object: Object
    x: float
    y: float
    people: int


def _once(towns: Sequence[_Town]) -> Iterable[_Town]:
    """Towns without those that have the name of a more populous one beside them."""
    of_name: dict[str, list[int]] = {}
    for row, town in enumerate(towns):
        of_name.setdefault(town.object.tags["name"], []).append(row)
    left: set[int] = set()
    for rows in of_name.values():
        ranked = sorted(rows, key=lambda row: -towns[row].people)
        for at, row in enumerate(ranked):
            kept = [other for other in ranked[:at] if other not in left]
            left |= {row} if any(_beside(towns[row], towns[other]) for other in kept) else set()
    return (town for row, town in enumerate(towns) if row not in left)


def _beside(one: _Town, other: _Town) -> bool:
    return bool(geodesic(one.x, one.y, other.x, other.y) < SAME_TOWN_M)


def _people(text: str) -> int:
    """Population from a tag, 0 if unknown: ``12 345``, ``12,345``, ``~500``."""
    digits = _DIGITS.findall(re.sub(r"(?<=\d)[ .,'\u00a0\u202f](?=\d{3}(?!\d))", "", text))
    return int(digits[0]) if digits and len(digits[0]) < 10 else 0


def _post(tags: Mapping[str, str]) -> str:
    """Kind of a post of the state, or an empty text."""
    return next((kinds[tags[key]] for key, kinds in _POSTS if tags.get(key) in kinds), "")


def _airport(tags: Mapping[str, str]) -> str:
    kind = f"{tags.get('aerodrome', '')} {tags.get('aerodrome:type', '')}"
    if "international" in kind:
        return "large_airport"
    return "medium_airport" if tags.get("iata") else "small_airport"


def _types(name: str) -> Any:
    """Types of the columns of a layer, for frames without rows too."""
    types = {"str": "str", "int": "int64", "float": "float64", "bool": "bool", "year": "Int64"}
    return {column: types[kind] for column, kind in SCHEMAS[name].items() if kind in types}
