"""Graphs that `geodata.to_osmnx` made, read back as the finished roads that they are.

Each edge has its final speed and crossing of a border, so that no rule is applied to it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.area.box import Box, longitudes_about
from geodata.arrays import Float64Array
from geodata.sources.area_file.road_rules import ROAD_CLASSES
from geodata.sources.osmnx.places import Places, places_of
from geodata.sources.osmnx.street_graph import Edge, StreetGraph

MARK = "vereda"
"""Attribute that marks a graph as made by Vereda."""
CLASS, MODE, SURFACE = "road_class", "road_mode", "road_surface"
"""Attributes of its edges beside those of osmnx; with country, crossing and schematic."""
_HEAD_BYTES = 1 << 14
_TEXTS = ("ref", "name", "country", "crossing")


@dataclass(frozen=True)
class FinishedRoads:
    """Nodes and links as `geodata.sources.layers.MappedRoads` has them, and remarks."""

    nodes: pd.DataFrame
    links: gpd.GeoDataFrame
    remarks: tuple[str, ...]


def is_finished(graph: StreetGraph) -> bool:
    """Whether Vereda made a graph whose edges have not been merged since."""
    return MARK in graph.attributes and all(
        len(edge.tags.get(CLASS, ())) == 1
        and edge.tags[CLASS][0] in ROAD_CLASSES
        and np.isfinite((edge.seconds, edge.length_m)).all()
        and edge.u in graph.places and edge.v in graph.places
        for edge in graph.edges
    )  # fmt: skip


def is_finished_file(path: Path) -> bool:
    """Whether a GraphML file has a graph that Vereda made, of data under any licence."""
    with path.open("rb") as file:
        return f'attr.name="{MARK}"'.encode() in file.read(_HEAD_BYTES)


def finished_roads(graph: StreetGraph, box: Box | None) -> FinishedRoads:
    """Roads of a graph for which `is_finished` holds.

    Parameters
    ----------
    box
        Links that reach beyond it are left out and counted.
    """
    there = _about(places_of(graph), box)
    links: dict[tuple[object, ...], dict[str, object]] = {}
    for at, edge in enumerate(graph.edges):
        against = edge.tags.get("reversed", ()) == ("True",)
        u, v = (there.row[name] for name in (edge.u, edge.v))
        key = (edge.osmid or at, *((v, u) if against else (u, v)))
        link = links.setdefault(key, _link(edge, there, at, against=against))
        link["seconds_vu" if against else "seconds_uv"] = edge.seconds
    table = pd.DataFrame(list(links.values()))
    inside = _inside(there.xy, box)
    kept = inside[table["u"].to_numpy(int)] & inside[table["v"].to_numpy(int)]
    remarks: tuple[str, ...] = ()
    if not kept.all():
        remarks = (f"{int((~kept).sum()):,} links that reach beyond the area are left out.",)
    nodes, table = _used(_nodes(graph, there.xy), table[kept])
    return FinishedRoads(nodes, gpd.GeoDataFrame(table, crs="EPSG:4326"), remarks)


def _about(there: Places, box: Box | None) -> Places:
    """Places with longitudes about the middle of a box, which may reach over the antimeridian."""
    if box is None:
        return there
    middle = box.middle

    def moved(xy: Float64Array) -> Float64Array:
        x, y = xy.T
        far = np.abs(x - middle) > 180.0
        return np.column_stack([np.where(far, longitudes_about(middle, x), x), y])

    lines = [None if line is None else moved(line) for line in there.lines]
    return Places(there.row, moved(there.xy), lines)


def _link(edge: Edge, there: Places, at: int, *, against: bool) -> dict[str, object]:
    """What an edge says of its link, as that is drawn."""
    u, v = there.row[edge.u], there.row[edge.v]
    line = there.lines[at]
    xy = there.xy[[u, v]] if line is None else line
    tags: Mapping[str, str] = {key: values[0] for key, values in edge.tags.items()}
    return {
        "u": v if against else u, "v": u if against else v,
        "mode": tags.get(MODE, "road"), "class": tags[CLASS], "surface": tags.get(SURFACE, ""),
        "length_m": edge.length_m, "seconds_uv": np.inf, "seconds_vu": np.inf,
        **{name: tags.get(name, "") for name in _TEXTS},
        "schematic": tags.get("schematic") == "True",
        "geometry": shapely.LineString(xy[::-1] if against else xy),
    }  # fmt: skip


def _nodes(graph: StreetGraph, xy: Float64Array) -> pd.DataFrame:
    node_tags = [graph.node_tags.get(name, {}) for name in graph.places]
    texts = {
        name: [tags.get(name, ("",))[0] for tags in node_tags]
        for name in ("kind", "country", "name")
    }
    nodes = pd.DataFrame({"x": xy[:, 0], "y": xy[:, 1], **texts})
    return nodes.assign(kind=nodes["kind"].where(nodes["kind"] != "", "junction"))


def _inside(xy: Float64Array, box: Box | None) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    if box is None:
        return np.ones(len(xy), bool)
    west, south, east, north = box
    x, y = xy.T
    return np.asarray((x >= west) & (x <= east) & (y >= south) & (y <= north), bool)


def _used(nodes: pd.DataFrame, links: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Nodes that have links, numbered anew."""
    ends = links[["u", "v"]].to_numpy(np.int64)
    used, row = np.unique(ends, return_inverse=True)
    u, v = row.reshape(-1, 2).T.astype(np.int32)
    links = links.reset_index(drop=True).assign(u=u, v=v)
    return nodes.iloc[used].reset_index(drop=True), links
