"""Reading of a network's tables, with checks of everything on which computations rely.

A network may come from another source, with correct hashes. Its columns, their types and their
values are checked once, here, because compiled code uses the node numbers of links without another
check.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from geodata.area.box import MOST_DEGREES
from geodata.area.crs import crs_by_name
from geodata.entries.spelling import composed_columns
from geodata.errors import DataError, VeredaError
from geodata.formats.files.seals import Seal
from geodata.network.header import REBUILD
from geodata.sources.layers.schema import GEOMETRY, Schema, check

_DEGREES = "EPSG:4326"
_UNREADABLE = (pa.ArrowException, OSError, ValueError, KeyError, TypeError, AttributeError,
               shapely.errors.ShapelyError)  # fmt: skip


def read_table(seal: Seal, kinds: Mapping[str, str], *, most: int) -> pd.DataFrame:
    """Columns of a table, each of its type and with no value missing.

    Parameters
    ----------
    kinds
        Types by name of the column.
    most
        Rows at most.

    Raises
    ------
    DataError
        When a column is missing or of another type, or the file cannot be read.
    """
    with _opened(seal, most) as file:
        frame = composed_columns(pd.read_parquet(file, columns=list(kinds)))
        for name, kind in kinds.items():
            _check_column(seal, frame[name], kind)
    return frame


def read_places(
    seal: Seal, kinds: Mapping[str, str], shapes: Sequence[str], *, most: int
) -> gpd.GeoDataFrame:
    """A table with shapes in degrees, known by their ``id``.

    Parameters
    ----------
    kinds
        Types by name of the columns that are needed, ``id`` among them.
    shapes
        Kinds of geometry.

    Raises
    ------
    DataError
        As `read_table`, or when a shape is missing or an id is there twice.
    """
    with _opened(seal, most) as file:
        frame = composed_columns(gpd.read_parquet(file))
        for name, kind in kinds.items():
            if name not in frame.columns:
                raise _unusable(seal, f"It has no column {name}.")
            _check_column(seal, frame[name], kind)
        _check_shapes(seal, frame, shapes)
        if not frame["id"].is_unique:
            raise _unusable(seal, "Two of its rows have one id.")
    return crs_by_name(frame)


class StoredLayers(Mapping[str, pd.DataFrame]):
    """Layers of a network's sources, each read from its file whenever it is asked for.

    Parameters
    ----------
    seals
        Their files by name.
    schemas
        Schema of each layer.
    most
        Rows of each at most.
    """

    def __init__(
        self, seals: Mapping[str, Seal], schemas: Mapping[str, Schema], *, most: int
    ) -> None:
        self._seals, self._schemas, self._most = dict(seals), schemas, most

    def __getitem__(self, name: str) -> pd.DataFrame:
        """A layer.

        Raises
        ------
        DataError
            When a column is missing or of another type, or the file cannot be read.
        """
        return read_layer(self._seals[name], self._schemas[name], most=self._most)

    def __iter__(self) -> Iterator[str]:
        return iter(self._seals)

    def __len__(self) -> int:
        return len(self._seals)


def read_layer(seal: Seal, schema: Schema, *, most: int) -> pd.DataFrame:
    """A table that fits a schema; with shapes in degrees where that has shapes.

    Raises
    ------
    DataError
        As `read_table`.
    """
    kind = schema.get("geometry")
    with _opened(seal, most) as file:
        frame: pd.DataFrame = gpd.read_parquet(file) if kind else pd.read_parquet(file)
        frame = composed_columns(frame)
        try:
            check(frame, schema, seal.path.stem)
        except DataError as error:
            raise _unusable(seal, f"{error.field}: {error.value}. {error.remedy}") from error
        if isinstance(frame, gpd.GeoDataFrame):
            _check_shapes(seal, frame, sorted(GEOMETRY[schema["geometry"]]))
            return crs_by_name(frame)
    return frame


def check_graph(
    nodes: pd.DataFrame, links: pd.DataFrame, *, node_seal: Seal, link_seal: Seal
) -> None:
    """Refuse nodes without a valid position, and links to missing nodes or without a travel time.

    Parameters
    ----------
    node_seal, link_seal
        Their files, for errors.

    Raises
    ------
    DataError
        When there is such a node or link.
    """
    if not len(nodes) or not len(links):
        raise _unusable(node_seal if len(links) else link_seal, "It has no rows.")
    if not _on_earth(nodes["x"].to_numpy(), nodes["y"].to_numpy()):
        raise _unusable(node_seal, "One of its nodes lies nowhere on earth.")
    for name in ("u", "v"):
        if not links[name].between(0, len(nodes) - 1).all():
            raise _unusable(link_seal, f"Column {name} names a node that is not there.")
    for name in ("seconds_uv", "seconds_vu", "length_m"):
        if not (links[name] >= 0).all():
            raise _unusable(link_seal, f"Column {name} holds what is no number from 0 on.")
    if not np.isfinite(links["length_m"]).all():
        raise _unusable(link_seal, "Column length_m is without bounds.")


def _check_shapes(seal: Seal, frame: gpd.GeoDataFrame, shapes: Sequence[str]) -> None:
    if set(frame.geometry.geom_type) - set(shapes) or frame.geometry.is_empty.any():
        raise _unusable(seal, f"Its shapes are to be {' or '.join(shapes)}.")
    if frame.crs is None or not frame.crs.equals(_DEGREES, ignore_axis_order=True):
        raise _unusable(seal, "Its shapes are to be in degrees of WGS 84.")
    if not _on_earth(*shapely.get_coordinates(frame.geometry.to_numpy()).T):
        raise _unusable(seal, "Its shapes lie nowhere on earth.")


@contextmanager
def _opened(seal: Seal, most: int) -> Iterator[pa.BufferReader]:
    """An open table whose footer was checked, because a few kilobytes may declare billions of rows.

    It is in memory, since Arrow reads in threads: one that asks a file of Python's for more while
    Python ends, as at Ctrl+C, aborts the process (https://github.com/apache/arrow/issues/34314).
    """
    try:
        file = pa.BufferReader(seal.read())
        rows = pq.read_metadata(file).num_rows
        if rows > most:
            remedy = f"It has {rows:,} rows; at most {most:,}."
            raise DataError("network", str(seal.path), remedy)
        file.seek(0)
        yield file
    except VeredaError:
        raise
    except _UNREADABLE as error:
        reason = " ".join(str(error).split())[:100]
        raise _unusable(seal, f"It cannot be read ({reason}).") from error


def _check_column(seal: Seal, column: pd.Series, kind: str) -> None:
    texts, numbers = pd.api.types.is_string_dtype, pd.api.types.is_float_dtype
    looks = {"str": texts, "number": numbers}.get(kind, lambda dtype: str(dtype) == kind)
    sound = looks(column.dtype)
    if sound and kind == "category":
        sound = pd.api.types.is_string_dtype(column.cat.categories.dtype)
    if not sound or column.isna().any():
        missing = "with a value missing" if sound else f"of {column.dtype}"
        raise _unusable(seal, f"Column {column.name} is {missing}; it is to be {kind}.")


def _on_earth(x: Any, y: Any) -> bool:
    """Whether coordinates are degrees; across the antimeridian longitudes continue beyond 180."""
    return bool((np.abs(x) <= MOST_DEGREES).all() and (np.abs(y) <= 90).all())


def _unusable(seal: Seal, reason: str) -> DataError:
    return DataError("network", str(seal.path), f"{reason} {REBUILD}")
