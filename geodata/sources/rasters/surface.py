"""Surfaces of a study area: rasters of any CRS, resolution and type on its grid."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rasterio.enums import Resampling

from geodata.area.study_area import StudyArea
from geodata.arrays import Float32Array, Float64Array, Int32Array
from geodata.computing.tasks import Notice
from geodata.errors import DataError
from geodata.sources.area_file import Layer
from geodata.sources.rasters.classes import read_classes
from geodata.sources.rasters.coverage import (
    LookedAt,
    each_window,
    look_at,
    merge_layers,
    split_of,
)
from geodata.sources.rasters.files import RasterBand
from geodata.sources.rasters.kernels import add_counts, add_values
from geodata.sources.rasters.sampling import sample

HOW = {"population": Resampling.sum, "landcover": Resampling.mode}
"""How the pixels of a cell become one value, by role; elsewhere by their mean."""
COARSE = 0.75
"""Edge of a pixel in cells from which values are taken between pixels, for there are too few."""
_TWICE = 1.5
_TWICE_CELLS = (10, 0.01)


def read_surface(
    layers: Sequence[Layer],
    area: StudyArea,
    *,
    how: Resampling | None = None,
    notice: Notice = lambda _: None,
) -> Float32Array:
    """Rasters of one role on the area's grid.

    Parameters
    ----------
    layers
        Of one role. Where there are several, counts are added; of others, the finest that
        covers a cell counts there.
    how
        Sum for counts, mode for classes, average for all else; by the role where left out.
    notice
        Called with what users should know, such as a surface that does not cover the area.

    Returns
    -------
    array of `area.shape`, NaN where no pixel has a value.

    Raises
    ------
    DataError
        When a file cannot be used, none lies in the area, a value is out of range, or the same
        people come twice.
    """
    looked = look_at(layers, area, notice=notice)
    how = how or HOW.get(looked[0].layer.role, Resampling.average)
    if how == Resampling.sum:
        return _summed(looked, area)
    if how == Resampling.mode:
        return read_classes(looked, area)
    if how != Resampling.average:
        raise ValueError(f"{how} is no way to lay a surface on a grid")
    return merge_layers([mean_of(one) for one in looked])


def mean_of(one: LookedAt) -> tuple[Float64Array, Float64Array]:
    """Mean of a layer per cell, NaN where it has nothing, and the share that it covers."""
    sums, weights = np.zeros(one.area.shape), np.zeros(one.area.shape)
    coarse = []
    for band in one.bands:
        size = one.placing(band).pixel_cells(band)
        if size > COARSE:
            coarse.append(band)
            continue
        for values, lattice in each_window(one, band):
            add_values(
                values, lattice.column, lattice.row, lattice.step, split_of(size), sums, weights
            )
    with np.errstate(invalid="ignore"):
        means = np.where(weights > 0, sums / weights, np.nan)
    return with_coarse(one, coarse, means, weights)


def with_coarse(
    one: LookedAt, coarse: Sequence[RasterBand], means: Float64Array, weights: Float64Array
) -> tuple[Float64Array, Float64Array]:
    """Fill the remaining cells from bands of large pixels, and from cells known to be sea."""
    for band in coarse:
        placing = one.placing(band)
        left = np.isnan(means) & placing.covered(band)
        x, y = (part[left] for part in placing.centres)
        values = sample(band, placing, x, y)
        means[left] = values
        weights[left] = np.isfinite(values)
    sea = np.isnan(means) & one.sea()
    means[sea], weights[sea] = 0.0, 1.0
    return means, weights


def _summed(looked: Sequence[LookedAt], area: StudyArea) -> Float32Array:
    sums, weights = np.zeros(area.shape), np.zeros(area.shape)
    owner = np.full(area.shape, -1, np.int32)
    every = [(one, band) for one in looked for band in one.bands]
    for number, (one, band) in enumerate(every):
        before = weights.copy()
        size = one.placing(band).pixel_cells(band)
        dense = one.layer.unit not in (None, "", "people")
        add = add_values if dense else add_counts
        own = np.zeros(area.shape)
        for values, lattice in each_window(one, band):
            add(values, lattice.column, lattice.row, lattice.step, split_of(size), own, weights)
        sums += own * ((area.cell_m / 1000.0) ** 2 if dense else 1.0)
        _check_twice(before, weights, owner, [band.field for _, band in every], number)
    return np.where(weights > 0, sums, np.nan).astype(np.float32)


def _check_twice(
    before: Float64Array,
    after: Float64Array,
    owner: Int32Array,
    names: Sequence[str],
    number: int,
) -> None:
    """Refuse a raster that counts again what others have counted; the first of a cell owns it."""
    own = after - before > _TWICE - 1.0
    twice = own & (before > _TWICE - 1.0) & (after > _TWICE)
    least, share = _TWICE_CELLS
    if twice.sum() > max(least, share * own.sum()):
        other = names[int(np.bincount(owner[twice]).argmax())]
        remedy = (
            f"In {int(twice.sum()):,} cells both this and {other.split(', ')[-1]} have values, and "
            "what is counted would count twice: give one of them."
        )
        raise DataError(names[number], "overlap", remedy)
    owner[(after > before) & (owner < 0)] = number
