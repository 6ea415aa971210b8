"""Segments: the links that carry flow, one by one and as the band of each corridor."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from geodata.arrays import Float64Array, Int64Array
from geodata.network.network import Network
from routes.corridors.corridor import read_keys
from routes.corridors.loading import Flow
from routes.search.network_arcs import arc_hours

SHOWN_USAGE = 0.002
"""Links and corridors below this share of flow are left out of tables."""


def segment_table(network: Network, flow: Flow, corridors: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Links above `SHOWN_USAGE`, with their attributes."""
    rows = np.flatnonzero(flow.link >= SHOWN_USAGE)
    links = network.links.iloc[rows]
    leading = [flow.corridors[row].key if row >= 0 else None for row in flow.corridor[rows]]
    ids = dict(zip(read_keys(network, corridors), corridors["id"], strict=True))
    text = ("mode", "class", "ref", "name", "country", "admin1", "crossing", "gateway")
    return gpd.GeoDataFrame(
        {
            "id": [f"L{row}" for row in rows],
            "corridor": [ids.get(key, "") if key else "" for key in leading],
            **{column: links[column].astype(str).to_numpy() for column in text},
            "usage": flow.link[rows],
            "slack": flow.slack[rows],
            "hours": _hours(network, flow, rows),
            "km": links["length_m"].to_numpy(float) / 1000,
            "remoteness": links["remoteness"].to_numpy(float),
            "weakness": links["weakness"].to_numpy(float),
        },
        geometry=network.lines(rows),
        crs="OGC:CRS84",
    )


def _hours(network: Network, flow: Flow, rows: Int64Array) -> Float64Array:
    """Travel time along some links, mean over the flow: a road may be one-way, or steep."""
    used = np.flatnonzero(flow.arc)
    spent = flow.arc[used] * arc_hours(network, flow.arcs, used)
    total = np.bincount(flow.arcs.link[used], spent, flow.links)
    return np.asarray(total[rows] / flow.link[rows])


def band_table(network: Network, flow: Flow, corridors: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """All the ways that the flow of each corridor takes, over all origins, as one shape each."""
    alike = flow.alike()
    bands = [
        [flow.spread[row].band for row in alike.get(key, [])]
        for key in read_keys(network, corridors)
    ]
    kept = corridors[np.array([bool(parts) for parts in bands], bool)]
    rows = [np.unique(np.concatenate(parts)) for parts in bands if parts]
    return gpd.GeoDataFrame(
        {
            **{name: kept[name].to_numpy() for name in ("id", "rank", "name", "usage")},
            "links": [len(part) for part in rows],
        },
        geometry=np.array([shapely.MultiLineString(list(network.lines(p))) for p in rows], object),
        crs="OGC:CRS84",
    )
