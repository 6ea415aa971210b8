"""Edges of street graphs as ways, as in OpenStreetMap.

Each edge becomes a way of its own. What OpenStreetMap gives for a whole way, such as the delay of a
ford or the duration of a ferry, is divided among its edges.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from geodata.area.geodesy import steps
from geodata.arrays import Float64Array, Int32Array
from geodata.errors import DataError
from geodata.sources.area_file import Roads
from geodata.sources.osm.tags import NODE_TAGS, TAGS, Gate, WayKind, gate, way_kind
from geodata.sources.osm.ways import Counts, Ways
from geodata.sources.osmnx.places import places_of
from geodata.sources.osmnx.street_graph import Edge, StreetGraph
from geodata.sources.osmnx.values import Several, tags_of, truth_of

_PLAIN = tuple(key for key in TAGS if key != "oneway")
_APART = 1e-5
"""Degrees by which positions of the same node may differ between files."""
_SAME = 7
"""Digits of degrees in which lines are compared: those of OpenStreetMap."""


@dataclass(frozen=True)
class _Drawn:
    """An edge that is used: its ends, way, tags and line."""

    u: int
    v: int
    osmid: Several
    kind: int
    name: str
    ref: str
    xy: Float64Array
    reversed: bool | None = None


@dataclass
class _Gathering:
    """Edges of all graphs, each street once."""

    rules: Roads
    classes: Mapping[str, str]
    numbers: dict[str, int] = field(default_factory=dict)
    places: list[tuple[float, float]] = field(default_factory=list)
    gates: dict[int, Gate] = field(default_factory=dict)
    kinds: list[WayKind] = field(default_factory=list)
    drawn: dict[tuple[object, ...], _Drawn] = field(default_factory=dict)
    counts: Counts = field(default_factory=Counts)
    omitted: dict[str, set[Several]] = field(default_factory=dict)
    classed: bool = False
    _kind_of: dict[tuple[tuple[str, str], ...], int] = field(default_factory=dict)

    def add(self, graph: StreetGraph, crs: str | None) -> None:
        """Add the edges of a graph."""
        there = places_of(graph, crs=crs)
        self._add_nodes(graph, there.xy)
        read: dict[int, tuple[dict[str, str], bool | None]] = {}
        lost: set[str] = set()
        for edge, line in zip(graph.edges, there.lines, strict=True):
            ends = self.numbers.get(edge.u, -1), self.numbers.get(edge.v, -1)
            if min(ends) < 0:
                lost |= {name for name in (edge.u, edge.v) if name not in self.numbers}
                self.counts.broken_ways += 1
                continue
            if id(edge.tags) not in read:
                read[id(edge.tags)] = self._read(edge.tags, directed=graph.directed)
            tags, turned = read[id(edge.tags)]
            kind = self._kind(tags)
            if kind >= 0:
                self._draw(edge, ends, (kind, tags, turned), line)
            else:
                value = tags.get("highway") or f"route={tags.get('route')}"
                self.omitted.setdefault(value, set()).add(edge.osmid or edge[:2])
        self.counts.missing_nodes += len(lost)

    def _add_nodes(self, graph: StreetGraph, xy: Float64Array) -> None:
        for name, (x, y) in zip(graph.places, xy.tolist(), strict=True):
            if not math.isfinite(x):
                continue
            number = self.numbers.setdefault(name, len(self.places))
            if number == len(self.places):
                self.places.append((x, y))
            elif np.abs(np.subtract(self.places[number], (x, y))).max() > _APART:
                remedy = (
                    "Another graph has it elsewhere, so that its nodes are not those of "
                    "OpenStreetMap: give one graph, as networkx.compose makes of several."
                )
                raise DataError(f"{graph.name}, node", name, remedy)
            tags = graph.node_tags.get(name)
            barrier = gate(tags_of(tags, NODE_TAGS, self.rules), self.rules) if tags else None
            if barrier is not None:
                self.gates[number] = barrier

    def _read(
        self, edge_tags: Mapping[str, Several], *, directed: bool
    ) -> tuple[dict[str, str], bool | None]:
        """Tags of an edge as OpenStreetMap has them, and whether it runs against its way."""
        if self.classes and "highway" in edge_tags:
            translated = tuple(self.classes.get(value, value) for value in edge_tags["highway"])
            edge_tags = {**edge_tags, "highway": translated}
        tags = tags_of(edge_tags, (*_PLAIN, "name", "ref"), self.rules)
        if tags.get("highway") == "ferry":
            tags["route"] = tags.pop("highway")
        self.classed |= "highway" in tags or "route" in tags
        turned = truth_of(edge_tags["reversed"]) if "reversed" in edge_tags else None
        direction = edge_tags.get("oneway", ())
        if any(truth_of((value,)) for value in direction):
            # osmnx reverses ways that are one-way backward, so that each edge is passed forward.
            return {**tags, "oneway": "yes"}, turned
        if len(direction) == 1 and truth_of(direction) is None:
            return {**tags, "oneway": direction[0]}, turned
        if turned is None and directed:
            # The direction in which its tags count is not known, such as on a motorway.
            return {**tags, "oneway": "no"}, turned
        return tags, turned

    def _kind(self, tags: Mapping[str, str]) -> int:
        key = tuple((name, value) for name, value in tags.items() if name not in ("name", "ref"))
        if key not in self._kind_of:
            made = way_kind(dict(key), self.rules)
            self._kind_of[key] = -1 if made is None else len(self.kinds)
            if made is not None:
                self.kinds.append(made)
        return self._kind_of[key]

    def _draw(
        self,
        edge: Edge,
        ends: tuple[int, int],
        reading: tuple[int, Mapping[str, str], bool | None],
        line: Float64Array | None,
    ) -> None:
        """Keep an edge, unless its street is known already in this or the other direction."""
        kind, tags, turned = reading
        xy = np.array([self.places[end] for end in ends]) if line is None else line
        one_way = tags.get("oneway", "no") not in ("no", "reversible", "alternating")
        drawn = _Drawn(
            *ends, edge.osmid, kind, tags.get("name", ""), tags.get("ref", ""), xy, turned
        )
        key = _key(drawn, one_way=one_way)
        known = self.drawn.get(key)
        if known is None or (known.reversed and turned is False):
            self.drawn[key] = drawn

    def ways(self) -> Ways:
        """All edges as ways."""
        edges = list(self.drawn.values())
        texts: dict[str, int] = {"": 0}
        name, ref = (
            np.array([texts.setdefault(getattr(each, key), len(texts)) for each in edges], np.int32)
            for key in ("name", "ref")
        )
        kinds, kind = _shared(self.kinds, edges)
        sizes = np.array([len(each.xy) for each in edges], np.int64)
        first = np.concatenate(([0], np.cumsum(sizes)))
        xy = np.concatenate([each.xy for each in edges]) if edges else np.empty((0, 2))
        node = len(self.places) + np.arange(len(xy))
        node[first[:-1]] = [each.u for each in edges]
        node[first[1:] - 1] = [each.v for each in edges]
        self._count(edges)
        return Ways(
            kinds=tuple(kinds), kind=kind, texts=tuple(texts), name=name, ref=ref, first=first,
            node=node, x=np.ascontiguousarray(xy[:, 0]), y=np.ascontiguousarray(xy[:, 1]),
            gates=self.gates, counts=self.counts,
        )  # fmt: skip

    def _count(self, edges: Sequence[_Drawn]) -> None:
        """Count ways, as far as edges name theirs."""
        counted = Counter({(each.osmid or (str(at), ""), each.kind): 1
                           for at, each in enumerate(edges)})  # fmt: skip
        self.counts.ways = len(counted)
        self.counts.left_out.update({value: len(ways) for value, ways in self.omitted.items()})
        for _, kind in counted:
            self.counts.ferries += self.kinds[kind].road_class == "ferry"
            self.counts.ford_ways += self.kinds[kind].ford


def ways_of(
    graphs: Sequence[StreetGraph],
    rules: Roads,
    *,
    crs: str | None = None,
    classes: Mapping[str, str] | None = None,
) -> Ways:
    """Ways of graphs whose class the rules have.

    A street both ways, of which osmnx has two edges, is one way; one that several graphs have is
    there once.

    Parameters
    ----------
    crs
        Coordinate system of graphs that say none.
    classes
        Value of ``highway`` by the one that the graph has, where they differ.

    Raises
    ------
    InputError, DataError
        When a graph has no places, no classes, or a node elsewhere than another graph.
    """
    gathering = _Gathering(rules, classes or {})
    for graph in graphs:
        gathering.add(graph, crs)
    if not gathering.classed and any(graph.edges for graph in graphs):
        remedy = "No edge has highway or route: it is no street graph of osmnx."
        raise DataError(graphs[0].name, "no highway", remedy)
    return gathering.ways()


def _key(drawn: _Drawn, *, one_way: bool) -> tuple[object, ...]:
    """Key of a street: the same for both edges of a two-way street."""
    xy = np.round(drawn.xy, _SAME) + 0.0
    inner, turned = (line[1:-1].tobytes() for line in (xy, xy[::-1]))
    ends = (drawn.u, drawn.v)
    along = (ends, inner)
    if not one_way:
        along = min(along, (ends[::-1], turned))
    return (*along, drawn.osmid, drawn.kind, one_way)


def _shared(kinds: Sequence[WayKind], edges: Sequence[_Drawn]) -> tuple[list[WayKind], Int32Array]:
    """The kind of each edge; edges with a share of the delay of their way get kinds of their own.

    Only ways that delay, or say how long they take, are measured for that.
    """
    made = list(kinds)
    kind = np.array([each.kind for each in edges], np.int32)
    delayed = np.array(
        [one.minutes > 0 or one.ford or not math.isnan(one.duration) for one in kinds], bool
    )
    rows = np.flatnonzero(delayed[kind]) if len(edges) else kind
    metres = {row: float(steps(*edges[row].xy.T).sum()) for row in rows.tolist()}
    entire: defaultdict[tuple[Several, int], float] = defaultdict(float)
    for row, length in metres.items():
        entire[edges[row].osmid, edges[row].kind] += length
    wet: set[tuple[Several, int]] = set()
    for row, length in metres.items():
        osmid, own = edges[row].osmid, edges[row].kind
        key = osmid, own
        if not osmid or entire[key] == length or entire[key] <= 0:
            continue
        share = length / entire[key]
        kind[row] = len(made)
        made.append(_part(kinds[own], share, first=key not in wet))
        wet.add(key)
    return made, kind


def _part(kind: WayKind, share: float, *, first: bool) -> WayKind:
    """What an edge has of its way. For a ferry one waits once, however many edges it has."""
    ferry = kind.road_class == "ferry"
    return replace(
        kind, minutes=kind.minutes if ferry else kind.minutes * share,
        duration=kind.duration * share, ford=kind.ford and first,
    )  # fmt: skip
