"""Which reader a layer is for: of OpenStreetMap, of vector files and tables, of rasters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd
import rasterio

from geodata.area.grid import Raster, onto_grid
from geodata.area.study_area import StudyArea
from geodata.arrays import Float32Array
from geodata.errors import DataError
from geodata.formats.steps import Steps
from geodata.sources.area_file import Layer, Roads
from geodata.sources.layers import MappedRoads
from geodata.sources.schema import LAYER_OF, SCHEMAS, typed
from geodata.spelling import composed_columns

OSM = (".osm.pbf", ".pbf", ".osm", ".osm.bz2", ".osm.gz")
GRAPHML = (".graphml",)
CLASSES = ("landcover",)
"""Rasters whose values are classes, which have no mean."""


def is_osm(layer: Layer) -> bool:
    """Whether a layer is an extract of OpenStreetMap."""
    if layer.format is not None:
        return layer.format.lower().lstrip(".") in ("pbf", "osm", "osm.pbf")
    return bool(layer.path) and all(
        path.name.lower().endswith(OSM) for path in (layer.files() or layer.path)
    )


def read_frame(layer: Layer, area: StudyArea) -> gpd.GeoDataFrame | pd.DataFrame:
    """A layer in its canonical form."""
    name = LAYER_OF.get(layer.role, layer.role)
    schema = SCHEMAS[name]
    frames: list[pd.DataFrame] = []
    for path in layer.files():
        if path.suffix == ".parquet":
            frames.append(gpd.read_parquet(path))
        else:
            text = pd.read_csv(path, dtype=str, keep_default_na=False)
            frames.append(typed(text, schema, name))
    frame = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
    return composed_columns(frame)


def read_roads(
    layers: Sequence[Layer], area: StudyArea, rules: Roads, *, steps: Steps, key: str
) -> MappedRoads:
    """Roads as they are mapped."""
    raise DataError("layer roads", layers[0].path[0], "No reader of such roads.")


def read_surface(layers: Sequence[Layer], area: StudyArea, role: str) -> Float32Array:
    """Rasters of a role on the grid of an area."""
    (layer,) = layers
    (path,) = layer.files()
    return onto_grid(read_raster(path), area, smooth=role not in CLASSES)


def read_raster(path: Path) -> Raster:
    """One band as its file has it."""
    with rasterio.open(path) as source:
        return Raster(
            values=source.read(1), transform=source.transform, crs=source.crs,
            nodata=source.nodata,
        )  # fmt: skip
