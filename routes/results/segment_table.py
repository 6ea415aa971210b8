"""Segments: the links that carry flow, one by one and as the band of each corridor."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from geodata.arrays import Int64Array
from geodata.network.network import Network
from routes.corridors.gateways import read_sequences
from routes.corridors.loading import Flow

SHOWN_USAGE = 0.002
"""Links and corridors below this share of flow are left out of tables."""


def segment_table(network: Network, flow: Flow, corridors: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Links above `SHOWN_USAGE`, with their attributes."""
    rows = np.flatnonzero(flow.link >= SHOWN_USAGE)
    links = network.links.iloc[rows]
    leading = [flow.corridors[row].gateways for row in flow.corridor[rows]]
    ids = dict(zip(read_sequences(network, corridors["gateways"]), corridors["id"], strict=True))
    hours = (links["seconds_uv"] + links["seconds_vu"]).to_numpy(float) / 7200
    text = ("mode", "class", "ref", "name", "country", "admin1", "crossing", "gateway")
    return gpd.GeoDataFrame(
        {
            "id": [f"L{row}" for row in rows],
            "corridor": [ids.get(gateways, "") for gateways in leading],
            **{column: links[column].astype(str).to_numpy() for column in text},
            "usage": flow.link[rows],
            "slack": flow.slack[rows],
            "hours": hours,
            "km": links["length_m"].to_numpy(float) / 1000,
            "remoteness": links["remoteness"].to_numpy(float),
            "weakness": links["weakness"].to_numpy(float),
        },
        geometry=network.lines(rows),
        crs="OGC:CRS84",
    )


def band_table(network: Network, flow: Flow, corridors: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """All the ways that the flow of each corridor takes, over all origins, as one shape each."""
    links: dict[str, list[Int64Array]] = {}
    ids = network.gateways["id"]
    for row, band in flow.bands.items():
        links.setdefault("; ".join(ids.iloc[list(flow.corridors[row].gateways)]), []).append(band)
    kept = corridors[corridors["gateways"].isin(list(links))]
    rows = [np.unique(np.concatenate(links[gateways])) for gateways in kept["gateways"]]
    return gpd.GeoDataFrame(
        {
            **{name: kept[name].to_numpy() for name in ("id", "rank", "name", "usage")},
            "links": [len(part) for part in rows],
        },
        geometry=np.array([shapely.MultiLineString(list(network.lines(p))) for p in rows], object),
        crs="OGC:CRS84",
    )
