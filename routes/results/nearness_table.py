"""Nearness as columns of the tables of a result, and the table of places."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.network.network import Network
from routes.corridors.premium import REACH, STEEPNESS, Near


def with_nearness(frame: gpd.GeoDataFrame, near: Near) -> gpd.GeoDataFrame:
    """A table with columns ``premium`` and ``nearness``, in the order of its rows."""
    plain = frame.drop(columns="geometry")
    premium = np.where(np.isfinite(near.premium), near.premium, np.nan)
    wider = plain.assign(premium=premium, nearness=near.nearness)
    return gpd.GeoDataFrame(wider, geometry=frame.geometry, crs=frame.crs)


def place_table(network: Network, near: Near) -> gpd.GeoDataFrame:
    """Places with their nearness, the nearest first.

    Parameters
    ----------
    near
        Nearness of each node of the network.
    """
    nodes = network.nodes
    rows = np.flatnonzero((nodes["kind"] == "place") & (nodes["name"] != ""))
    rows = rows[np.argsort(-near.nearness[rows], kind="stable")]
    listed = nodes.iloc[rows]
    frame = gpd.GeoDataFrame(
        {
            "id": [f"N{row}" for row in rows],
            **{name: listed[name].astype(str) for name in ("name", "country", "admin1")},
            "remoteness": listed["remoteness"].to_numpy(float),
            "weakness": listed["weakness"].to_numpy(float),
        },
        geometry=gpd.points_from_xy(listed["x"], listed["y"]),
        crs="OGC:CRS84",
    ).reset_index(drop=True)
    return with_nearness(frame, near.at(rows))


def list_gateways(
    network: Network, used: gpd.GeoDataFrame, near: Near
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Gateways in use, as they are listed; and those with any nearness, the nearest first.

    Parameters
    ----------
    used
        Gateways in use, see `routes.results.gateway_table.gateway_usage`.
    near
        Nearness of each gateway of the network.
    """
    at = pd.Index(network.gateways["id"]).get_indexer(used["id"])
    rows = np.flatnonzero(near.nearness > 0)
    rows = rows[np.argsort(-near.nearness[rows], kind="stable")]
    usage = np.zeros(len(network.gateways))
    usage[at] = used["usage"]
    listed = network.gateways.iloc[rows].reset_index(drop=True).assign(usage=usage[rows])
    return with_nearness(used, near.at(at)), with_nearness(listed, near.at(rows))


def nearness_record() -> dict[str, Any]:
    """Settings with which nearness was computed; JSON."""
    return {
        "k": STEEPNESS,
        "source": "assumption",
        "reach": REACH,
        "reading": "Premium is how much dearer than the best path the cheapest one through a thing "
        "is, as a share of the best, for the origin, or part of one, that comes nearest; nearness "
        "is exp(-k premium), its mean over all origins weighted by demand. An origin whose "
        f"premium is above {REACH:.0%} counts as 0; where that holds for all, there is no premium.",
    }
