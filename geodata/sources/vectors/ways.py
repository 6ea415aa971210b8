"""Lines of vector files as ways, as OpenStreetMap has them.

Where lines share a place they meet: at their ends, within `SNAP_M`; where an end lies on another
line; and at a vertex that two of them have. Where lines merely cross they do not meet, and what
is on different levels meets at ends only: those meet what is on the ground, where bridges end, and
what is on the level of their own line. An end that is alone in a place meets the vertex there of a
line of any level, as ramps end on embankments and viaducts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from geodata.area.geodesy import EQUATOR_DEGREE_M, on_earth
from geodata.arrays import Float64Array, Int64Array, ObjectArray
from geodata.sources.area_file import Roads
from geodata.sources.osm.tags import Tags, WayKind, way_kind
from geodata.sources.osm.ways import Counts, Ways

SNAP_M = 1.0
"""Metres within which ends are one, or lie on a line."""
_SAME_DEGREES = 1e-7
"""Vertices that differ by less are one: a centimetre, as OpenStreetMap stores them."""
_GROUND = 0
_MOST_LEVELS = 99
"""Levels above the ground, and below it; any higher one is taken for this."""


@dataclass
class RoadLines:
    """Lines and what their tags say, one after another.

    Parameters
    ----------
    shapes
        LineStrings in degrees.
    tags
        Tags of each as OpenStreetMap would have them, a name and a number (ref) among them.
    ends
        Numbers of the nodes at vertices that are known beforehand, by line: position of the
        vertex and number. Lines that have them meet nowhere else.
    level
        Lines of different levels meet at their ends only.
    numbers
        Numbers of nodes that have a name, by that.
    """

    shapes: list[shapely.LineString] = field(default_factory=list)
    tags: list[Tags] = field(default_factory=list)
    ends: list[Mapping[int, int]] = field(default_factory=list)
    level: list[int] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, name: str) -> int:
        """Number of the node of a name."""
        return self.numbers.setdefault(name, len(self.numbers))

    def add(
        self,
        shape: shapely.LineString,
        tags: Tags,
        *,
        ends: Mapping[int, int] | None = None,
        level: int = 0,
    ) -> None:
        """Add a line.

        Parameters
        ----------
        tags
            As OpenStreetMap has them.
        ends
            As `RoadLines` has them.
        level
            Lines of different levels meet at their ends only.
        """
        self.shapes.append(shape)
        self.tags.append(tags)
        self.ends.append(ends or {})
        self.level.append(level)


def ways_of(lines: RoadLines, rules: Roads, *, left_out: Counter[str]) -> Ways:
    """Ways of lines whose class the rules have.

    Parameters
    ----------
    left_out
        Classes that are left out, and how often; more are added.
    """
    kinds: list[WayKind] = []
    number: dict[tuple[tuple[str, str], ...], int] = {}
    texts: dict[str, int] = {"": 0}
    rows: list[int] = []
    kind: list[int] = []
    for row, tags in enumerate(lines.tags):
        plain = tuple(sorted((key, value) for key, value in tags.items() if key not in _TEXTS))
        if plain not in number:
            made = way_kind(dict(plain), rules)
            number[plain] = -1 if made is None else len(kinds)
            if made is not None:
                kinds.append(made)
        if number[plain] < 0:
            left_out[tags.get("highway") or f"route={tags.get('route')}"] += 1
            continue
        rows.append(row)
        kind.append(number[plain])
    named = {
        key: np.array(
            [texts.setdefault(lines.tags[row].get(key, ""), len(texts)) for row in rows], np.int32
        )
        for key in _TEXTS
    }
    first, x, y, node = _vertices(lines, rows)
    ferries = sum(kinds[each].road_class == "ferry" for each in kind)
    return Ways(
        kinds=tuple(kinds), kind=np.array(kind, np.int32), texts=tuple(texts),
        name=named["name"], ref=named["ref"], first=first, node=node, x=x, y=y, gates={},
        counts=Counts(ways=len(rows), ferries=ferries, left_out=left_out),
    )  # fmt: skip


_TEXTS = ("name", "ref")


def _vertices(
    lines: RoadLines, rows: Sequence[int]
) -> tuple[Int64Array, Float64Array, Float64Array, Int64Array]:
    """Where each way begins, and its vertices with the numbers of their nodes."""
    known = [bool(lines.ends[row]) for row in rows]
    shapes: ObjectArray = np.array([lines.shapes[row] for row in rows], object)
    levels = np.array(
        [max(-_MOST_LEVELS, min(lines.level[row], _MOST_LEVELS)) for row in rows], np.int64
    )  # fmt: skip
    free = ~np.array(known, bool)
    if free.any():
        shapes[free] = with_touching_ends(shapes[free], levels[free])
    xy, way = shapely.get_coordinates(shapes, return_index=True)
    first = np.concatenate(([0], np.cumsum(np.bincount(way, minlength=len(rows)))))
    node = _by_place(xy, way, first, levels)
    # Vertices of ways whose nodes have numbers in their source share none with others.
    fixed = ~free[way]
    node[fixed] = node.max(initial=0) + 1 + np.arange(int(fixed.sum()))
    most = int(node.max(initial=0)) + 1
    for at in np.flatnonzero(~free).tolist():
        for vertex, number in lines.ends[rows[at]].items():
            node[first[at] + vertex] = most + number
    return first.astype(np.int64), xy[:, 0].copy(), xy[:, 1].copy(), node


def _by_place(
    xy: Float64Array, way: Int64Array, first: Int64Array, levels: Int64Array
) -> Int64Array:
    """Number of the node at each vertex: the same where vertices are in the same place."""
    if not len(xy):
        return np.zeros(0, np.int64)
    ends = np.concatenate([first[:-1], first[1:] - 1])
    level = levels[way]
    level[ends] = _GROUND
    _, at, node = np.unique(
        _on_levels(_keys(xy), level), return_index=True, return_inverse=True
    )  # fmt: skip
    return _snapped(xy[at], level[at], node.ravel(), ends=ends, end_levels=levels[way[ends]])


def _keys(xy: Float64Array) -> Int64Array:
    """One number a place, the same for places that differ by less than `_SAME_DEGREES`."""
    lattice = np.round((xy + np.array([360.0, 90.0])) / _SAME_DEGREES).astype(np.uint64)
    keys = lattice[:, 0] * np.uint64(1_800_000_001) + lattice[:, 1]
    _, number = np.unique(keys, return_inverse=True)
    return number.ravel().astype(np.int64)


def _on_levels(place: Int64Array, level: Int64Array) -> Int64Array:
    """One number for each place and level."""
    return place * (2 * _MOST_LEVELS + 1) + level


def _snapped(
    xy: Float64Array,
    level: Int64Array,
    node: Int64Array,
    *,
    ends: Int64Array,
    end_levels: Int64Array,
) -> Int64Array:
    """Nodes by vertex, of which those that are within `SNAP_M` of an end are one with it.

    An end meets other ends, what is on the ground and what is on the level of its own line; where
    there is nothing else, also a vertex of another level that is in the very same place.

    Parameters
    ----------
    xy, level
        Place and level of each node.
    ends, end_levels
        Vertices that are ends, and the levels of their lines.
    """
    at, own = np.unique(np.column_stack([node[ends], end_levels]), axis=0).T
    places = on_earth(*xy.T)
    pairs: ObjectArray = np.asarray(
        cKDTree(places).query_ball_point(places[at], SNAP_M), object
    )  # fmt: skip
    sizes = [len(each) for each in pairs]
    end = np.repeat(np.arange(len(at)), sizes)
    u, v = at[end], np.array([each for several in pairs for each in several], np.int64)
    met = (level[v] == _GROUND) | (level[v] == own[end])
    # Ramps end on embankments one by one; below a bridge several roads end.
    alone = (np.bincount(node)[at] == 1) & (np.bincount(end[met], minlength=len(at)) == 1)
    same = np.abs(xy[u] - xy[v]).max(axis=1) <= _SAME_DEGREES
    alone &= np.bincount(end[same], minlength=len(at)) == 2
    met |= same & alone[end]
    joined = coo_array((np.ones(int(met.sum()), np.int8), (u[met], v[met])), shape=(len(xy),) * 2)
    _, group = connected_components(joined, directed=False)
    return np.asarray(group[node], np.int64)


def _metres(xy: Float64Array) -> Float64Array:
    """Places on a plane, true to length around the latitude in their middle."""
    scale = np.cos(np.radians(np.clip(xy[:, 1], -89.0, 89.0)))
    middle = float(np.median(scale)) if len(xy) else 1.0
    return np.column_stack([xy[:, 0] * middle, xy[:, 1]]) * EQUATOR_DEGREE_M


def with_touching_ends(shapes: ObjectArray, levels: Int64Array) -> ObjectArray:
    """Lines with a vertex wherever the end of another one lies on them.

    Roads are often drawn so that one just ends on another, which has no vertex there. That is on
    the ground or on its own level: nothing ends on a bridge above it.
    """
    ends, line = _loose_ends(shapes, levels)
    if not len(ends):
        return shapes
    tree = shapely.STRtree(shapes)
    # In degrees, of which those of longitude shrink towards the poles.
    near = SNAP_M / EQUATOR_DEGREE_M * 1.2 / np.cos(np.radians(np.clip(ends[:, 1], -89.0, 89.0)))
    of_end, of_line = tree.query(shapely.points(ends), predicate="dwithin", distance=near)
    met = (levels[of_line] == _GROUND) | (levels[of_line] == levels[line[of_end]])
    met &= line[of_end] != of_line
    added: dict[int, list[Float64Array]] = {}
    for end, target in zip(of_end[met].tolist(), of_line[met].tolist(), strict=True):
        if _on(shapes[target], ends[end]):
            added.setdefault(target, []).append(ends[end])
    if not added:
        return shapes
    result = shapes.copy()
    for target, points in added.items():
        result[target] = _with(shapes[target], np.array(points))
    return result


def _loose_ends(shapes: ObjectArray, levels: Int64Array) -> tuple[Float64Array, Int64Array]:
    """Ends that share no vertex with what they could meet there, and the line of each."""
    xy, way = shapely.get_coordinates(shapes, return_index=True)
    if not len(xy):
        return np.zeros((0, 2)), np.zeros(0, np.int64)
    first = np.searchsorted(way, np.arange(len(shapes)))
    last = np.searchsorted(way, np.arange(len(shapes)), side="right") - 1
    ends = np.unique(np.concatenate([first, last]))
    place = _keys(xy)
    inner = np.ones(len(xy), bool)
    inner[ends] = False
    level = np.where(inner, levels[way], _GROUND)
    _, at, count = np.unique(
        _on_levels(place, level), return_inverse=True, return_counts=True
    )  # fmt: skip
    alone = count[at.ravel()[ends]] == 1
    own = _on_levels(place[ends], levels[way[ends]])
    loose = ends[alone & ~np.isin(own, _on_levels(place[inner], level[inner]))]
    return xy[loose], np.asarray(way[loose], np.int64)


def _on(line: shapely.LineString, end: Float64Array) -> bool:
    """Whether an end lies on a line, and not where that has a vertex."""
    xy = _metres(np.vstack([shapely.get_coordinates(line), end]))
    flat = shapely.linestrings(xy[:-1])
    near = float(shapely.distance(flat, shapely.points(xy[-1]))) <= SNAP_M
    return near and float(np.hypot(*(xy[:-1] - xy[-1]).T).min()) > SNAP_M


def _with(line: shapely.LineString, points: Float64Array) -> shapely.LineString:
    """A line with vertices at points that lie on it, in their order along it."""
    xy = shapely.get_coordinates(line)
    along = np.atleast_1d(shapely.line_locate_point(line, shapely.points(points)))
    steps = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))))
    order = np.argsort(along, kind="stable")
    at = np.searchsorted(steps, along[order])
    return shapely.LineString(np.insert(xy, at, points[order], axis=0))
