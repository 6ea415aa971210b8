"""Objects of an extract from which layers are made, with geometry and tags."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from osmium import InvalidLocationError
from osmium.filter import TagFilter
from osmium.geom import WKBFactory, use_nodes
from shapely import Point
from shapely.geometry.base import BaseGeometry

from geodata.area.geodesy import geodesic
from geodata.arrays import Float64Array, Int64Array
from geodata.sources.osm.extract import Extract
from geodata.sources.osm.features.shapes import area, is_closed, polygon

CROSSED_M = 1000.0
"""Largest gap of missing nodes that a way crosses straight, in metres. Assumption."""
_HEADER = 18
_INNER = ("inner",)
_AREAS = ("multipolygon", "boundary")

Tags = Mapping[str, str]
Values = Mapping[str, frozenset[str]]
"""Allowed values by key; an object needs one of them."""


@dataclass(frozen=True)
class Object:
    """A node, a way or a relation that has tags.

    Parameters
    ----------
    line
        Vertices of a way.
    gaps
        Vertices that come after a gap of missing nodes of more than `CROSSED_M`.
    """

    kind: Literal["node", "way", "relation"]
    id: int
    tags: Tags
    line: Float64Array | None = None
    gaps: tuple[int, ...] = ()
    shape: BaseGeometry | None = None

    @property
    def pieces(self) -> list[Float64Array]:
        """Its line without gaps."""
        if self.line is None:
            return []
        return [piece for piece in np.split(self.line, self.gaps) if len(piece) > 1]

    @property
    def area(self) -> BaseGeometry | None:
        """The object as an area, straight over gaps; None if it is not an area."""
        if self.shape is not None and self.kind == "relation":
            return self.shape
        if self.line is not None and is_closed(self.line):
            return polygon(self.line)
        return None

    @property
    def point(self) -> Point | None:
        """Position of the object: of an area the centroid, of a line the mean of its vertices."""
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
        Names of areas whose ways close no ring, because the extract lacks some.
    broken_ways, missing_nodes
        Ways with gaps, and how many nodes they lack.
    """

    objects: list[Object] = field(default_factory=list)
    incomplete: list[str] = field(default_factory=list)
    broken_ways: int = 0
    missing_nodes: int = 0


def read_objects(extract: Extract, values: Values) -> Objects:
    """Objects of an extract that have one of some values; of boundaries those with a code.

    Raises
    ------
    DataError
        When a file cannot be read to its end, or is not sorted.
    """
    sought = [(key, value) for key, some in values.items() for value in sorted(some)]
    relations = _relations(extract, values, TagFilter(*sought))
    members = {ref for _, _, parts in relations for ref, _ in parts}
    lines: dict[int, Float64Array] = {}
    result = Objects()
    factory = WKBFactory()
    for each in extract.nodes_and_ways(nodes=TagFilter(*sought), ways=None):
        tags = dict(each.tags) if len(each.tags) else {}
        own = _is_sought(tags, values)
        if each.is_node():
            place = each.location
            if own and place.valid():
                point = Point(place.lon, place.lat)
                result.objects.append(Object("node", each.id, tags, shape=point))
            continue
        if not own and each.id not in members:
            continue
        line, gaps = _line(each, factory, extract, result)
        if each.id in members:
            lines[each.id] = line
        if own and len(line) > 1:
            result.objects.append(Object("way", each.id, tags, line=line, gaps=gaps))
    _assemble(relations, lines, result)
    return result


Relation = tuple[int, dict[str, str], list[tuple[int, str]]]


def _relations(extract: Extract, values: Values, sought: TagFilter) -> list[Relation]:
    """Areas made of ways: id, tags, and ways with their roles."""
    areas: list[Relation] = []
    for each in extract.relations(sought):
        tags = dict(each.tags)
        kind = tags.get("type")
        if kind in _AREAS and (kind != "boundary" or _coded(tags)) and _is_sought(tags, values):
            members = [(part.ref, part.role) for part in each.members if part.type == "w"]
            areas.append((each.id, tags, members))
    return areas


def _is_sought(tags: Tags, values: Values) -> bool:
    return any(
        tags.get(key) in some and (key != "boundary" or _coded(tags))
        for key, some in values.items()
    )  # fmt: skip


def _coded(tags: Tags) -> bool:
    """Whether a boundary has an ISO 3166 code; others are not used."""
    return any(key.startswith("ISO3166") for key in tags)


def _line(
    way: Any, factory: WKBFactory, extract: Extract, result: Objects
) -> tuple[Float64Array, tuple[int, ...]]:
    """Vertices of a way, and which of them come after a gap of missing nodes.

    A closed way stays closed as an area; as a line it is split at long gaps.
    """
    nodes = way.nodes
    if len(nodes) < 2:
        return np.empty((0, 2)), ()
    try:
        text = factory.create_linestring(nodes, use_nodes.ALL)
    except InvalidLocationError:
        runs = extract.runs(way)
        line = np.array([place for run in runs for _, place in run]).reshape(-1, 2)
        result.broken_ways += 1
        result.missing_nodes += len(nodes) - len(line)
        gaps = np.cumsum([len(run) for run in runs[:-1]], dtype=np.int64)
        return _around(line, gaps) if way.is_closed() else (line, _long(line, gaps))
    return np.frombuffer(bytes.fromhex(text[_HEADER:]), "<f8").reshape(-1, 2), ()


def _around(line: Float64Array, gaps: Int64Array) -> tuple[Float64Array, tuple[int, ...]]:
    """A line closed to a ring; all of it gaps where it is too short for an area."""
    if not (len(line) > 1 and (line[0] == line[-1]).all()):
        # Its first and last node is missing, which is one more gap.
        line, gaps = np.vstack([line, line[:1]]), np.append(gaps, len(line))
    return line, _long(line, gaps) if is_closed(line) else tuple(range(1, len(line)))


def _long(line: Float64Array, gaps: Int64Array) -> tuple[int, ...]:
    """Vertices that come after a gap too long to be crossed."""
    before, after = line[gaps - 1], line[gaps]
    metres = geodesic(before[:, 0], before[:, 1], after[:, 0], after[:, 1])
    return tuple(gaps[metres > CROSSED_M].tolist())


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


def objects_with(objects: Objects, values: Values) -> Iterator[Object]:
    """Objects that have one of some values."""
    return (each for each in objects.objects if _is_sought(each.tags, values))
