"""GeoParquet by box, through Arrow."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from geodata.area.box import Box
from geodata.arrays import ObjectArray
from geodata.sources.userfiles.source import Source
from geodata.sources.vectors.boxes import boxes_of
from geodata.sources.vectors.crs import check_bounds
from geodata.sources.vectors.features import (
    UNREADABLE,
    FeatureNames,
    Features,
    as_column,
    unreadable,
)


def read_parquet(
    source: Source, box: Box | None, stated: CRS | None
) -> tuple[Features, CRS | None]:
    """Features of a GeoParquet file that meet a box, and the CRS that it states.

    Raises
    ------
    DataError
        When it is none, or cannot be read.
    """
    source.check(source.path)
    with source.path.open("rb") as file:
        if file.read(4) != b"PAR1":
            raise source.refusal("It is no GeoParquet. Save the layer as GeoPackage.")
    own, covered = geometry_of(source)
    crs = own if own is not None else stated
    boxes: list[Box | None] = [None]
    if box is not None and crs is not None and covered:
        boxes = [*boxes_of(box, crs)]
    frame = _each_once([_frame(source, each) for each in boxes])
    shapes: ObjectArray = np.asarray(frame.geometry.array, object)
    if not covered:
        check_bounds(shapely.total_bounds(shapes).tolist(), crs, source)
        if not len(frame):
            raise source.refusal("It has no features.")
    else:
        check_bounds(_bounds_of(source), crs, source)
    others = [str(name) for name in frame.columns if name != frame.geometry.name]
    numbers = np.arange(1, len(frame) + 1, dtype=np.int64)
    return Features(
        rows=FeatureNames("feature" if boxes == [None] else "feature of the area", numbers),
        shapes=shapes,
        columns=[(name, as_column(frame[name].to_numpy())) for name in others],
    ), own


def _each_once(frames: list[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Rows of all frames; a row that two boxes meet is in both, and counts once."""
    parts, seen = frames[:1], set(_row_keys(frames[0])) if len(frames) > 1 else set()
    for frame in frames[1:]:
        keys = _row_keys(frame)
        parts.append(frame[[key not in seen for key in keys]])
        seen.update(keys)
    return parts[0] if len(parts) == 1 else gpd.GeoDataFrame(pd.concat(parts))


def _row_keys(frame: gpd.GeoDataFrame) -> list[str]:
    """All that rows hold, as a text each."""
    columns = [frame[name] for name in frame.columns if name != frame.geometry.name]
    return [repr(row) for row in zip(frame.geometry.to_wkb(), *columns, strict=True)]


def geometry_of(source: Source) -> tuple[CRS | None, bool]:
    """CRS of the geometry of a GeoParquet file, and whether it can be read by box."""
    try:
        metadata = pq.read_metadata(source.path).metadata or {}
    except UNREADABLE as error:
        raise unreadable(source, error) from error
    if b"geo" not in metadata:
        raise source.refusal("It has no geometry: it is Parquet and no GeoParquet.")
    try:
        geo = json.loads(metadata[b"geo"])
        column = geo["columns"][geo["primary_column"]]
        crs = column.get("crs", "OGC:CRS84")
        own = None if crs is None else CRS.from_user_input(crs)
    except (ValueError, KeyError, TypeError, CRSError) as error:
        raise source.refusal("What it says of its geometry cannot be read.") from error
    return own, "covering" in column or column.get("encoding", "WKB").lower() == "point"


def _bounds_of(source: Source) -> list[float]:
    """Bounds that the head of a GeoParquet file tells, or not a number."""
    geo = json.loads((pq.read_metadata(source.path).metadata or {})[b"geo"])
    bounds = geo["columns"][geo["primary_column"]].get("bbox") or []
    half = len(bounds) // 2
    return [*bounds[:2], *bounds[half : half + 2]] if half >= 2 else [np.nan] * 4


def _frame(source: Source, box: Box | None) -> gpd.GeoDataFrame:
    try:
        frame: gpd.GeoDataFrame = gpd.read_parquet(source.path.absolute(), bbox=box)
    except (*UNREADABLE, KeyError, TypeError) as error:
        raise unreadable(source, error) from error
    return frame
