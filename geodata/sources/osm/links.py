"""Links: ways split where they share nodes, at gates and at the edge of the area."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geodata.area.geodesy import steps
from geodata.arrays import BoolArray, Float64Array, Int32Array, Int64Array
from geodata.sources.osm.tags import WayKind, ferry_minutes
from geodata.sources.osm.ways import Ways

_COLUMNS = (
    "way", "u", "v", "start", "stop", "length_m", "seconds_uv", "seconds_vu",
)  # fmt: skip


@dataclass(frozen=True)
class Links:
    """Links between nodes, each with a run of the vertices.

    Parameters
    ----------
    way
        Row of the way of each.
    u, v
        Its ends, as numbers of nodes.
    start, stop
        Its first vertex, and the one behind its last.
    x, y
        Vertices of all links.
    length_m, seconds_uv, seconds_vu
        Seconds are infinite where the direction is forbidden.
    control
        Names of border control posts, by node.
    """

    way: Int32Array
    u: Int32Array
    v: Int32Array
    start: Int64Array
    stop: Int64Array
    x: Float64Array
    y: Float64Array
    length_m: Float64Array
    seconds_uv: Float64Array
    seconds_vu: Float64Array
    control: dict[int, str]

    def of(self, rows: BoolArray | Int64Array) -> Links:
        """Some of the links, with all vertices."""
        return self._with({name: getattr(self, name)[rows] for name in _COLUMNS})

    def and_of(self, *others: Links) -> Links:
        """These links followed by others, with the vertices of the last of them."""
        every = (self, *others)
        columns = {
            name: np.concatenate([getattr(links, name) for links in every]) for name in _COLUMNS
        }
        return replace(self._with(columns), x=every[-1].x, y=every[-1].y)

    def _with(self, columns: dict[str, Any]) -> Links:
        return replace(self, **columns)

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return int(max(self.u.max(initial=-1), self.v.max(initial=-1))) + 1


@dataclass(frozen=True)
class Vertices:
    """Attributes of each vertex, in the order of the ways."""

    node: Int32Array
    way: Int32Array
    first: BoolArray
    last: BoolArray
    shared: BoolArray
    step_m: Float64Array


@dataclass(frozen=True)
class Gates:
    """Obstacles at each vertex: delay, whether vehicles are barred, fords, and border controls."""

    seconds: Float64Array
    closed: BoolArray
    ford: BoolArray
    control: dict[int, str]


def split_ways(ways: Ways) -> Links:
    """Links of ways, split where they share nodes, at closed gates, and at posts of borders.

    A node is shared if ways pass it more than once: several ways, or one that returns to it. A
    bridge has no node in common with the road below, and so needs no rule.
    """
    ways = _undoubled(ways)
    vertices = _vertices(ways)
    gates = _gates(ways, vertices)
    cut = vertices.first | vertices.last | vertices.shared
    # A way that is cut at three vertices, of which two are its ends, makes two links.
    ways.counts.split = int(cut.sum()) - len(ways.kind)
    ways.counts.length_km = float(vertices.step_m.sum()) / 1000
    ways.counts.fords = int(gates.ford.sum())
    at = np.flatnonzero(cut | gates.closed | np.isin(vertices.node, list(gates.control)))
    start, end = at[:-1], at[1:]
    # The next vertex after the last one of a way is the first of another way.
    of_one = ~vertices.last[start]
    start, end = start[of_one], end[of_one]
    u, v = _ends(vertices, gates, start, end)
    links = _timed(ways, vertices, gates, start, end)
    return replace(links, u=u, v=v)


def _undoubled(ways: Ways) -> Ways:
    """Ways without repeated vertices, and without ways that have one vertex left."""
    same = np.zeros(len(ways.node), bool)
    same[1:] = ways.node[1:] == ways.node[:-1]
    same[ways.first[:-1]] = False
    if not same.any():
        return ways
    sizes = np.diff(ways.first) - np.add.reduceat(same, ways.first[:-1])
    lines = sizes > 1
    ways.counts.single += int((~lines).sum())
    kept = ~same & np.repeat(lines, np.diff(ways.first))
    return replace(
        ways, kind=ways.kind[lines], name=ways.name[lines], ref=ways.ref[lines],
        first=np.concatenate(([0], np.cumsum(sizes[lines]))),
        node=ways.node[kept], x=ways.x[kept], y=ways.y[kept],
    )  # fmt: skip


def _vertices(ways: Ways) -> Vertices:
    size = len(ways.node)
    first, last = np.zeros(size, bool), np.zeros(size, bool)
    first[ways.first[:-1]] = last[ways.first[1:] - 1] = True
    _, node, uses = np.unique(ways.node, return_inverse=True, return_counts=True)
    step_m = np.append(steps(ways.x, ways.y), 0.0)
    step_m[last] = 0.0
    return Vertices(
        node=node.astype(np.int32),
        way=np.repeat(np.arange(len(ways.kind), dtype=np.int32), np.diff(ways.first)),
        first=first, last=last, shared=(uses > 1)[node], step_m=step_m,
    )  # fmt: skip


def _gates(ways: Ways, vertices: Vertices) -> Gates:
    """Obstacles at vertices; a closed gate bars vehicles, not walkers."""
    size = len(vertices.node)
    seconds, closed, ford = np.zeros(size), np.zeros(size, bool), np.zeros(size, bool)
    control: dict[int, str] = {}
    ids = np.array(sorted(ways.gates), np.int64)
    if len(ids):
        row = np.minimum(np.searchsorted(ids, ways.node), len(ids) - 1)
        at = np.flatnonzero(ids[row] == ways.node)
        gates = [ways.gates[ids[one]] for one in row[at].tolist()]
        seconds[at] = [60.0 * gate.minutes for gate in gates]
        # Each ford counts once, on the first way that has it.
        _, once = np.unique(ways.node[at], return_index=True)
        ford[at[once]] = [gates[one].ford for one in once.tolist()]
        driven = np.array([kind.mode == "road" for kind in ways.kinds], bool)
        barred = [not gate.open for gate in gates]
        closed[at] = barred & driven[ways.kind[vertices.way[at]]]
        for vertex, gate in zip(at.tolist(), gates, strict=True):
            if gate.control:
                control[int(vertices.node[vertex])] = gate.name
    return Gates(seconds, closed, ford, control)


def _ends(
    vertices: Vertices, gates: Gates, start: Int64Array, end: Int64Array
) -> tuple[Int32Array, Int32Array]:
    """Nodes of links; at a closed gate each road ends at a node of its own.

    The first road keeps the node, and so meets paths that continue from there.
    """
    ends = np.stack([vertices.node[start], vertices.node[end]])
    barred = np.stack([gates.closed[start], gates.closed[end]])
    at = np.flatnonzero(barred)
    if len(at):
        _, firsts = np.unique(ends.flat[at], return_index=True)
        others = np.delete(at, firsts)
        number = int(vertices.node.max()) + 1
        ends.flat[others] = np.arange(number, number + len(others), dtype=np.int32)
    starts, stops = ends
    return starts, stops


def _timed(
    ways: Ways, vertices: Vertices, gates: Gates, start: Int64Array, end: Int64Array
) -> Links:
    """Length and time of each link: the speed is that of its way."""
    covered = np.concatenate(([0.0], np.cumsum(vertices.step_m)))
    length = covered[end] - covered[start]
    way_m = covered[ways.first[1:] - 1] - covered[ways.first[:-1]]
    way = vertices.way[start]
    along, against, spare = _paces(ways, way_m)
    ferry = np.array([kind.road_class == "ferry" for kind in ways.kinds], bool)[ways.kind[way]]
    node = np.stack([vertices.node[start], vertices.node[end]])
    # The wait for a ferry, and other delays of a whole way, count once for the way.
    over = np.where(ferry, _line_m(node, length, ferry), way_m[way])
    share = np.divide(length, over, out=np.zeros_like(length), where=over > 0)
    # A delay at a node where links meet is half of each: a path through it has both halves.
    delay = np.concatenate(([0.0], np.cumsum(gates.seconds)))
    waited = delay[end] - delay[start + 1] + (gates.seconds[start] + gates.seconds[end]) / 2
    waited += spare[way] * share
    none = np.empty(0, np.int32)
    return Links(
        way=way, u=none, v=none, start=start, stop=end + 1, x=ways.x, y=ways.y, length_m=length,
        seconds_uv=length * along[way] + waited, seconds_vu=length * against[way] + waited,
        control=gates.control,
    )  # fmt: skip


def _line_m(node: Int32Array, length_m: Float64Array, ferry: BoolArray) -> Float64Array:
    """Length of the ferry line of each link, from port to port; of other links their own length.

    A line may be mapped as several ways: they are one line where exactly two of them meet. At a
    port, where roads or other lines end too, passengers wait again.

    Parameters
    ----------
    node
        Ends of links, two rows.
    """
    ends, link = node.ravel(), np.tile(np.arange(len(length_m)), 2)
    of_ferries = np.bincount(ends[ferry[link]], minlength=int(ends.max(initial=0)) + 1)
    joint = (of_ferries == 2) & (np.bincount(ends, minlength=1) == 2)
    # Each joint has two ends, which are neighbours when sorted by node.
    at = np.flatnonzero(joint[ends])
    one, other = link[at[np.argsort(ends[at], kind="stable")]].reshape(-1, 2).T
    graph = coo_array((np.ones(len(one), bool), (one, other)), shape=(len(length_m),) * 2)
    _, line = connected_components(graph, directed=False)
    return np.bincount(line, length_m).astype(np.float64)[line]


def _paces(ways: Ways, length_m: Float64Array) -> tuple[Float64Array, Float64Array, Float64Array]:
    """Seconds a metre along and against each way, and seconds of delay a way."""

    def of(name: str) -> Float64Array:
        return np.array([getattr(kind, name) for kind in ways.kinds], np.float64)[ways.kind]

    with np.errstate(divide="ignore"):
        along, against = 3.6 / of("forward"), 3.6 / of("backward")
    spare = of("minutes") * 60.0
    timed = np.flatnonzero(~np.isnan(of("duration")))
    for way in timed.tolist():
        kind: WayKind = ways.kinds[ways.kind[way]]
        if length_m[way] > 0 and not kind.closed:
            pace = ferry_minutes(kind, length_m[way]) * 60.0 / length_m[way]
            along[way] = pace if kind.forward else np.inf
            against[way] = pace if kind.backward else np.inf
    return along, against, spare
