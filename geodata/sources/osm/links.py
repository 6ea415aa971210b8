"""Links: ways split where they share nodes, at gates and at the edge of the area."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geodata.area.box import Box
from geodata.area.geodesy import steps
from geodata.arrays import BoolArray, Float64Array, Int32Array, Int64Array
from geodata.sources.osm.clipping import inside
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
        Which way each is of.
    u, v
        Its ends, as numbers of nodes.
    start, stop
        Its first vertex, and the one behind its last.
    x, y
        Vertices of all links.
    length_m, seconds_uv, seconds_vu
        Seconds are infinite where one may not go.
    control
        Names of the posts that control a border, by node.
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
        """Some of the links; vertices stay."""
        return self._with({name: getattr(self, name)[rows] for name in _COLUMNS})

    def and_of(self, *others: Links) -> Links:
        """These links, and others of the same vertices, to which more may be added."""
        every = (self, *others)
        columns = {
            name: np.concatenate([getattr(links, name) for links in every]) for name in _COLUMNS
        }
        return replace(self._with(columns), x=every[-1].x, y=every[-1].y)

    def _with(self, columns: dict[str, Any]) -> Links:
        return replace(self, **columns)

    @property
    def nodes(self) -> int:
        """Numbers of nodes that are taken."""
        return int(max(self.u.max(initial=-1), self.v.max(initial=-1))) + 1


@dataclass(frozen=True)
class Vertices:
    """What is known of each vertex, in the order of the ways."""

    node: Int32Array
    way: Int32Array
    first: BoolArray
    last: BoolArray
    shared: BoolArray
    step_m: Float64Array


@dataclass(frozen=True)
class Gates:
    """What stands at each vertex: delay, whether vehicles are barred, fords, and controls."""

    seconds: Float64Array
    closed: BoolArray
    ford: BoolArray
    control: dict[int, str]


def split(ways: Ways) -> Links:
    """Links of ways, split where they share nodes, at closed gates, and at posts of borders.

    Each passage of a node by a way, or by two, that meet there, is one more use of it. Bridges need
    no rule: they have no node in common with the road below.
    """
    ways = _undoubled(ways)
    vertices = _vertices(ways)
    gates = _gates(ways, vertices)
    cut = vertices.first | vertices.last | vertices.shared
    ways.counts.split = int(cut.sum()) - len(ways.kind)
    ways.counts.length_km = float(vertices.step_m.sum()) / 1000
    ways.counts.fords = int(gates.ford.sum())
    controlled = np.isin(vertices.node, list(gates.control)) if gates.control else cut & False
    cut |= gates.closed | controlled
    at = np.flatnonzero(cut)
    start, end = at[:-1], at[1:]
    of_one = ~vertices.last[start]
    start, end = start[of_one], end[of_one]
    u, v = _ends(vertices, gates, start, end)
    links = _timed(ways, vertices, gates, start, end)
    return replace(links, u=u, v=v)


def _undoubled(ways: Ways) -> Ways:
    """Ways without vertices that repeat the node before, and without those that are then one."""
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
    """What stands at vertices; a gate bars vehicles, and not walkers."""
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
        once = np.unique(ways.node[at], return_index=True)[1]
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
    """Nodes of links: where a gate is closed each road has an end of its own.

    The first of them keeps the node, and so meets paths that lead on from there.
    """
    ends = np.stack([vertices.node[start], vertices.node[end]])
    barred = np.stack([gates.closed[start], gates.closed[end]])
    at = np.flatnonzero(barred)
    if len(at):
        _, firsts = np.unique(ends.flat[at], return_index=True)
        others = np.delete(at, firsts)
        number = int(vertices.node.max()) + 1
        ends.flat[others] = np.arange(number, number + len(others), dtype=np.int32)
    return ends[0], ends[1]


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
    # One waits once for a ferry, and for what else delays once on the whole way.
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
    """Metres from port to port of the ferry line that each link is of, itself where it is none.

    A line may be drawn as several ways: those are one where just two meet and nothing else does.
    At a port, where roads or other lines end too, one waits anew.

    Parameters
    ----------
    node
        Ends of links, two rows.
    """
    ends, link = node.ravel(), np.tile(np.arange(len(length_m)), 2)
    of_ferries = np.bincount(ends[ferry[link]], minlength=int(ends.max(initial=0)) + 1)
    joint = (of_ferries == 2) & (np.bincount(ends, minlength=1) == 2)
    # Each joint has two ends, which come side by side in the order of nodes.
    at = np.flatnonzero(joint[ends])
    one, other = link[at[np.argsort(ends[at], kind="stable")]].reshape(-1, 2).T
    graph = coo_array((np.ones(len(one), bool), (one, other)), shape=(len(length_m),) * 2)
    line = connected_components(graph, directed=False)[1]
    return np.bincount(line, length_m).astype(np.float64)[line]


def _paces(ways: Ways, length_m: Float64Array) -> tuple[Float64Array, Float64Array, Float64Array]:
    """Seconds a metre along each way and against it, and seconds beyond those in all."""

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


def within(links: Links, box: Box) -> Links:
    """What of the links lies in a box; those that cross its edge are cut there.

    Of a link with both ends outside, what is inside is kept as well.
    """
    west, south, east, north = box
    outside = (links.x < west) | (links.x > east) | (links.y < south) | (links.y > north)
    if not outside.any():
        return links
    below = np.concatenate(([0], np.cumsum(outside)))
    partly = below[links.stop] > below[links.start]
    kept, cut = links.of(~partly), links.of(partly & _near(links, box))
    pieces = _cut(cut, box, new=links.nodes)
    offset = len(links.x)
    return kept.and_of(
        replace(
            pieces, start=pieces.start + offset, stop=pieces.stop + offset,
            x=np.append(links.x, pieces.x), y=np.append(links.y, pieces.y),
        )
    )  # fmt: skip


def _near(links: Links, box: Box) -> BoolArray:
    """Whether the boxes of links meet the box."""
    west, south, east, north = box
    bounds = []
    for values, reduce in ((links.x, np.minimum), (links.y, np.minimum),
                           (links.x, np.maximum), (links.y, np.maximum)):  # fmt: skip
        padded = np.append(values, values[-1])
        slices = np.stack([links.start, links.stop], axis=1).ravel()
        bounds.append(reduce.reduceat(padded, slices)[::2])
    left, bottom, right, top = bounds
    near: BoolArray = (left <= east) & (right >= west) & (bottom <= north) & (top >= south)
    return near


@dataclass(frozen=True)
class _Piece:
    """What of one link lies inside: its vertices, and its ends as shares of the link."""

    row: int
    x: list[float]
    y: list[float]
    u: int
    v: int
    share: float


def _cut(links: Links, box: Box, *, new: int) -> Links:
    """What of links lies in a box; the first number that no node has yet is `new`."""
    pieces: list[_Piece] = []
    for row in range(len(links.way)):
        x, y = (values[links.start[row] : links.stop[row]] for values in (links.x, links.y))
        new = _cut_one(pieces, row, (x, y), box, ends=(int(links.u[row]), int(links.v[row]), new))
    rows = np.array([piece.row for piece in pieces], np.int64)
    share = np.array([piece.share for piece in pieces])
    stop = np.cumsum([len(piece.x) for piece in pieces], dtype=np.int64)
    cut = links.of(rows)
    return replace(
        cut,
        u=np.array([piece.u for piece in pieces], np.int32),
        v=np.array([piece.v for piece in pieces], np.int32),
        start=stop - np.array([len(piece.x) for piece in pieces], np.int64),
        stop=stop,
        x=np.array([x for piece in pieces for x in piece.x], np.float64),
        y=np.array([y for piece in pieces for y in piece.y], np.float64),
        length_m=cut.length_m * share, seconds_uv=cut.seconds_uv * share,
        seconds_vu=cut.seconds_vu * share,
    )  # fmt: skip


def _cut_one(
    pieces: list[_Piece],
    row: int,
    line: tuple[Float64Array, Float64Array],
    box: Box,
    *,
    ends: tuple[int, int, int],
) -> int:
    """Add the pieces of one link; gives the next number of a new node."""
    x, y = line
    u, v, new = ends
    metres = steps(x, y)
    enters, leaves = inside(x, y, box)
    entire = metres.sum()
    run: list[tuple[int, float, float]] = []
    for at in [*np.flatnonzero(leaves > enters).tolist(), -1]:
        if run and (at != run[-1][0] + 1 or run[-1][2] < 1.0 or enters[at] > 0.0):
            (first, begin, _), (last, _, stop) = run[0], run[-1]
            inner = slice(first + 1, last + 1)
            px = [_between(x, first, begin), *x[inner].tolist(), _between(x, last, stop)]
            py = [_between(y, first, begin), *y[inner].tolist(), _between(y, last, stop)]
            start, end = u, v
            if first > 0 or begin > 0.0:
                start, new = new, new + 1
            if last < len(x) - 2 or stop < 1.0:
                end, new = new, new + 1
            covered = sum(metres[k] * (b - a) for k, a, b in run)
            share = float(covered / entire) if entire > 0 else 1.0
            pieces.append(_Piece(row, px, py, start, end, share))
            run = []
        if at >= 0:
            run.append((at, float(enters[at]), float(leaves[at])))
    return new


def _between(values: Float64Array, at: int, share: float) -> float:
    return float(values[at] + (values[at + 1] - values[at]) * share)
