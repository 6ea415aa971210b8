"""GeoParquet by box, through Arrow."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from geodata.area.box import Box
from geodata.arrays import BoolArray, Float64Array, Int64Array, ObjectArray
from geodata.sources.userfiles.source import Source
from geodata.sources.vectors.files.boxes import boxes_of
from geodata.sources.vectors.files.crs import check_bounds
from geodata.sources.vectors.files.features import (
    SMALL,
    UNREADABLE,
    Choice,
    FeatureNames,
    Features,
    as_column,
    unreadable_error,
)

_AT_ONCE = 1 << 14
"""Rows read at once from a file without boxes of its rows."""


@dataclass(frozen=True, kw_only=True)
class Head:
    """Metadata of a GeoParquet file.

    Parameters
    ----------
    crs
        None where it states none.
    geometry
        Column of the shapes.
    by_box
        Whether rows can be chosen by their boxes before they are read.
    in_wkb
        Whether shapes are written in WKB.
    bounds
        Least x and y, greatest x and y; NaN where it does not say.
    rows
        How many there are.
    headings
        Columns besides the shapes and their boxes.
    """

    crs: CRS | None
    geometry: str
    by_box: bool
    in_wkb: bool
    bounds: Sequence[float]
    rows: int
    headings: Sequence[str]


def read_parquet(
    source: Source, box: Box | None, stated: CRS | None, used: Choice
) -> tuple[Features, CRS | None]:
    """Features of a GeoParquet file that meet a box, and the CRS that it states.

    Raises
    ------
    DataError
        When the file is not GeoParquet, or cannot be read.
    """
    source.check(source.path)
    with source.path.open("rb") as file:
        if file.read(4) != b"PAR1":
            raise source.refusal("It is no GeoParquet. Save the layer as GeoPackage.")
    head = head_of(source)
    if not head.rows:
        raise source.refusal("It has no features.")
    crs = head.crs if head.crs is not None else stated
    boxes: Sequence[Box | None] = [None]
    in_groups = head.in_wkb and head.rows > SMALL
    if box is not None and crs is not None and (head.by_box or in_groups):
        boxes = boxes_of(box, crs)
    names = list(used(head.headings))
    if head.by_box or not head.in_wkb:
        rows = _by_library(source, head, boxes, names)
    else:
        rows = _in_batches(source, head, boxes, names)
    check_bounds(list(rows.bounds), crs, source)
    read = Features(
        rows=FeatureNames(rows.word, rows.numbers),
        shapes=rows.shapes,
        columns=[(name, as_column(rows.table[name].to_numpy())) for name in names],
        every=head.headings,
    )
    return read, head.crs


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """Rows that meet boxes; `word` and `numbers` name them, and `bounds` are of all rows."""

    word: str
    numbers: Int64Array
    shapes: ObjectArray
    table: pd.DataFrame
    bounds: Sequence[float]


def _by_library(
    source: Source, head: Head, boxes: Sequence[Box | None], names: Sequence[str]
) -> _Rows:
    frame = _each_once([_frame(source, each, [*names, head.geometry]) for each in boxes])
    shapes: ObjectArray = np.asarray(frame.geometry.array, object)
    return _Rows(
        word="feature" if boxes == [None] else "feature of the area",
        numbers=np.arange(1, len(frame) + 1),
        shapes=shapes,
        table=frame,
        bounds=head.bounds if head.by_box else shapely.total_bounds(shapes).tolist(),
    )


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


def head_of(source: Source) -> Head:
    """Metadata of a GeoParquet file.

    Raises
    ------
    DataError
        When the file is not GeoParquet, or cannot be read.
    """
    try:
        with pq.ParquetFile(source.path) as file:
            names, rows = file.schema_arrow.names, file.metadata.num_rows
            metadata = file.metadata.metadata or {}
    except UNREADABLE as error:
        raise unreadable_error(source, error) from error
    if b"geo" not in metadata:
        raise source.refusal("It has no geometry: it is Parquet and no GeoParquet.")
    try:
        geo = json.loads(metadata[b"geo"])
        geometry = geo["primary_column"]
        column = geo["columns"][geometry]
        crs = column.get("crs", "OGC:CRS84")
        own = None if crs is None else CRS.from_user_input(crs)
        encoding = column.get("encoding", "WKB").lower()
        corners = column.get("covering", {}).get("bbox", {}).values()
        beside = {geometry, *(path[0] for path in corners), *_index_of(metadata)}
    except (ValueError, KeyError, TypeError, AttributeError, CRSError) as error:
        raise source.refusal("What it says of its geometry cannot be read.") from error
    return Head(
        crs=own, geometry=geometry, by_box="covering" in column or encoding == "point",
        in_wkb=encoding == "wkb", bounds=_bounds(column.get("bbox") or []), rows=rows,
        headings=[name for name in names if name not in beside],
    )  # fmt: skip


def _index_of(metadata: Any) -> set[str]:
    """Columns that only number the rows, of a file that pandas has written."""
    index = json.loads(metadata.get(b"pandas", b"{}")).get("index_columns", [])
    return {name for name in index if isinstance(name, str)}


def _bounds(bounds: Sequence[float]) -> list[float]:
    half = len(bounds) // 2
    return [*bounds[:2], *bounds[half : half + 2]] if half >= 2 else [np.nan] * 4


def _frame(source: Source, box: Box | None, names: Sequence[str]) -> gpd.GeoDataFrame:
    try:
        frame: gpd.GeoDataFrame = gpd.read_parquet(source.path.absolute(), columns=names, bbox=box)
    except (*UNREADABLE, KeyError, TypeError) as error:
        raise unreadable_error(source, error) from error
    return frame


def _in_batches(
    source: Source, head: Head, boxes: Sequence[Box | None], names: Sequence[str]
) -> _Rows:
    """Rows of a file without boxes of its rows.

    Only one batch of rows, and those that meet the boxes, are in memory at once.
    """
    tables, shapes, numbers, first = [], [], [], 1
    low, high = np.full(2, np.nan), np.full(2, np.nan)
    try:
        with pq.ParquetFile(source.path) as file:
            for batch in file.iter_batches(_AT_ONCE, columns=[*names, head.geometry]):
                table = pa.Table.from_batches([batch])
                own = shapely.from_wkb(table[head.geometry].to_numpy())
                total = shapely.total_bounds(own)
                low, high = np.fmin(low, total[:2]), np.fmax(high, total[2:])
                near = _meets(shapely.bounds(own), boxes)
                tables.append(table.filter(pa.array(near)).select(names))
                shapes.append(own[near])
                numbers.append(first + np.flatnonzero(near))
                first += len(own)
    except UNREADABLE as error:
        raise unreadable_error(source, error) from error
    return _Rows(
        word="feature",
        numbers=np.concatenate(numbers),
        shapes=np.concatenate(shapes),
        table=pa.concat_tables(tables).replace_schema_metadata(None).to_pandas(),
        bounds=[*low.tolist(), *high.tolist()],
    )


def _meets(bounds: Float64Array, boxes: Sequence[Box | None]) -> BoolArray:
    """Which shapes meet one of some boxes, by their bounds; those without any are kept."""
    kept: BoolArray = np.asarray(np.isnan(bounds).any(axis=1), bool)
    for box in boxes:
        if box is None:
            return np.ones(len(bounds), bool)
        west, south, east, north = box
        near = (bounds[:, 0] <= east) & (bounds[:, 2] >= west)
        near &= (bounds[:, 1] <= north) & (bounds[:, 3] >= south)
        kept = kept | near
    return kept
