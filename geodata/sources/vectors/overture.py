"""Segments of Overture's transportation theme: topology by connectors, rules by stretches.

Segments meet at shared connectors only. A segment is cut where a rule for a part of it
(``between``) begins or ends. Rules for some hours, people or vehicles are ignored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import shapely

from geodata.area.geodesy import geodesic
from geodata.arrays import Float64Array
from geodata.errors import DataError
from geodata.sources.userfiles.layer import UserLayer
from geodata.sources.vectors.files.columns import text_of
from geodata.sources.vectors.ways import RoadLines

NEEDED = ("id", "subtype", "class", "connectors")
"""Columns that identify a file of segments."""
VEHICLES = frozenset({"vehicle", "motor_vehicle", "car", "truck"})
LINKED = ("motorway", "trunk", "primary", "secondary", "tertiary")
"""Classes that have a class of links (ramps)."""
RULES = ("subclass_rules", "access_restrictions", "speed_limits", "road_surface", "road_flags")
"""Columns with rules that may hold for parts of a segment."""
_CONDITIONS = ("during", "using", "recognized", "vehicle")
_NOT_YET = frozenset({"is_under_construction", "is_abandoned"})
_CLOSE_M = 1.0
"""A connector this near a vertex is at it."""
_APART_M = 0.01
"""Between connectors that are said to lie in one place."""
_LEAST = 1e-9

Rule = Mapping[str, Any]


def is_overture(rows: UserLayer) -> bool:
    """Whether rows are segments of Overture."""
    return set(NEEDED) <= {heading for heading, _ in rows.columns}


def add_segments(lines: RoadLines, rows: UserLayer, left_out: Counter[str]) -> None:
    """Add segments of roads and ferries as lines, cut where rules begin and end.

    Raises
    ------
    DataError
        When a segment is not a line, or its connectors do not lie on it.
    """
    columns = dict(rows.columns)
    for row in range(len(rows)):
        record = {name: values[row] for name, values in columns.items()}
        if not _is_new(lines, text_of(record["id"])):
            continue
        subtype = text_of(record["subtype"])
        if subtype not in ("road", "water"):
            left_out[subtype or "no subtype"] += 1
            continue
        shape = rows.shapes[row]
        if shape is None or shape.geom_type != "LineString" or shape.is_empty:
            kind = None if shape is None else shape.geom_type
            raise DataError(rows.where(row), kind, "A segment of Overture is a line.")
        line, connectors = _joined(rows, row, record, lines)
        for start, end, part in _stretches(line, record):
            tags = _tags(record, (start, end))
            if tags is None:
                left_out["not yet, or no more, a road"] += 1
                continue
            first, last = part
            shape = shapely.LineString(line[first : last + 1])
            lines.add(shape, tags, ends=_ends(part, connectors, lines, text_of(record["id"])))


def _is_new(lines: RoadLines, name: str) -> bool:
    """Whether a segment is new: neighbouring files share some."""
    before = len(lines.numbers)
    return not name or lines.number(f"segment {name}") == before


def _ends(
    part: tuple[int, int], connectors: Mapping[int, int], lines: RoadLines, segment: str
) -> dict[int, int]:
    """Numbers of the nodes of a stretch by its vertices, its own ends among them."""
    first, last = part
    ends = {at - first: number for at, number in connectors.items() if first <= at <= last}
    for at in part:
        if at - first not in ends:
            name = f"vertex {at} of {segment or len(lines.shapes)}"
            ends[at - first] = lines.number(name)
    return ends


def _joined(
    rows: UserLayer, row: int, record: Mapping[str, Any], lines: RoadLines
) -> tuple[Float64Array, dict[int, int]]:
    """Vertices of a segment, one at each connector and end of a rule, and the connectors' nodes."""
    line = with_vertices(shapely.get_coordinates(rows.shapes[row]), sorted(_rule_ends(record)))
    line, names = with_connectors(line, _connectors(rows, row, record))
    nodes = {at: lines.number(f"connector {name}") for at, name in enumerate(names) if name}
    return line, nodes


