"""A small table of shapes: plain columns, for what is told at once and needs no frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

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
