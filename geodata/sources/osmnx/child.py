"""The process in which osmnx downloads: an order comes in by the standard input, a file goes out.

osmnx replaces `socket.getaddrinfo` for the whole process it runs in, and waits without end for a
server that is busy. In a process of its own that does no harm, and the one that started it may end
it.
"""

from __future__ import annotations

import json
import sys
from typing import Any

TAGS = (
    "highway", "route", "name", "ref", "bridge", "tunnel", "layer", "junction", "oneway",
    "oneway:foot", "surface", "tracktype", "smoothness", "access", "vehicle", "motor_vehicle",
    "motorcar", "foot", "ford", "barrier", "maxspeed", "maxspeed:forward", "maxspeed:backward",
    "maxspeed:practical", "maxspeed:type", "source:maxspeed", "zone:maxspeed", "duration",
    "service", "lanes",
)  # fmt: skip
"""Tags of ways that are kept: those that roads are read from, and some that users of osmnx need."""
NODE_TAGS = (
    "barrier", "ford", "highway", "access", "vehicle", "motor_vehicle", "motorcar", "foot", "name",
    "junction", "railway", "ref",
)  # fmt: skip
FILTERS = (
    '["highway"]["highway"!~"^(abandoned|construction|no|planned|platform|proposed|raceway|razed)$"]',
    '["route"="ferry"]["highway"!~"."]',
)
"""Filters of the request: osmnx's own kinds of network need a highway and so lack ferries."""


def main() -> None:
    """Carry out the order; an error is reported in a line of JSON."""
    order = json.load(sys.stdin)
    try:
        report = download(order)
    except Exception as error:
        report = {"fault": type(error).__name__, "reason": " ".join(str(error).split())[:300]}
    sys.stdout.write(json.dumps(report) + "\n")


def download(order: dict[str, Any]) -> dict[str, Any]:
    """Write the graph of the streets of a place, or of polygons, as osmnx downloads them.

    Parameters
    ----------
    order
        ``place`` or ``polygons`` (WKT); ``target``; ``cache``, ``overpass``, ``nominatim``.
    """
    import networkx as nx
    import osmnx as ox
    import shapely

    _set(ox.settings, order)
    if order.get("place"):
        shapes: list[Any] = [ox.geocode_to_gdf(order["place"]).union_all()]
    else:
        shapes = [shapely.from_wkt(text) for text in order["polygons"]]
    graphs = [
        ox.graph_from_polygon(
            shape, simplify=False, retain_all=True, truncate_by_edge=True,
            custom_filter=list(FILTERS),
        )
        for shape in shapes
    ]  # fmt: skip
    graph = nx.compose_all(graphs) if len(graphs) > 1 else graphs[0]
    ox.save_graphml(graph, order["target"])
    return {"nodes": len(graph), "edges": len(graph.edges)}


def _set(settings: Any, order: dict[str, Any]) -> None:
    """Settings of osmnx, which are those of the process."""
    settings.overpass_url = order["overpass"]
    settings.nominatim_url = order["nominatim"]
    settings.doh_url_template = None
    settings.use_cache = True
    settings.cache_folder = order["cache"]
    settings.http_user_agent = order["agent"]
    settings.http_referer = order["agent"]
    settings.useful_tags_way = list(TAGS)
    settings.useful_tags_node = list(NODE_TAGS)
    # Each segment once, as it is drawn, with its own oneway: the rules of roads say what that is.
    settings.all_oneway = True
    settings.log_console = True


if __name__ == "__main__":
    main()