def _rule_ends(record: Mapping[str, Any]) -> set[float]:
    """Shares of a segment at which rules begin and end, and both of its own ends."""
    rules = (rule for name in RULES for rule in rules_of(record.get(name)))
    return {0.0, 1.0}.union(*map(_between, rules))


def _connectors(rows: UserLayer, row: int, record: Mapping[str, Any]) -> list[tuple[float, str]]:
    """Connectors of a segment: where they lie as shares of it, and what they are called."""
    where = rows.where(row, "connectors")
    connectors = []
    for each in rules_of(record["connectors"]):
        share, name = each.get("at"), text_of(each.get("connector_id"))
        if share is None or not 0.0 <= float(share) <= 1.0:
            raise DataError(where, share, "A connector lies at 0 to 1 of a segment.")
        if not name:
            remedy = "A connector has a connector_id, by which segments meet: give it one."
            raise DataError(f"{where}, connector_id", each.get("connector_id"), remedy)
        connectors.append((float(share), name))
    return connectors


def _shares(line: Float64Array) -> Float64Array:
    """Share of a line's length at each of its vertices."""
    x, y = line.T
    metres = np.concatenate(([0.0], np.cumsum(geodesic(x[:-1], y[:-1], x[1:], y[1:]))))
    return np.asarray(metres / max(metres[-1], _LEAST), np.float64)


def with_vertices(line: Float64Array, shares: Sequence[float]) -> Float64Array:
    """A line with a vertex at each share of its length, but where one is close by."""
    along = _shares(line)
    close = _share_of(_CLOSE_M, line)
    fresh = [share for share in shares if np.abs(along - share).min() > close]
    return _inserted(line, np.searchsorted(along, fresh), fresh) if fresh else line


def with_connectors(
    line: Float64Array, connectors: Sequence[tuple[float, str]]
) -> tuple[Float64Array, list[str]]:
    """A line with a vertex for each connector, no two the same, and the connector of each vertex.

    A connector takes the vertex close by, unless another one is closer to that.
    """
    along, names = _shares(line), [""] * len(line)
    close, apart = _share_of(_CLOSE_M, line), _share_of(_APART_M, line)
    for share, name in sorted(connectors, key=lambda each: np.abs(along - each[0]).min()):
        at = int(np.abs(along - share).argmin())
        if np.abs(along[at] - share) <= close and not names[at]:
            names[at] = name
            continue
        before = int(np.clip(np.searchsorted(along, share), 1, len(line) - 1))
        # Not in the place of another one: the way between them has a length.
        own = float(np.clip(share, along[before - 1] + apart, along[before] - apart))
        line = _inserted(line, before, own)
        along = np.insert(along, before, own)
        names.insert(before, name)
    return line, names


def _share_of(metres: float, line: Float64Array) -> float:
    """Metres as a share of the length of a line, all of it at most."""
    x, y = line.T
    return metres / max(float(np.sum(geodesic(x[:-1], y[:-1], x[1:], y[1:]))), metres)


def _inserted(line: Float64Array, before: Any, shares: Any) -> Float64Array:
    """A line with vertices at shares of its length, each before one that it has."""
    points = np.column_stack([np.interp(shares, _shares(line), axis) for axis in line.T])
    return np.insert(line, before, points, axis=0)


def _stretches(
    line: Float64Array, record: Mapping[str, Any]
) -> Iterator[tuple[float, float, tuple[int, int]]]:
    """Stretches of a segment on which the same rules hold: shares, first and last vertex."""
    along = _shares(line)
    at = sorted({int(np.abs(along - share).argmin()) for share in _rule_ends(record)})
    for first, last in pairwise(at):
        yield float(along[first]), float(along[last]), (first, last)


def rules_of(value: Any) -> list[Rule]:
    """Rules of a column, which may be nothing, a list or an array."""
    if value is None or isinstance(value, float | str):
        return []
    return [rule for rule in value if isinstance(rule, Mapping)]


def _between(rule: Rule) -> tuple[float, float]:
    span = rule.get("between")
    if span is None or isinstance(span, float) or len(span) != 2:
        return 0.0, 1.0
    first, last = map(float, span)
    return max(first, 0.0), min(last, 1.0)


