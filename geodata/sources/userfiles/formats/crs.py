"""Coordinate reference systems of users' layers, by the names and texts that files give them."""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError, ProjError

from geodata.arrays import ObjectArray
from geodata.sources.userfiles.source import Source

_AUTHORITY = re.compile(
    r"(?:urn:(?:x-)?ogc:def:crs:)?(EPSG|ESRI|OGC|IGNF|IAU)(?::{1,2}|:[\w.]*:)([\w-]+)"
    r"|https?://www\.opengis\.net/def/crs/(EPSG|OGC)/[\w.]+/(\w+)",
    re.IGNORECASE,
)
# A definition may name files of grids; none but PROJ's own "null" is looked at.
_FILES = re.compile(r"grids\s*=\s*(?!@?null\b)|PARAMETERFILE|\+init=", re.IGNORECASE)
UNSAID = "Say which CRS the layer has: set it and save again, or save as GeoJSON in WGS 84."


def crs_of(text: str, source: Source) -> CRS:
    """A CRS from an authority's name, such as ``EPSG:32616``, or from WKT.

    Raises
    ------
    DataError
        When it is neither, or unknown.
    """
    match = _AUTHORITY.fullmatch(text.strip())
    try:
        if match:
            return CRS.from_authority(*(part.upper() for part in match.groups() if part))
        if not _FILES.search(text):
            return CRS.from_wkt(text)
    except (CRSError, UnicodeError):
        # Half of a surrogate pair is no text for PROJ.
        pass
    shown = " ".join(text.split())[:60]
    raise source.refusal(f"Its CRS is not known: {shown!r}. Save the layer in WGS 84 (EPSG:4326).")


def to_degrees(shapes: ObjectArray, crs: CRS, source: Source) -> ObjectArray:
    """Shapes in longitude and latitude (WGS 84), without heights and measures.

    Raises
    ------
    DataError
        When the CRS is of another kind, such as one of heights.
    """
    remedy = f"Its CRS {crs.name!r} gives no degrees. Save the layer in WGS 84 (EPSG:4326)."
    if not (crs.is_geographic or crs.is_projected):
        # PROJ takes heights, and metres from the middle of the earth, for places all the same.
        raise source.refusal(remedy)
    flat: ObjectArray = np.asarray(shapely.force_2d(shapes), object)
    if crs.equals("EPSG:4326", ignore_axis_order=True):
        return flat
    try:
        moved: ObjectArray = np.asarray(gpd.GeoSeries(flat, crs=crs).to_crs(4326).array, object)
    except ProjError as error:
        raise source.refusal(remedy) from error
    return moved
