"""Rasters of one role on the grid of an area; population may also come from vector files."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from geodata.area.grid import onto_grid
from geodata.area.study_area import StudyArea
from geodata.arrays import Float32Array
from geodata.computing.tasks import Notice
from geodata.errors import DataError
from geodata.sources.area_file import RASTERS, Layer
from geodata.sources.area_file.layer import shipped_classes
from geodata.sources.layers.bundle import CLASSES
from geodata.sources.rasters import (
    LookedAt,
    cells_in_box,
    finest_first,
    raster_of,
    read_surface,
    read_terrain,
)
from geodata.sources.study.readers.people import is_counted, people_on_grid

LAST_CLASS = 17
"""Of the International Geosphere-Biosphere Programme: water."""
SMALL_PIXELS = 4_000_000
"""A raster of fewer pixels may be read as one array."""


def rasters_on_grid(
    layers: Sequence[Layer], area: StudyArea, role: str, notice: Notice
) -> dict[str, Float32Array]:
    """Rasters of a role on the grid of an area, and the slope where they are finer than it.

    Parameters
    ----------
    layers
        Those of the role.
    notice
        Called with remarks on them.

    Returns
    -------
    dict
        Of the area's shape, row 0 north, NaN where unknown: by role, and ``slope``.

    Raises
    ------
    DataError
        When a file cannot be used, no raster has a value in the area, or land cover has an
        unknown class.
    """
    read = _read_rasters(layers, area, role, notice)
    if role in RASTERS and not is_counted(layers[0]):
        _refuse_blank(layers, read[role], area)
    if role == "landcover":
        _check_classes(layers[0], read[role])
    return read


def _refuse_blank(layers: Sequence[Layer], values: Float32Array, area: StudyArea) -> None:
    """Refuse rasters without a value in an area, as they would have no effect."""
    if np.isfinite(values[cells_in_box(area)]).any():
        return
    files = [(layer, file) for layer in layers for file in layer.files()]
    layer, file = files[0]
    field = layer.field_of(file) if len(files) == 1 else f"layer {layer.label}"
    remedy = (
        "All pixels in the area are nodata: mend nodata or band, name a raster that has values "
        "there, or take the layer out."
    )
    raise DataError(field, "no value in the area", remedy)


def _check_classes(layer: Layer, values: Float32Array) -> None:
    """Refuse classes of land cover that are not of IGBP."""
    unknown = values[np.isfinite(values) & ((values < 0) | (values > LAST_CLASS))]
    if len(unknown):
        remedy = (
            f"Land cover has the classes 0 to {LAST_CLASS} of IGBP: name the table of another one, "
            f"classes = {' or '.join(map(json.dumps, shipped_classes()))}, or give your own."
        )
        raise DataError(f"layer {layer.label}, classes", float(unknown[0]), remedy)


def _read_rasters(
    layers: Sequence[Layer], area: StudyArea, role: str, notice: Notice
) -> dict[str, Float32Array]:
    if role == "population" and is_counted(layers[0]):
        return {role: people_on_grid(layers, area, notice=notice)}
    coarse = _coarse(layers, area)
    if coarse is not None:
        return {role: onto_grid(raster_of(coarse), area, smooth=role not in CLASSES)}
    if role == "elevation" and finest_first(layers, area)[0].pixel_m < area.cell_m:
        terrain = read_terrain(layers, area, notice=notice)
        return {role: terrain.elevation, "slope": terrain.slope}
    return {role: read_surface(layers, area, notice=notice)}


def _coarse(layers: Sequence[Layer], area: StudyArea) -> LookedAt | None:
    """The only raster of a role, if it is coarser than the grid and needs no conversion."""
    if len(layers) != 1:
        return None
    layer = layers[0]
    odd = layer.crs or layer.nodata is not None or layer.unit or layer.classes or layer.band != 1
    if len(layer.files()) != 1 or odd or layer.role == "population":
        return None
    (one,) = finest_first(layers, area)
    (band,) = one.bands
    plain = band.scale == 1.0 and band.offset == 0.0 and band.transform.e < 0
    if not plain or band.shape[0] * band.shape[1] > SMALL_PIXELS:
        return None
    return one if one.pixel_m >= area.cell_m and one.share >= 1 - 1e-9 else None
