"""Coordinates in degrees: frames taken to WGS 84, and their bounds."""

from __future__ import annotations

import geopandas as gpd
import numpy as np

from geodata.errors import InputError


def wgs84(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Bring a frame to longitude and latitude.

    Raises
    ------
    InputError
        When the frame does not say what its coordinates are.
    """
    if frame.crs is None:
        raise InputError("crs", None, "Say what the coordinates are: frame.set_crs(4326).")
    return frame if frame.crs.equals("EPSG:4326", True) else frame.to_crs(4326)


def bounds(frame: gpd.GeoDataFrame) -> tuple[float, float, float, float] | None:
    """West, south, east and north of all features, None when there are none."""
    west, south, east, north = (float(value) for value in frame.total_bounds)
    return (west, south, east, north) if np.isfinite(west) else None
