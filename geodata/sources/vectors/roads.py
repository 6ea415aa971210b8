"""Roads of any vector file as nodes and links: class, surface, direction and speed by column."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from geodata.area.study_area import StudyArea
from geodata.entries.lists import read_list
from geodata.errors import DataError
from geodata.sources.area_file import Layer, Roads
from geodata.sources.osm.roads import OsmRoads, roads_of_ways
from geodata.sources.osm.tags import TAGS
from geodata.sources.userfiles.layer import UserLayer
from geodata.sources.vectors.files.columns import check_rename, column_of, text_of, used_by
from geodata.sources.vectors.files.features import Choice
from geodata.sources.vectors.files.files import each_file
from geodata.sources.vectors.overture import NEEDED, add_segments, is_overture
from geodata.sources.vectors.reading import read_box
from geodata.sources.vectors.ways import RoadLines, ways_of

COLUMNS: Mapping[str, str] = {
    "class": "highway", "surface": "surface", "oneway": "oneway", "maxspeed": "maxspeed",
    "name": "name", "ref": "ref", "access": "access", "bridge": "bridge", "tunnel": "tunnel",
    "level": "layer", "route": "route", "duration": "duration",
}  # fmt: skip
"""Canonical columns of roads, and the tag of OpenStreetMap that each is."""
SCHEMA = {**dict.fromkeys(COLUMNS, "str"), "geometry": "LineString"}
_HIGHWAYS = frozenset({
    "construction", "proposed", "raceway", "platform", "corridor", "elevator", "bus_guideway",
    "busway", "via_ferrata", "escape", "rest_area", "services", "razed", "abandoned", "disused",
    "emergency_bay", "emergency_access_point", "no", "planned", "crossing", "street_lamp",
})  # fmt: skip
"""Values of OpenStreetMap that are no road, or not built yet: left out and counted."""
_ONE_WAY = {
    "true": "yes", "1": "yes", "yes": "yes", "y": "yes", "f": "yes", "ft": "yes",
    "-1": "-1", "reverse": "-1", "t": "-1", "tf": "-1",
    "no": "no", "false": "no", "0": "no", "b": "no", "n": "no", "": "no", "both": "no",
    "reversible": "reversible", "alternating": "alternating",
}  # fmt: skip
"""Directions as OpenStreetMap, Geofabrik (B, F, T) and ESRI (FT, TF) write them."""
_PLAIN_SURFACES = {"mixed": "compacted"}


def vector_roads(
    layers: Sequence[Layer], area: StudyArea, *, rules: Roads, merged: bool = True
) -> OsmRoads:
    """Roads of layers of vector files within the box of an area, joined where they meet.

    Files of Overture's transportation theme are known by their columns; they meet where they
    share connectors. Of other files each line has a class, by the column that `layer.rename`
    gives for ``class``, which `layer.classes` translates to a class of the rules or of the
    network.

    Parameters
    ----------
    layers
        Their `rename` may give ``class surface oneway maxspeed name ref access bridge tunnel level
        route duration``; columns that are called as tags of OpenStreetMap need none.
    rules
        Classes, speeds, delays, and what becomes of islands.
    merged
        Whether links are merged that only lead on into each other.

    Raises
    ------
    InputError, DataError, OSError
        When a file cannot be read, has no line in the area, or has an unknown class.
    """
    lines, left_out = RoadLines(), Counter[str]()
    names = []
    for layer in layers:
        for path, rows in each_file(layer, read_box(area), used=_used(layer)):
            names.append(path)
            if is_overture(rows):
                add_segments(lines, rows, left_out)
            else:
                _add_lines(lines, layer, rows, rules, left_out)
    ways = ways_of(lines, rules, left_out=left_out)
    return roads_of_ways(ways, area.box, rules=rules, paths=names, merged=merged)


def _used(layer: Layer) -> Choice:
    """Columns of a file of roads that are read: those of tags; all of Overture's."""
    tagged = used_by(layer, (*COLUMNS, *COLUMNS.values(), *TAGS))
    return lambda headings: headings if set(NEEDED) <= set(headings) else tagged(headings)


def _add_lines(
    lines: RoadLines, layer: Layer, rows: UserLayer, rules: Roads, left_out: Counter[str]
) -> None:
    check_rename(layer, rows, SCHEMA)
    columns = {name: _column(layer, rows, name) for name in COLUMNS}
    if columns["class"] is None and columns["route"] is None:
        there = ", ".join(rows.headings) or "none"
        remedy = (
            f'Say which column has the class: rename = {{ class = "..." }}. There are: {there}.'
        )
        raise DataError(f"layer {layer.label}, column class", "missing", remedy)
    tagged = {
        heading: values
        for heading, values in rows.columns
        if heading in TAGS and heading not in COLUMNS.values()
    }
    known = _Classes(layer, rules)
    seen: set[bytes] = set()
    for row in range(len(rows)):
        tags = _tags(columns, tagged, row)
        highway = known.highway(rows, row, tags.get("highway", ""))
        if tags.get("route") == "ferry" or highway == "ferry":
            tags = {**tags, "route": "ferry"}
            tags.pop("highway", None)
        elif not highway:
            left_out[tags.get("highway", "")] += 1
            continue
        else:
            tags["highway"] = highway
        known.surface(tags)
        level = _level(tags)
        for part in _parts(rows, row):
            if not _twice(part, tags, seen):
                lines.add(part, tags, level=level)


