"""Surfaces of classes, such as land cover: the class that most of a cell has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from geodata.area.study_area import StudyArea
from geodata.arrays import Float32Array, Float64Array, Int64Array, UInt32Array
from geodata.errors import DataError
from geodata.sources.area_file import Layer
from geodata.sources.rasters.coverage import LookedAt, each_window, merge_layers, split_of
from geodata.sources.rasters.files import RasterBand
from geodata.sources.rasters.kernels import add_classes

MOST_CLASSES = 256
MOST_COUNTS = 1 << 26
"""Numbers that are counted at once: grids that need more are done in strips."""


def read_classes(looked: Sequence[LookedAt], area: StudyArea) -> Float32Array:
    """The most frequent class per cell, NaN where there is none; the least of equals.

    Raises
    ------
    DataError
        When a value is not a class, is not in the layer's table, or there are too many.
    """
    return merge_layers([_modes(one, area) for one in looked])


def _modes(one: LookedAt, area: StudyArea) -> tuple[Float64Array, Float64Array]:
    table = class_numbers(one.layer)
    modes, share = np.full(area.shape, np.nan), np.zeros(area.shape)
    for first, end in _strips(area):
        modes[first:end], share[first:end] = _strip(one, table, first, end)
    return modes, share


def _strips(area: StudyArea) -> Iterator[tuple[int, int]]:
    rows, columns = area.shape
    height = max(1, MOST_COUNTS // (32 * columns))
    for first in range(0, rows, height):
        yield first, min(first + height, rows)


def _strip(
    one: LookedAt, table: Mapping[float, float] | None, first: int, end: int
) -> tuple[Float64Array, Float64Array]:
    """Modes in some rows of the grid, and the share of cells that have one."""
    shape = (end - first, one.area.shape[1])
    known: list[float] = []
    counts: UInt32Array = np.zeros((0, *shape), np.uint32)
    for band in one.bands:
        split = split_of(one.placing(band).pixel_cells(band))
        for values, lattice in each_window(one, band):
            down = lattice.row - first
            if not _meets(down, shape[0]):
                continue
            numbers = canonical_classes(values, table, band)
            counts, position = _positions(numbers, known, counts, band)
            add_classes(position, lattice.column, down, lattice.step, split, counts)
    if not known:
        return np.full(shape, np.nan), np.zeros(shape)
    order = np.argsort(known, kind="stable")
    ordered = counts[order]
    most = ordered.argmax(axis=0)
    some = ordered.max(axis=0) > 0
    modes = np.where(some, np.array(known)[order][most], np.nan)
    return modes, some.astype(np.float64)


def _meets(down: Float64Array, rows: int) -> bool:
    known = down[np.isfinite(down)]
    return bool(len(known) and known.max() >= 0 and known.min() < rows)


def canonical_classes(
    values: Float32Array, table: Mapping[float, float] | None, band: RasterBand
) -> Float64Array:
    """Canonical classes of a window, NaN where there is none.

    Raises
    ------
    DataError
        When a value is not a whole number, or is not in the table.
    """
    there = np.isfinite(values)
    uneven = there & (values != np.round(values))
    if uneven.any():
        remedy = "Land cover is given by whole numbers of classes: name the raster of classes."
        raise DataError(band.field, float(values[uneven][0]), remedy)
    result = values.astype(np.float64)
    if table is None:
        return result
    own, inverse = np.unique(values[there], return_inverse=True)
    missing = [value for value in own.tolist() if value not in table]
    if missing:
        remedy = (
            f"The table of classes lacks it: add {missing[0]:g} = ..., an empty text where it "
            "stands for none."
        )
        raise DataError(f"layer {band.layer.label}, classes", missing[0], remedy)
    result[there] = np.array([table[value] for value in own.tolist()])[inverse]
    return result


def class_numbers(layer: Layer) -> dict[float, float] | None:
    """Canonical class by stored number, NaN for none; None where the layer has no table.

    Raises
    ------
    DataError
        When a key or value of the table is no number.
    """
    if not layer.classes:
        return None
    table = layer.classes
    field = f"layer {layer.label}, classes"
    numbers = {}
    for key, value in table.items():
        try:
            numbers[float(key)] = float(value) if value.strip() else np.nan
        except ValueError as error:
            raise DataError(field, f"{key} = {value}", "Give numbers of classes.") from error
    return numbers


def _positions(
    numbers: Float64Array, known: list[float], counts: UInt32Array, band: RasterBand
) -> tuple[UInt32Array, Int64Array]:
    """Counts with a layer for each class that is new, and the layer of each pixel."""
    own, inverse = np.unique(numbers, return_inverse=True)
    fresh = [value for value in own[np.isfinite(own)].tolist() if value not in known]
    known += fresh
    if len(known) > MOST_CLASSES:
        remedy = f"It has more than {MOST_CLASSES} values; is it a raster of classes?"
        raise DataError(band.field, len(known), remedy)
    if fresh:
        counts = np.concatenate([counts, np.zeros((len(fresh), *counts.shape[1:]), np.uint32)])
    place = {value: at for at, value in enumerate(known)}
    at = np.array([place.get(value, -1) for value in own.tolist()], np.int64)
    return counts, at[inverse].reshape(numbers.shape)
