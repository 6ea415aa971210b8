"""Roads of osmnx's graphs as nodes and links, by the same rules as those of OpenStreetMap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

from geodata.area.box import Box
from geodata.errors import DataError
from geodata.sources.area_file import Roads, default_roads
from geodata.sources.fetched.records import OSM_CREDIT, UNKNOWN_CREDIT
from geodata.sources.osm.roads import roads_of_ways
from geodata.sources.osmnx.finished import finished_roads, is_finished
from geodata.sources.osmnx.street_graph import StreetGraph, graph_of
from geodata.sources.osmnx.ways import ways_of


@dataclass(frozen=True)
class OsmnxRoads:
    """Roads of a graph of osmnx.

    Parameters
    ----------
    nodes
        Columns x, y, kind, country, name.
    links
        Columns as `geodata.sources.layers.MappedRoads` has them; `u` and `v` are row numbers of
        `nodes`.
    remarks
        Remarks on the reading of the graph, a sentence each.
    credit
        Its licence and holder.
    """

    nodes: pd.DataFrame
    links: gpd.GeoDataFrame
    remarks: tuple[str, ...] = ()
    credit: Mapping[str, str] = field(default_factory=lambda: OSM_CREDIT)


def roads_from_osmnx(
    graph: Any,
    *,
    box: tuple[float, float, float, float] | None = None,
    rules: Roads | None = None,
    merged: bool = True,
) -> OsmnxRoads:
    """Roads of a graph that osmnx made, or that `to_osmnx` did.

    Classes, surfaces, limits, fords, barriers, ferries and directions are read of its tags by the
    rules of the study. For a build, hand them to `Study.with_roads`. A graph of `to_osmnx` comes
    back as the roads that it was made of.

    Parameters
    ----------
    graph
        A `networkx.MultiDiGraph`, simplified or not, projected or not.
    box
        West, south, east, north in degrees: roads are cut at its edge. All without one.
    rules
        Rules of ``[roads]`` that ship when left out.
    merged
        Whether links are merged that only lead on into each other.

    Raises
    ------
    InputError, DataError
        When `graph` is not a street graph, or has no road in the box.

    Examples
    --------
    >>> import osmnx  # doctest: +SKIP
    >>> from geodata import roads_from_osmnx
    >>> from geodata.borderlands.examples import EXAMPLES
    >>> graph = osmnx.graph_from_place(EXAMPLES.capital)  # doctest: +SKIP
    >>> roads_from_osmnx(graph).links["class"].value_counts()  # doctest: +SKIP
    """
    rules = rules or default_roads()
    edges = None if box is None else Box(*box)
    return roads_of_graphs([graph_of(graph)], edges, rules=rules, merged=merged)


def roads_of_graphs(
    graphs: Sequence[StreetGraph],
    box: Box | None,
    *,
    rules: Roads,
    crs: str | None = None,
    classes: Mapping[str, str] | None = None,
    merged: bool = True,
) -> OsmnxRoads:
    """Roads of one graph, or of several that share nodes.

    Parameters
    ----------
    box, rules, merged
        As `roads_from_osmnx` has them.
    crs
        Coordinate system of those that say none.
    classes
        Value of ``highway`` by the one that a graph has, where they differ.

    Raises
    ------
    InputError, DataError
        When a graph cannot be used, or none has a road in the box.
    """
    if len(graphs) == 1 and graphs[0].edges and is_finished(graphs[0]):
        own = finished_roads(graphs[0], box)
        if own.links.empty:
            edges = ", ".join(f"{edge:g}" for edge in box or ())
            remedy = "Check that the area and the graph are of one place."
            raise DataError(graphs[0].name, f"no road within {edges}", remedy)
        return OsmnxRoads(own.nodes, own.links, own.remarks, UNKNOWN_CREDIT)
    ways = ways_of(graphs, rules, crs=crs, classes=classes)
    names = [graph.name for graph in graphs]
    roads = roads_of_ways(ways, box, rules=rules, paths=names, merged=merged)
    return OsmnxRoads(roads.nodes, roads.links, tuple(roads.report.remarks()))