def _column(layer: Layer, rows: UserLayer, name: str) -> Sequence[Any] | None:
    """Values of a canonical column, or of the one that is called as the tag."""
    values = column_of(layer, rows, name)
    if values is None and name not in layer.rename:
        return next((own for heading, own in rows.columns if heading == COLUMNS[name]), None)
    return values


def _parts(rows: UserLayer, row: int) -> Sequence[Any]:
    """Lines of a row, without repeated vertices."""
    shape = rows.shapes[row]
    if shape is None or shape.is_empty:
        raise DataError(rows.where(row), None, "This row has no line: give one, or take it out.")
    if shape.geom_type not in ("LineString", "MultiLineString", "LinearRing"):
        raise DataError(rows.where(row), shape.geom_type, "Give roads as lines.")
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        remedy = "A coordinate of this row is no number (NaN): mend it, or take the row out."
        raise DataError(rows.where(row), "NaN", remedy)
    parts = shapely.get_parts(shape)
    return [shapely.LineString(part) for part in parts if part.length > 0]


def _twice(line: Any, tags: Mapping[str, str], seen: set[bytes]) -> bool:
    """Whether a two-way street is known already: osmnx writes one edge for each direction."""
    if tags.get("oneway", "no") != "no":
        return False
    xy = np.round(shapely.get_coordinates(line), 7)
    key = min(xy.tobytes(), xy[::-1].tobytes())
    key += "\0".join(sorted(f"{name}={value}" for name, value in tags.items())).encode()
    if key in seen:
        return True
    seen.add(key)
    return False


def _tags(
    columns: Mapping[str, Sequence[Any] | None], tagged: Mapping[str, Sequence[Any]], row: int
) -> dict[str, str]:
    """Attributes of a row as tags of OpenStreetMap."""
    tags = {}
    for name, values in columns.items():
        text = first_of(values[row]) if values is not None else ""
        if text:
            tags[COLUMNS[name]] = text
    for key, values in tagged.items():
        text = first_of(values[row])
        if text:
            tags[key] = text
    return tags


def first_of(value: Any) -> str:
    """A value as text, of several the first: osmnx has lists where streets were merged."""
    several = read_list(value.strip()) if isinstance(value, str) else value
    if isinstance(several, list | tuple | np.ndarray):
        return text_of(several[0]) if len(several) else ""
    return text_of(value)


def _level(tags: dict[str, str]) -> int:
    """Level of a road; by default bridges are above and tunnels below the others."""
    try:
        level = round(float(tags.pop("layer", "") or 0))
    except (ValueError, OverflowError):
        level = 0
    for key, usual in (("bridge", 1), ("tunnel", -1)):
        if not level and tags.get(key, "no").lower() not in ("no", "false", "0", "f", "n"):
            level = usual
    tags.pop("tunnel", None)
    return level


class _Classes:
    """What values of a file are classes of the rules."""

    def __init__(self, layer: Layer, rules: Roads) -> None:
        self._layer, self._rules = layer, rules
        self._table = dict(layer.classes)
        of_network: dict[str, str] = {}
        for value, known in rules.classes.items():
            of_network.setdefault(known.into, value)
        self._of_network = {**of_network, "ferry": "ferry"}

    def highway(self, rows: UserLayer, row: int, text: str) -> str:
        """Value of ``highway`` that the rules have; '' for what is left out."""
        value = self._table.get(text, text)
        if text in self._table and not value:
            return ""
        plain = value.lower().replace(" ", "_")
        for each in (value, plain):
            if each in self._rules.classes:
                return each
            if each in self._of_network:
                return self._of_network[each]
        if plain in _HIGHWAYS:
            return ""
        known = ", ".join([*self._of_network, *self._rules.classes][:12])
        remedy = (
            f'Nobody knows this class: add "{text}" = "..." to the classes of the layer, an empty '
            f"text to leave such roads out. Classes are: {known}, ..."
        )
        raise DataError(rows.where(row, "class"), text, remedy)

    def surface(self, tags: dict[str, str]) -> None:
        """Bring the surface, the direction and the limit to what OpenStreetMap writes."""
        if "surface" in tags:
            surface = self._table.get(tags["surface"], tags["surface"]).lower()
            tags["surface"] = _PLAIN_SURFACES.get(surface, surface)
        if "oneway" in tags:
            tags["oneway"] = _ONE_WAY.get(tags["oneway"].lower(), "no")
        limit = tags.get("maxspeed", "")
        if limit and self._layer.unit == "mph" and _is_number(limit):
            tags["maxspeed"] = f"{limit} mph"


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
