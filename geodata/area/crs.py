"""Coordinates in degrees: frames transformed to WGS 84, and their bounds."""

from __future__ import annotations

from typing import TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.area.box import Box
from geodata.area.study_area import StudyArea
from geodata.errors import InputError

Frame = TypeVar("Frame", bound=pd.DataFrame)


def wgs84(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Bring a frame to longitude and latitude.

    Raises
    ------
    InputError
        When the frame has no coordinate reference system.
    """
    if frame.crs is None:
        raise InputError("crs", None, "Say what the coordinates are: frame.set_crs(4326).")
    return frame if frame.crs.equals("EPSG:4326", True) else frame.to_crs(4326)


def crs_by_name(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A frame of degrees under OGC:CRS84, as all frames in memory are.

    geopandas warns of a join of two CRS and refuses to concatenate them, though EPSG:4326 means
    the same degrees in the same order there.
    """
    return frame.set_crs("OGC:CRS84", allow_override=True)


def crs_by_number(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The same under EPSG:4326, which files of units and of layers have."""
    return frame.set_crs("EPSG:4326", allow_override=True)


def bounds(frame: gpd.GeoDataFrame) -> Box | None:
    """West, south, east and north of all features, None when there are none."""
    west, south, east, north = (float(value) for value in frame.total_bounds)
    return Box(west, south, east, north) if np.isfinite(west) else None


def turn_to_area(frame: Frame, area: StudyArea) -> Frame:
    """A layer with the longitudes of an area, which continue across the antimeridian."""
    if not area.crosses_antimeridian:
        return frame
    if isinstance(frame, gpd.GeoDataFrame):
        moved = shapely.transform(
            np.asarray(frame.geometry), lambda xy: np.c_[area.longitudes(xy[:, 0]), xy[:, 1]]
        )
        return frame.set_geometry(gpd.GeoSeries(moved, index=frame.index, crs=frame.crs))
    return frame.assign(x=area.longitudes(frame["x"])) if "x" in frame else frame
