"""Ways and nodes of roads of extracts, as arrays."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from osmium import InvalidLocationError
from osmium.filter import KeyFilter
from osmium.geom import WKBFactory, use_nodes
from osmium.osm import Way

from geodata.arrays import Float64Array, Int32Array, Int64Array
from geodata.sources.area_file import Roads
from geodata.sources.osm.extract import Extract
from geodata.sources.osm.tags import NODE_TAGS, TAGS, Gate, WayKind, gate, way_kind

_WAY_KEYS = ("highway", "route")
_NODE_KEYS = ("barrier", "ford", "highway")
_HEADER = 18
"""Length of the header of a line in hexadecimal WKB."""
_BATCH = 4096
"""Number of ways whose lines are kept as text before they are parsed."""
_EMPTY = -1
_ALL = use_nodes.ALL


@dataclass
class Counts:
    """Counts of ways and nodes that were read, left out or repaired.

    Parameters
    ----------
    ways, ferries, ford_ways
        Ways of roads, and how many of them are ferries, and fords.
    left_out
        Ways by value of ``highway`` that the rules do not name.
    single
        Ways with one node only.
    broken_ways, missing_nodes
        Ways with missing nodes, and the number of missing nodes.
    split, length_km
        Links where ways are split at the nodes that they share and nowhere else, and their
        length.
    fords
        Nodes of roads that are fords.
    """

    ways: int = 0
    ferries: int = 0
    ford_ways: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    single: int = 0
    broken_ways: int = 0
    missing_nodes: int = 0
    split: int = 0
    length_km: float = 0.0
    fords: int = 0


@dataclass(frozen=True)
class Ways:
    """Ways of roads, one after another.

    Parameters
    ----------
    kinds, kind
        Distinct kinds of ways, and the row of the kind of each way.
    texts, name, ref
        Distinct names and numbers, and the rows of those of each way.
    first
        First vertex of each way, and one more entry for the end of all.
    node, x, y
        Vertices: OpenStreetMap's id and position.
    gates
        Obstacles at nodes, by id.
    """

    kinds: tuple[WayKind, ...]
    kind: Int32Array
    texts: tuple[str, ...]
    name: Int32Array
    ref: Int32Array
    first: Int64Array
    node: Int64Array
    x: Float64Array
    y: Float64Array
    gates: dict[int, Gate]
    counts: Counts


def read_ways(extract: Extract, rules: Roads) -> Ways:
    """All ways of the classes that the rules name, and ferries.

    A way with missing nodes becomes one way for each run of two nodes or more.

    Raises
    ------
    DataError
        When a file cannot be read, is not sorted, or has nodes where there is no place.
    """
    reading = _WayReading(extract, rules)
    objects = extract.nodes_and_ways(nodes=KeyFilter(*_NODE_KEYS), ways=KeyFilter(*_WAY_KEYS))
    for each in objects:
        if each.is_way():
            reading.add_way(each)
        else:
            reading.note_gate(each)
    return reading.ways()


class _WayReading:
    """What has been read so far."""

    def __init__(self, extract: Extract, rules: Roads) -> None:
        self._extract = extract
        self._kind_of = _Numbered(lambda key: way_kind(_tags(TAGS, key), rules))
        self._gate_of = _Numbered(lambda key: gate(_tags(NODE_TAGS, key), rules))
        self._text_of: dict[str, int] = {"": 0}
        self._draw = WKBFactory().create_linestring
        self._kinds, self._names, self._refs, self._sizes = (array("i") for _ in range(4))
        self._nodes = array("q")
        self._uses: Counter[int] = Counter()
        self._lines: list[str] = []
        self._places: list[Float64Array] = []
        self._gates: dict[int, Gate] = {}
        self.counts = Counts()

    def note_gate(self, node: Any) -> None:
        """Note the gate at a node, if there is one."""
        tags = node.tags
        if tags.get("highway") != "ford" and not (tags.get("barrier") or tags.get("ford")):
            # Most nodes with tags are pedestrian crossings or stops.
            return
        number = self._gate_of[tuple([tags.get(key) for key in NODE_TAGS])]
        if number != _EMPTY:
            self._gates[node.id] = self._gate_of.values_made[number]

    def add_way(self, way: Way) -> None:
        """Add a way, if the rules have its class."""
        tags = dict(way.tags)
        kind = self._kind_of[tuple(map(tags.get, TAGS))]
        if kind == _EMPTY:
            self.counts.left_out[tags.get("highway") or f"route={tags.get('route')}"] += 1
            return
        nodes = way.nodes
        size = len(nodes)
        if size < 2:
            self.counts.single += 1
            return
        self._uses[kind] += 1
        try:
            line = self._draw(nodes, _ALL)[_HEADER:]
        except InvalidLocationError:
            self._add_pieces(way, kind, tags)
            return
        # By index, as iterating over the list costs an extra call for each node.
        self._nodes.extend([node.ref for node in map(nodes.__getitem__, range(size))])
        self._add(kind, tags, line, size)

    def _add(self, kind: int, tags: dict[str, str], line: str, size: int) -> None:
        texts = self._text_of
        self._kinds.append(kind)
        self._names.append(texts.setdefault(tags.get("name", ""), len(texts)))
        self._refs.append(texts.setdefault(tags.get("ref", ""), len(texts)))
        self._sizes.append(size)
        self._lines.append(line)
        if len(self._lines) >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        self._places.append(np.frombuffer(bytes.fromhex("".join(self._lines)), "<f8"))
        self._lines.clear()

    def _add_pieces(self, way: Way, kind: int, tags: dict[str, str]) -> None:
        """Add the runs of a way between its missing nodes."""
        runs = self._extract.runs(way)
        self.counts.broken_ways += 1
        self.counts.missing_nodes += len(way.nodes) - sum(map(len, runs))
        for run in runs:
            if len(run) > 1:
                self._nodes.extend([node for node, _ in run])
                line = np.array([place for _, place in run])
                self._add(kind, tags, line.tobytes().hex(), len(run))

    def ways(self) -> Ways:
        """All that was read."""
        self._flush()
        places = np.concatenate(self._places).reshape(-1, 2)
        self._places.clear()
        kinds: tuple[WayKind, ...] = tuple(self._kind_of.values_made)
        for number, count in self._uses.items():
            self.counts.ways += count
            self.counts.ferries += count * (kinds[number].road_class == "ferry")
            self.counts.ford_ways += count * kinds[number].ford
        kind, name, ref = (
            np.array(column, np.int32) for column in (self._kinds, self._names, self._refs)
        )
        return Ways(
            kinds=kinds, kind=kind, texts=tuple(self._text_of), name=name, ref=ref,
            first=np.concatenate(([0], np.cumsum(self._sizes, dtype=np.int64))),
            node=np.array(self._nodes, np.int64),
            x=np.ascontiguousarray(places[:, 0]), y=np.ascontiguousarray(places[:, 1]),
            gates=self._gates, counts=self.counts,
        )  # fmt: skip


class _Numbered(dict[tuple[str | None, ...], int]):
    """Number of the value made of a key, at its first use; -1 where the value is None."""

    def __init__(self, make: Callable[[tuple[str | None, ...]], Any]) -> None:
        super().__init__()
        self._make = make
        self.values_made: list[Any] = []

    def __missing__(self, key: tuple[str | None, ...]) -> int:
        value = self._make(key)
        self[key] = number = _EMPTY if value is None else len(self.values_made)
        if value is not None:
            self.values_made.append(value)
        return number


def _tags(keys: Sequence[str], values: Sequence[str | None]) -> dict[str, str]:
    return {key: value for key, value in zip(keys, values, strict=True) if value is not None}
