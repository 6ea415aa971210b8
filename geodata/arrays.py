"""Plain columns: of small tables that need no frame, and of frames that are asked often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

Column = list[str] | npt.NDArray[np.float64] | npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows with an id and a shape.

    Parameters
    ----------
    columns
        Texts or numbers by name, none missing, ``id`` among them.
    shapes
        One a row, in degrees.
    """

    columns: Mapping[str, Column]
    shapes: npt.NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.shapes)

    def rows(self, begin: int, end: int) -> Table:
        """The rows from one on, up to another."""
        columns = {name: column[begin:end] for name, column in self.columns.items()}
        return Table(columns=columns, shapes=self.shapes[begin:end])

    @cached_property
    def frame(self) -> gpd.GeoDataFrame:
        """The same as a frame."""
        columns = {
            name: pd.array(column, dtype="str") if isinstance(column, list) else column
            for name, column in self.columns.items()
        }
        return gpd.GeoDataFrame(
            {**columns, "geometry": self.shapes}, geometry="geometry", crs="OGC:CRS84"
        )


@dataclass(frozen=True, kw_only=True)
class Plain:
    """Columns of a frame as arrays, which are had at once; those of a frame are not.

    Parameters
    ----------
    values
        By name; of categories, their numbers.
    categories
        Their names by column.
    """

    values: Mapping[str, npt.NDArray[Any]]
    categories: Mapping[str, list[str]]

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Plain:
        """Those of a frame; nothing is copied."""
        named = [name for name, kind in frame.dtypes.items() if kind == "category"]
        return cls(
            values={
                str(name): (column.cat.codes if name in named else column).to_numpy()
                for name, column in frame.items()
            },
            categories={str(name): list(map(str, frame[name].cat.categories)) for name in named},
        )