def _holding(record: Mapping[str, Any], name: str, span: tuple[float, float]) -> Iterator[Rule]:
    """Rules of a column that hold on a stretch, at all hours and for all traffic."""
    middle = sum(span) / 2
    for rule in rules_of(record.get(name)):
        first, last = _between(rule)
        when = rule.get("when") or {}
        if first <= middle <= last and not any(_has_values(when.get(key)) for key in _CONDITIONS):
            yield rule


def _has_values(value: Any) -> bool:
    return value is not None and len(value) > 0


def _list(value: Any) -> Sequence[Any]:
    return () if value is None else list(value)


def _tags(record: Mapping[str, Any], span: tuple[float, float]) -> dict[str, str] | None:
    """Properties of a stretch as tags of OpenStreetMap; None where it is not a road."""
    tags = {"name": _primary(record.get("names")), "ref": _ref(record.get("routes"))}
    if text_of(record["subtype"]) == "water":
        return {key: value for key, value in {**tags, "route": "ferry"}.items() if value}
    flags = {
        str(flag)
        for rule in _holding(record, "road_flags", span)
        for flag in _list(rule.get("values"))
    }
    if flags & _NOT_YET:
        return None
    tags["highway"] = _highway(record, span, flags)
    for rule in _holding(record, "road_surface", span):
        tags["surface"] = text_of(rule.get("value"))
    tags |= _access(record, span)
    tags |= _limits(record, span)
    return {key: value for key, value in tags.items() if value and value != "unknown"}


def _highway(record: Mapping[str, Any], span: tuple[float, float], flags: set[str]) -> str:
    own = text_of(record["class"])
    kind = own if own and own != "unknown" else "road"
    subclass = text_of(record.get("subclass"))
    for rule in _holding(record, "subclass_rules", span):
        subclass = text_of(rule.get("value"))
    link = subclass == "link" or "is_link" in flags
    return f"{kind}_link" if link and kind in LINKED else kind


def _primary(names: Any) -> str:
    return text_of(names.get("primary")) if isinstance(names, Mapping) else ""


def _ref(routes: Any) -> str:
    refs = (text_of(route.get("ref")) for route in rules_of(routes))
    return next((ref for ref in refs if ref), "")


def _access(record: Mapping[str, Any], span: tuple[float, float]) -> dict[str, str]:
    """Directions in which traffic may go: of the rules that hold, the last one counts."""
    vehicle = {"forward": True, "backward": True}
    foot = dict(vehicle)
    for rule in _holding(record, "access_restrictions", span):
        allowed = text_of(rule.get("access_type")) != "denied"
        when = rule.get("when") or {}
        modes = {str(mode) for mode in _list(when.get("mode"))}
        heading = text_of(when.get("heading"))
        ways = (heading,) if heading in vehicle else tuple(vehicle)
        for way in ways:
            if not modes or modes & VEHICLES:
                vehicle[way] = allowed
            if not modes or "foot" in modes:
                foot[way] = allowed
    tags = {}
    if not any(vehicle.values()):
        tags["motor_vehicle"] = "no"
    elif not all(vehicle.values()):
        tags["oneway"] = "yes" if vehicle["forward"] else "-1"
    else:
        tags["oneway"] = "no"
    if not any(foot.values()):
        tags["foot"] = "no"
    elif not all(foot.values()) and not any(vehicle.values()):
        tags["oneway:foot"] = "yes" if foot["forward"] else "-1"
    return tags


def _limits(record: Mapping[str, Any], span: tuple[float, float]) -> dict[str, str]:
    """Speed limits, those of one direction by themselves."""
    tags = {}
    for rule in _holding(record, "speed_limits", span):
        limit = rule.get("max_speed")
        when = rule.get("when") or {}
        modes = {str(mode) for mode in _list(when.get("mode"))}
        if not isinstance(limit, Mapping) or (modes and not modes & (VEHICLES - {"truck"})):
            continue
        heading = text_of(when.get("heading"))
        key = f"maxspeed:{heading}" if heading in ("forward", "backward") else "maxspeed"
        tags[key] = f"{text_of(limit.get('value'))} {text_of(limit.get('unit'))}".strip()
    return tags
