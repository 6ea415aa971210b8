"""Survey of raster layers before they are read: coverage, and some of their values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geodata.area.study_area import StudyArea
from geodata.arrays import Float32Array
from geodata.sources.area_file import Layer
from geodata.sources.rasters.classes import canonical_classes, class_numbers
from geodata.sources.rasters.coverage import LookedAt, finest_first, refuse_elsewhere, square_of
from geodata.sources.rasters.files import RasterBand, Rows
from geodata.sources.rasters.placing import cells_in_box

MOST_WINDOWS = 16
"""Windows of a layer that are read: some seconds of work, however large its files are."""


@dataclass(frozen=True, kw_only=True)
class SampledValues:
    """Values of a layer in a sample of its windows.

    Parameters
    ----------
    read, windows
        How many were read, and how many meet the area.
    known
        Share of their pixels that have a value.
    least, most
        Values, scaled as the file says; None when no pixel has one.
    """

    read: int
    windows: int
    known: float
    least: float | None
    most: float | None


@dataclass(frozen=True, kw_only=True)
class RasterSurvey:
    """Survey of a layer of rasters.

    Parameters
    ----------
    layer
        The layer.
    files
        How many rasters it has.
    crs
        Their coordinate systems.
    pixel_m
        Edge of their smallest pixel in metres.
    share
        Share of the area's cells that they lie over.
    missing_tiles
        One-degree squares without a tile, for Copernicus elevation, where that means sea.
    sampled
        What some of its windows hold.
    """

    layer: Layer
    files: int
    crs: tuple[str, ...]
    pixel_m: float
    share: float
    missing_tiles: int
    sampled: SampledValues


def survey_layers(layers: Sequence[Layer], area: StudyArea) -> list[RasterSurvey]:
    """What layers of one role are, how much of the area they cover, and some of their values.

    The finest layer comes first.

    Raises
    ------
    DataError
        When a file cannot be used, a layer lies elsewhere, or a value that is seen cannot be
        meant.
    """
    within, result = cells_in_box(area), []
    for one in finest_first(layers, area):
        refuse_elsewhere(one, one.covered() & within)
        missing = np.unique(square_of(area)[one.sea() & within])
        result.append(
            RasterSurvey(
                layer=one.layer,
                files=len(one.bands),
                crs=tuple(sorted({band.crs.name for band in one.bands})),
                pixel_m=one.pixel_m,
                share=one.share,
                missing_tiles=len(missing),
                sampled=_sample(one),
            )
        )
    return result


def _sample(one: LookedAt) -> SampledValues:
    """Read a sample of windows from all over the area."""
    windows = [(band, *window) for band in one.bands for window in one.placing(band).windows(band)]
    chosen = windows[:: max(1, -(-len(windows) // MOST_WINDOWS))]
    table = class_numbers(one.layer)
    pixels, known, edges = 0, 0, []
    for band, rows, columns in chosen:
        values = _values(band, rows, columns)
        if one.layer.role == "landcover":
            canonical_classes(values, table, band)
        there = values[np.isfinite(values)]
        pixels, known = pixels + values.size, known + there.size
        if there.size:
            edges += [float(there.min()), float(there.max())]
    return SampledValues(
        read=len(chosen),
        windows=len(windows),
        known=known / max(pixels, 1),
        least=min(edges, default=None),
        most=max(edges, default=None),
    )


def _values(band: RasterBand, rows: Rows, columns: Rows) -> Float32Array:
    with band.reading() as reader:
        return reader.values(rows, columns)
