"""A layer: a frame with a name, and what it means."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from geodata.entries.spelling import composed_columns
from geodata.errors import DataError
from geodata.formats.files.seals import Seal
from geodata.publication.layers.properties import END, START


@dataclass(frozen=True, kw_only=True)
class PublishedLayer:
    """A frame with its name and what it means.

    Parameters
    ----------
    frame
        Features in WGS 84 with scalar columns, the first of them ``id``, unique. A text that is
        empty is made null: clients ask for what is missing with ``IS NULL``.
    group
        Those that are drawn together: ``network``, or the group of a result.
    built
        GeoParquet file of the network that holds all this layer leaves out.
    """

    name: str
    title: str
    description: str
    frame: gpd.GeoDataFrame
    group: str = "network"
    built: Seal | None = None

    def __post_init__(self) -> None:
        times = [self.frame[name].dtype for name in (START, END) if name in self.frame.columns]
        if times and (len(times) == 1 or not all(map(pd.api.types.is_datetime64_any_dtype, times))):
            remedy = f"{START} and {END} are to be times, both or neither."
            raise DataError("layer", self.name, remedy)
        texts = self.frame.dtypes.map(pd.api.types.is_string_dtype)
        frame = composed_columns(self.frame)
        columns = {name: frame[name] for name in frame.columns[texts]}
        known = {name: column.mask(column == "") for name, column in columns.items()}
        object.__setattr__(self, "frame", frame.assign(**known))

    @property
    def kind(self) -> str:
        """What it holds, whichever result it is of: that decides how it is drawn."""
        return self.name.rpartition(".")[2]
