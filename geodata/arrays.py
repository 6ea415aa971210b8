"""Arrays by the width of their numbers, and plain columns of small tables that need no frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.computing.tasks import computed_once

Float64Array = npt.NDArray[np.float64]
Float32Array = npt.NDArray[np.float32]
Int32Array = npt.NDArray[np.int32]
Int64Array = npt.NDArray[np.int64]
UInt32Array = npt.NDArray[np.uint32]
UInt64Array = npt.NDArray[np.uint64]
UInt8Array = npt.NDArray[np.uint8]
BoolArray = npt.NDArray[np.bool_]
ObjectArray = npt.NDArray[np.object_]

Column = list[str] | Float64Array | Int64Array


@dataclass(frozen=True, kw_only=True)
class ColumnTable:
    """Rows with an id and a shape.

    Parameters
    ----------
    columns
        Texts or numbers by name, without missing values; ``id`` is one of them.
    shapes
        One shape a row, in degrees.
    """

    columns: Mapping[str, Column]
    shapes: ObjectArray

    def __len__(self) -> int:
        return len(self.shapes)

    def rows(self, begin: int, end: int) -> ColumnTable:
        """The rows from `first` up to, not including, `last`."""
        columns = {name: column[begin:end] for name, column in self.columns.items()}
        return ColumnTable(columns=columns, shapes=self.shapes[begin:end])

    @computed_once
    def frame(self) -> gpd.GeoDataFrame:
        """The table as a GeoDataFrame."""
        columns = {
            name: pd.array(column, dtype="str") if isinstance(column, list) else column
            for name, column in self.columns.items()
        }
        return gpd.GeoDataFrame(
            {**columns, "geometry": self.shapes}, geometry="geometry", crs="OGC:CRS84"
        )


@dataclass(frozen=True, kw_only=True)
class ColumnArrays:
    """Columns of a frame as arrays, to which access is faster than to those of the frame.

    Parameters
    ----------
    values
        Arrays by name; the codes of categorical columns.
    categories
        Names of the categories, by column.
    """

    values: Mapping[str, npt.NDArray[Any]]
    categories: Mapping[str, list[str]]

    @classmethod
    def of(cls, frame: pd.DataFrame) -> ColumnArrays:
        """Make the arrays of a frame without copying."""
        named = [name for name, kind in frame.dtypes.items() if kind == "category"]
        return cls(
            values={
                str(name): (column.cat.codes if name in named else column).to_numpy()
                for name, column in frame.items()
            },
            categories={str(name): list(map(str, frame[name].cat.categories)) for name in named},
        )
