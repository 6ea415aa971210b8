"""Objects of an extract that layers are made of: what they are, where, and their tags."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from osmium import InvalidLocationError
from osmium.geom import WKBFactory, use_nodes
from shapely import Point
from shapely.geometry.base import BaseGeometry

from geodata.arrays import Float64Array
from geodata.sources.osm.extract import Extract
from geodata.sources.osm.shapes import area, closed, polygon

KEYS = (
    "natural", "landuse", "waterway", "water", "place", "amenity", "military", "barrier", "office",
    "government", "aeroway", "harbour", "seamark:type", "industrial", "boundary",
)  # fmt: skip
"""Keys of which an object has to have one."""
_HEADER = 18
_INNER = ("inner",)
_AREAS = ("multipolygon", "boundary")

Tags = Mapping[str, str]


@dataclass(frozen=True)
class Object:
    """A node, a way or a relation that has tags."""

    kind: Literal["node", "way", "relation"]
    id: int
    tags: Tags
    line: Float64Array | None = None
    shape: BaseGeometry | None = None

    @property
    def area(self) -> BaseGeometry | None:
        """It as an area, None where it is none."""
        if self.shape is not None and self.kind == "relation":
            return self.shape
        if self.line is not None and closed(self.line):
            return polygon(self.line)
        return None

    @property
    def point(self) -> Point | None:
        """Its place, for an area the middle of it; None where it has none."""
        if self.kind == "node":
            assert isinstance(self.shape, Point)
            return self.shape
        area_ = self.area
        if area_ is not None:
            return None if area_.is_empty else area_.centroid
        return None if self.line is None or not len(self.line) else Point(*self.line.mean(axis=0))


@dataclass
class Objects:
    """All objects of an extract that layers may be made of.

    Parameters
    ----------
    incomplete
        Names of areas of which the extract lacks so many ways that none closes.
    """

    objects: list[Object] = field(default_factory=list)
    incomplete: list[str] = field(default_factory=list)


def read_objects(extract: Extract) -> Objects:
    """Objects of an extract with one of `KEYS`.

    Raises
    ------
    DataError
        When a file cannot be read to its end, or is not sorted.
    """
    relations = _relations(extract)
    members = {ref for _, _, parts in relations for ref, _ in parts}
    lines: dict[int, Float64Array] = {}
    result = Objects()
    factory = WKBFactory()
    keys = frozenset(KEYS)
    for each in extract.nodes_and_ways(node_keys=KEYS, way_keys=None):
        if each.is_node():
            place = each.location
            if place.valid():
                tags = dict(each.tags)
                result.objects.append(
                    Object("node", each.id, tags, shape=Point(place.lon, place.lat))
                )
            continue
        tags = dict(each.tags) if len(each.tags) else {}
        tagged = not keys.isdisjoint(tags)
        if not tagged and each.id not in members:
            continue
        line = _line(each, factory)
        if each.id in members:
            lines[each.id] = line
        if tagged and len(line) > 1:
            result.objects.append(Object("way", each.id, tags, line=line))
    _assemble(relations, lines, result)
    return result


Relation = tuple[int, dict[str, str], list[tuple[int, str]]]


def _relations(extract: Extract) -> list[Relation]:
    """Areas made of ways: id, tags, and ways with their roles."""
    areas: list[Relation] = []
    for each in extract.relations(*KEYS):
        tags = dict(each.tags)
        if tags.get("type") in _AREAS and (tags.get("type") != "boundary" or _coded(tags)):
            members = [(part.ref, part.role) for part in each.members if part.type == "w"]
            areas.append((each.id, tags, members))
    return areas


def _coded(tags: Tags) -> bool:
    """Whether a boundary has a code: all others are of no use here."""
    return any(key.startswith("ISO3166") for key in tags)


def _line(way: Any, factory: WKBFactory) -> Float64Array:
    nodes = way.nodes
    if len(nodes) < 2:
        return np.empty((0, 2))
    try:
        text = factory.create_linestring(nodes, use_nodes.ALL)
    except InvalidLocationError:
        known = [node.location for node in nodes if node.location.valid()]
        return np.array([(place.lon, place.lat) for place in known]).reshape(-1, 2)
    return np.frombuffer(bytes.fromhex(text[_HEADER:]), "<f8").reshape(-1, 2)


def _assemble(
    relations: list[Relation], lines: Mapping[int, Float64Array], result: Objects
) -> None:
    for id_, tags, members in relations:
        outer, inner = (
            [lines[ref] for ref, role in members if ref in lines and (role in _INNER) == within]
            for within in (False, True)
        )
        shape = area(outer, inner)
        if shape is None or shape.is_empty:
            result.incomplete.append(tags.get("name") or f"relation {id_}")
        else:
            result.objects.append(Object("relation", id_, tags, shape=shape))


def tagged(objects: Objects, **values: frozenset[str] | set[str]) -> Iterator[Object]:
    """Objects that have one of some values of a key; ``__`` stands for a colon."""
    values_of = {key.replace("__", ":"): some for key, some in values.items()}
    for each in objects.objects:
        if any(each.tags.get(key) in some for key, some in values_of.items()):
            yield each
