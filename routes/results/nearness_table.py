"""Nearness as columns of the tables of a result, and the places that it is told of."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np

from geodata.arrays import Float64Array
from geodata.network.network import Network
from routes.corridors.premium import REACH, STEEPNESS, premium_of


def with_nearness(frame: gpd.GeoDataFrame, nearness: Float64Array) -> gpd.GeoDataFrame:
    """A table with columns ``premium`` and ``nearness``, in the order of its rows."""
    plain = frame.drop(columns="geometry")
    wider = plain.assign(premium=premium_of(nearness), nearness=nearness)
    return gpd.GeoDataFrame(wider, geometry=frame.geometry, crs=frame.crs)


def place_table(network: Network, nearness: Float64Array) -> gpd.GeoDataFrame:
    """Places with their nearness, the nearest first.

    Parameters
    ----------
    nearness
        Of each node.
    """
    nodes = network.nodes
    rows = np.flatnonzero((nodes["kind"] == "place") & (nodes["name"] != ""))
    rows = rows[np.argsort(-nearness[rows], kind="stable")]
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
    return with_nearness(frame, nearness[rows])


def nearness_record() -> dict[str, Any]:
    """What nearness was computed with; JSON."""
    return {
        "k": STEEPNESS,
        "source": "assumption",
        "reach": REACH,
        "reading": "Premium is how much dearer than the best path the cheapest one through a thing "
        "is, as a share of the best; nearness is exp(-k premium), its mean weighted by demand. "
        f"Beyond a premium of {REACH:.0%} there is no premium, and nearness counts as 0.",
    }
