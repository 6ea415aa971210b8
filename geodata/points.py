"""Points from a user's file: origins and destinations that a name would not fit."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from geodata.errors import DataError, InputError
from geodata.geojson import wgs84

SUFFIXES = (".geojson", ".json", ".gpkg", ".csv")
COLUMNS = (("x", "y"), ("lon", "lat"), ("longitude", "latitude"))
"""Columns of a CSV file that hold longitude and latitude."""


def read_points(path: Path, *, field: str) -> list[list[float]]:
    """Longitude and latitude of every feature; lines and areas give a point inside them.

    Raises
    ------
    InputError
        When the file is missing.
    DataError
        When it cannot be read, is empty, or has no coordinates.
    """
    if not path.is_file():
        raise InputError(field, str(path), "There is no such file.")
    if path.suffix == ".csv":
        return _from_table(path, field=field)
    try:
        frame = pyogrio.read_dataframe(path)
    except (DataSourceError, DataLayerError) as error:
        raise DataError(field, str(path), f"It cannot be read as a layer: {error}.") from error
    if not isinstance(frame, gpd.GeoDataFrame) or frame.geometry.isna().all():
        raise DataError(field, str(path), "It holds no geometry; give points.")
    points = wgs84(frame[frame.geometry.notna()]).geometry.representative_point()
    return [[float(x), float(y)] for x, y in zip(points.x, points.y, strict=True)]


def _from_table(path: Path, *, field: str) -> list[list[float]]:
    frame = pd.read_csv(path)
    for x, y in COLUMNS:
        if x in frame and y in frame:
            pairs = frame[[x, y]].apply(pd.to_numeric, errors="coerce")
            if pairs.isna().any(axis=None) or pairs.empty:
                row = int(pairs.isna().any(axis=1).argmax()) + 2
                raise DataError(field, f"{path}, line {row}", f"Give numbers in {x} and {y}.")
            return [[float(a), float(b)] for a, b in pairs.to_numpy()]
    names = " or ".join(",".join(pair) for pair in COLUMNS)
    raise DataError(field, str(path), f"Name the columns {names}.")
