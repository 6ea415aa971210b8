"""The finished roads of a network as a graph that osmnx and networkx work on."""

from __future__ import annotations

import re
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geodata.arrays import BoolArray, Int64Array
from geodata.errors import DataError, InputError
from geodata.network.credit import Sources, credit_line, role_of
from geodata.network.network import Network
from geodata.sources.area_file.road_rules import ROAD_CLASSES
from geodata.sources.layers.schema import EVIDENCE
from geodata.sources.osmnx.download import INSTALL
from geodata.sources.osmnx.finished import CLASS, MARK, MODE, SURFACE

if TYPE_CHECKING:
    import networkx as nx

HIGHWAY = {"local": "unclassified", "crossing": "unclassified"}
"""Values of ``highway`` for classes that are called otherwise there."""
SURFACES = {"mixed": "compacted"}
"""Values of ``surface`` likewise."""
NO_ROADS = (
    *EVIDENCE, "airports", "airstrips", "cays", "depth", "distances", "friction", "indicators",
    "influence",
    "informal_counts", "landcover", "lights", "population", "ports", "posts", "rivers",
    "territorial",
)  # fmt: skip
"""Layers that no road is made of, by role or, where none is recorded, by name. Roads may be made of
all others, such as land, places and heights."""
_UNWRITTEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML has no sign for."""


def to_osmnx(network: Network) -> nx.MultiDiGraph:
    """The roads of a network as osmnx has street networks.

    Nodes and edges have osmnx's attributes: ``x y street_count``; ``osmid length highway oneway
    reversed geometry speed_kph travel_time``, names and numbers where there are some. A link that
    may be passed both ways is two edges. The number of a node is its row in `network.nodes`, the
    ``osmid`` of an edge that of its link. What osmnx has no word for stands beside it, so that
    `roads_from_osmnx` gives the same roads back. Ferries are among them, with ``highway`` ferry;
    off-road ways, waters and transfers are not.

    Parameters
    ----------
    network
        A network with roads.

    Raises
    ------
    InputError
        When networkx, which osmnx brings along, is not installed.
    DataError
        When the network has no roads.

    Examples
    --------
    >>> from geodata import load_network, to_osmnx
    >>> graph = to_osmnx(load_network("network"))
    >>> graph.graph["crs"], graph.is_multigraph()
    ('epsg:4326', True)
    >>> import osmnx
    >>> route = osmnx.routing.shortest_path(graph, *list(graph)[:2], weight="travel_time")
    """
    if find_spec("networkx") is None:
        raise InputError("to_osmnx", "networkx", f"It is not installed: {INSTALL}")
    import networkx as nx

    rows = _roads(network)
    if not len(rows):
        raise DataError("network", network.area.name, "It has no roads.")
    graph = nx.MultiDiGraph(**_of_graph(network))
    graph.add_nodes_from(_nodes(network, rows))
    graph.add_edges_from(_edges(network, rows))
    return graph


def _roads(network: Network) -> Int64Array:
    """Rows of the links that are roads, and of the paths among them."""
    links = network.links
    road = links["mode"].isin(("road", "trail")) & links["class"].isin(ROAD_CLASSES)
    seconds = links[["seconds_uv", "seconds_vu"]].to_numpy()
    return np.flatnonzero(road.to_numpy() & np.isfinite(seconds).any(axis=1))


def _of_graph(network: Network) -> dict[str, Any]:
    sources: Sources = [
        source for source in network.meta.get("sources", []) if role_of(source) not in NO_ROADS
    ]
    licences = dict.fromkeys(source["licence"] for source in sources)
    return {
        "crs": "epsg:4326", "simplified": True,
        "created_with": f"Vereda {version('vereda')}", MARK: network.area.name,
        "licence": "; ".join(licences), "attribution": credit_line(sources),
    }  # fmt: skip


def _nodes(network: Network, rows: Int64Array) -> list[tuple[int, dict[str, Any]]]:
    """Nodes that roads have, with the number of streets that meet there."""
    columns = network.links
    ends = np.concatenate([columns[end].to_numpy()[rows] for end in ("u", "v")])
    used, streets = np.unique(ends, return_counts=True)
    nodes = network.nodes.iloc[used]
    texts = {name: _texts(nodes[name]) for name in ("kind", "country", "name")}
    x, y = (nodes[axis].tolist() for axis in ("x", "y"))
    return [
        (number, {"x": x[at], "y": y[at], "street_count": count, **_kept_texts(texts, at)})
        for at, (number, count) in enumerate(zip(used.tolist(), streets.tolist(), strict=True))
    ]


def _edges(network: Network, rows: Int64Array) -> list[tuple[int, int, dict[str, Any]]]:
    """Edges of links: one for each way that they can be passed."""
    links = network.links.iloc[rows]
    seconds = links[["seconds_uv", "seconds_vu"]].to_numpy(np.float64)
    open_: BoolArray = np.isfinite(seconds)
    lines = network.lines(rows)
    texts = {name: _texts(links[name]) for name in ("ref", "name", "country", "crossing")}
    classes, surfaces, modes = (_texts(links[name]) for name in ("class", "surface", "mode"))
    length = links["length_m"].to_numpy(np.float64).tolist()
    schematic = links["schematic"].tolist()
    ends = links[["u", "v"]].to_numpy().tolist()
    edges = []
    for at, row in enumerate(rows.tolist()):
        both = bool(open_[at].all())
        same = {
            "osmid": row, "highway": HIGHWAY.get(classes[at], classes[at]), "oneway": not both,
            "length": length[at], **_kept_texts(texts, at), CLASS: classes[at], MODE: modes[at],
            "schematic": schematic[at],
        }  # fmt: skip
        if classes[at] == "ferry":
            same["route"] = "ferry"
        if surfaces[at]:
            same["surface"] = SURFACES.get(surfaces[at], surfaces[at])
            same[SURFACE] = surfaces[at]
        for way in np.flatnonzero(open_[at]).tolist():
            u, v = ends[at][::-1] if way else ends[at]
            line = lines[at].reverse() if way else lines[at]
            taken = float(seconds[at, way])
            own = {"reversed": bool(way), "geometry": line, "travel_time": taken,
                   "speed_kph": length[at] / taken * 3.6}  # fmt: skip
            edges.append((u, v, same | own))
    return edges


def _texts(column: pd.Series) -> list[str]:
    """Texts of a column, as XML can hold them."""
    return [_UNWRITTEN.sub(" ", str(text)) for text in column.astype(object).fillna("").tolist()]


def _kept_texts(texts: dict[str, list[str]], at: int) -> dict[str, str]:
    """Texts of a row that are not empty: osmnx has no attribute for what is not known."""
    return {name: values[at] for name, values in texts.items() if values[at]}
