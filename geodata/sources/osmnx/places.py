"""Positions of the nodes and edges of a graph, in degrees, from any coordinate system."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from geodata.arrays import Float64Array
from geodata.errors import DataError
from geodata.sources.osmnx.street_graph import StreetGraph

_AUTHORITY = re.compile(r"(?:\+init=)?([A-Za-z]+):(\d+)")
_FILES = re.compile(r"[@]|grids|geoid|\+init", re.IGNORECASE)
_SLACK = 1e-6
_OWN = 'Set it before you save: graph.graph["crs"] = "epsg:32616".'


@dataclass(frozen=True)
class Places:
    """Positions of nodes and edges.

    Parameters
    ----------
    row
        Number of each node by its name.
    xy
        Longitude and latitude of each node; NaN where the graph has none.
    lines
        Vertices of each edge from its u to its v, None for a straight one.
    """

    row: dict[str, int]
    xy: Float64Array
    lines: list[Float64Array | None]


def places_of(graph: StreetGraph, *, crs: str | None = None) -> Places:
    """Places of a graph in degrees.

    Parameters
    ----------
    crs
        Used where the graph states none.

    Raises
    ------
    InputError, DataError
        When the coordinate system is unknown, or cannot be that of these coordinates.
    """
    row = {name: at for at, name in enumerate(graph.places)}
    xy = np.array(list(graph.places.values()), np.float64).reshape(-1, 2)
    system = _system(graph, crs, xy)
    shapes = graph.lines()
    if system is not None:
        xy, shapes = _in_degrees(graph, system, xy, shapes)
    lines = [
        None if shape is None else _along(graph, at, shape, xy, row)
        for at, shape in enumerate(shapes)
    ]
    return Places(row, xy, lines)


def _along(
    graph: StreetGraph, at: int, shape: Any, xy: Float64Array, row: dict[str, int]
) -> Float64Array | None:
    """Vertices of an edge from its u to its v; osmnx has some in reverse order."""
    edge = graph.edges[at]
    if edge.u not in row or edge.v not in row:
        return None
    start, end = xy[row[edge.u]], xy[row[edge.v]]
    line = shapely.get_coordinates(shape)
    if np.abs(line[0] - start).sum() > np.abs(line[-1] - start).sum():
        line = line[::-1]
    # The node of a consolidated intersection is not at the end of any of its lines.
    inner = line[int(_near(line[0], start)) : len(line) - int(_near(line[-1], end))]
    return np.vstack([start, inner, end])


def _near(one: Float64Array, other: Float64Array) -> bool:
    return bool(np.abs(one - other).max() <= _SLACK)


def _system(graph: StreetGraph, crs: str | None, xy: Float64Array) -> CRS | None:
    """The coordinate system of a graph, None for degrees."""
    declared = graph.attributes.get("crs")
    text = None if declared is None or str(declared) in ("", "None") else declared
    system = _parsed(graph, text) if text is not None else None
    if system is None and crs is not None:
        system = _parsed(graph, crs)
    known = xy[np.isfinite(xy).all(axis=1)]
    degrees = bool((np.abs(known) <= np.array([180.0, 90.0]) + _SLACK).all())
    if not len(known):
        raise DataError(graph.name, "no place", "Its nodes lack x and y: osmnx made no such graph.")
    shown = ", ".join(f"{edge:g}" for edge in (*known.min(axis=0), *known.max(axis=0)))
    if system is None and not degrees:
        remedy = f"It does not say its coordinate system, and these are no degrees. {_OWN}"
        raise DataError(f"{graph.name}, crs", shown, remedy)
    if system is not None and system.is_geographic is not degrees:
        what = "in degrees, and these are none" if not degrees else "in metres, and these are none"
        remedy = f"It is labelled {system.name}, which is {what}. {_OWN}"
        raise DataError(f"{graph.name}, crs", shown, remedy)
    if system is None or system.equals("EPSG:4326", ignore_axis_order=True):
        return None
    return system


def _parsed(graph: StreetGraph, crs: Any) -> CRS:
    """A coordinate system in all spellings of osmnx's versions; no file is read for it."""
    if isinstance(crs, CRS):
        return crs
    text = str(crs).strip()
    if text.startswith("{"):
        # Versions before 0.12: {'init': 'epsg:4326'}.
        try:
            text = str(dict(ast.literal_eval(text))["init"])
        except (ValueError, SyntaxError, KeyError, TypeError, RecursionError):
            text = ""
    try:
        if match := _AUTHORITY.fullmatch(text):
            return CRS.from_authority(match[1].upper(), match[2])
        if text and not _FILES.search(text):
            return CRS.from_proj4(text) if text.startswith("+") else CRS.from_wkt(text)
    except CRSError:
        pass
    remedy = f"This coordinate system is not known. {_OWN}"
    raise DataError(f"{graph.name}, crs", " ".join(text.split())[:60] or crs, remedy)


def _in_degrees(
    graph: StreetGraph, system: CRS, xy: Float64Array, shapes: list[Any]
) -> tuple[Float64Array, list[Any]]:
    """Places and lines of a projected graph in degrees."""
    try:
        towards = Transformer.from_crs(system, "EPSG:4326", always_xy=True)

        def moved(places: Float64Array) -> Float64Array:
            return np.column_stack(towards.transform(places[:, 0], places[:, 1]))

        there = np.flatnonzero([shape is not None for shape in shapes])
        lines = shapely.transform(np.array(shapes, object)[there], moved)
        placed = moved(xy)
    except ProjError as error:
        remedy = f"It gives no degrees: project it back with osmnx.project_graph. {_OWN}"
        raise DataError(f"{graph.name}, crs", system.name, remedy) from error
    placed[~np.isfinite(placed).all(axis=1)] = np.nan
    result = list(shapes)
    for at, line in zip(there.tolist(), lines, strict=True):
        result[at] = line
    return placed, result
