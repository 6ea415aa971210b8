"""A street graph of osmnx, from a file or from memory."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import shapely

from geodata.errors import InputError
from geodata.sources.osmnx.values import Several, texts_of

_OF_EDGE = frozenset({
    "osmid", "length", "geometry", "travel_time", "speed_kph", "bearing", "grade", "grade_abs",
    "u_original", "v_original", "id",
})  # fmt: skip
"""Attributes that hardly two edges have in common; all others are kept once for all that agree."""


class Edge(NamedTuple):
    """An edge from one node to another.

    Parameters
    ----------
    u, v
        Names of its ends.
    tags
        All its attributes but those that follow.
    osmid
        Way or ways of which it is a part; empty if unknown.
    length_m, seconds
        Its attributes; NaN without one.
    geometry
        Its line, as shapely or WKT; None for a straight one.
    """

    u: str
    v: str
    tags: Mapping[str, Several]
    osmid: Several
    length_m: float
    seconds: float
    geometry: Any


@dataclass
class StreetGraph:
    """Nodes and edges of a graph.

    Parameters
    ----------
    name
        Name in messages.
    directed
        Whether an edge may be passed one way only.
    attributes
        Of the graph itself.
    places
        X and Y by name of the node, in whatever CRS; NaN where it has none.
    node_tags
        Other attributes of nodes.
    """

    name: str
    directed: bool = True
    attributes: dict[str, Any] = field(default_factory=dict)
    places: dict[str, tuple[float, float]] = field(default_factory=dict)
    node_tags: dict[str, dict[str, Several]] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    _same: dict[tuple[tuple[str, str], ...], Mapping[str, Several]] = field(default_factory=dict)

    def add_node(self, name: str, attributes: Mapping[str, Any]) -> None:
        """Add a node with its attributes."""
        x, y = (_number(attributes.get(axis)) for axis in ("x", "y"))
        self.places[name] = (x, y)
        tags = {
            key: values
            for key, value in attributes.items()
            if key not in ("x", "y", "street_count") and (values := texts_of(value))
        }
        if tags:
            self.node_tags[name] = tags

    def add_edge(self, u: str, v: str, attributes: Mapping[str, Any]) -> None:
        """Add an edge with its attributes."""
        if not self.directed and str(attributes.get("from", u)) == v != u:
            # osmnx keeps the former direction of an edge in an undirected graph.
            u, v = v, u
        key = tuple((name, str(attributes[name])) for name in attributes if name not in _OF_EDGE)
        tags = self._same.get(key)
        if tags is None:
            texts = {name: texts_of(attributes[name]) for name, _ in key}
            tags = self._same[key] = {name: values for name, values in texts.items() if values}
        geometry = attributes.get("geometry")
        empty = geometry is None or (isinstance(geometry, str) and geometry in ("", "None"))
        self.edges.append(
            Edge(
                u, v, tags, tuple(sorted(texts_of(attributes.get("osmid")))),
                _number(attributes.get("length")), _number(attributes.get("travel_time")),
                None if empty else geometry,
            )
        )  # fmt: skip

    def lines(self) -> list[Any]:
        """Lines of the edges, None for a straight one.

        Raises
        ------
        InputError
            When a geometry is not a line.
        """
        rows = [row for row, edge in enumerate(self.edges) if edge.geometry is not None]
        shapes = np.array([self.edges[row].geometry for row in rows], object)
        texts = np.array([isinstance(shape, str) for shape in shapes], bool)
        if texts.any():
            read = np.full(len(shapes), None, object)
            read[texts] = shapely.from_wkt(shapes[texts].astype(str), on_invalid="ignore")
            shapes = np.where(texts, read, shapes)
        lines: list[Any] = [None] * len(self.edges)
        for row, shape in zip(rows, shapes.tolist(), strict=True):
            line = isinstance(shape, shapely.LineString) and not shape.is_empty
            if not line or not np.isfinite(shapely.get_coordinates(shape)).all():
                edge = self.edges[row]
                field_ = f"{self.name}, edge {edge.u} to {edge.v}, geometry"
                raise InputError(field_, str(edge.geometry)[:60], "Give it a line, or none.")
            lines[row] = shape
        return lines


def graph_of(graph: Any, name: str = "graph") -> StreetGraph:
    """Read a graph of networkx, as osmnx makes them.

    Parameters
    ----------
    graph
        A `networkx.MultiDiGraph`, or another graph of networkx.
    name
        Name in messages.

    Raises
    ------
    InputError
        When `graph` is not a graph of networkx.
    """
    if not all(hasattr(graph, part) for part in ("nodes", "edges", "graph", "is_directed")):
        remedy = "Give a graph, as osmnx.graph_from_place and osmnx.load_graphml make them."
        raise InputError(name, type(graph), remedy)
    streets = StreetGraph(name, directed=graph.is_directed(), attributes=dict(graph.graph))
    for node, attributes in graph.nodes(data=True):
        streets.add_node(str(node), attributes)
    for u, v, attributes in graph.edges(data=True):
        streets.add_edge(str(u), str(v), attributes)
    return streets


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan
