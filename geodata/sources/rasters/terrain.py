"""Terrain: elevation and slope per cell, and gradients along lines, from the finest raster."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from geodata.area.geodesy import DEGREE_M, geodesic
from geodata.area.study_area import StudyArea
from geodata.arrays import Float32Array, Float64Array, Int64Array, ObjectArray
from geodata.computing.tasks import Notice
from geodata.sources.area_file import Layer
from geodata.sources.rasters.coverage import (
    LookedAt,
    each_window,
    look_at,
    merge_layers,
    split_of,
)
from geodata.sources.rasters.files import transform_points
from geodata.sources.rasters.kernels import add_values, slopes
from geodata.sources.rasters.sampling import sample
from geodata.sources.rasters.surface import COARSE, with_coarse

STEP_M = 100.0
"""Metres between the points of a line at which its height is taken, at least."""
MOST_POINTS = 1 << 22
"""Points whose heights are taken at once."""


@dataclass(frozen=True, kw_only=True)
class Terrain:
    """Elevation and slope on the grid of an area.

    Parameters
    ----------
    elevation
        Mean height of each cell in metres.
    slope
        Mean rise over run of each cell's pixels, as the finest raster has them.
    """

    elevation: Float32Array
    slope: Float32Array


def read_terrain(
    layers: Sequence[Layer], area: StudyArea, *, notice: Notice = lambda _: None
) -> Terrain:
    """Elevation and slope, in one pass over the pixels.

    Parameters
    ----------
    layers
        Of elevation; the finest that covers a cell counts there.

    Returns
    -------
    Terrain of `area.shape`, NaN where no pixel has a value.

    Raises
    ------
    DataError
        As `read_surface`.
    """
    parts = [_terrain(one) for one in look_at(layers, area, notice=notice)]
    return Terrain(
        elevation=merge_layers([height for height, _ in parts]),
        slope=merge_layers([slope for _, slope in parts]),
    )


Part = tuple[Float64Array, Float64Array]


def _terrain(one: LookedAt) -> tuple[Part, Part]:
    shape = one.area.shape
    height, heights_weight = np.zeros((2, *shape))
    steepness, slopes_weight = np.zeros((2, *shape))
    coarse = []
    for band in one.bands:
        size = one.placing(band).pixel_cells(band)
        if size > COARSE:
            coarse.append(band)
        for values, at in each_window(one, band, halo=1):
            split = split_of(size)
            slope = slopes(values, at.column, at.row, at.step, one.area.cell_m)
            add_values(slope, at.column, at.row, at.step, split, steepness, slopes_weight)
            if size <= COARSE:
                inner = np.ascontiguousarray(values[1:-1, 1:-1])
                add_values(inner, at.column, at.row, at.step, split, height, heights_weight)
    mean_slope = _means(steepness, slopes_weight)
    sea = np.isnan(mean_slope) & one.sea()
    mean_slope[sea] = 0.0
    share: Float64Array = np.where(sea, 1.0, slopes_weight)
    mean_height = _means(height, heights_weight)
    return with_coarse(one, coarse, mean_height, heights_weight), (mean_slope, share)


def _means(sums: Float64Array, weights: Float64Array) -> Float64Array:
    """Weighted means, NaN where there is no weight."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(weights > 0, sums / weights, np.nan), np.float64)


@dataclass(frozen=True, kw_only=True)
class Gradients:
    """The terrain under lines; each array has a value a line, NaN where no height is known.

    Parameters
    ----------
    slower_uv, slower_vu
        Time against that on the flat, from the first vertex to the last and back.
    """

    slower_uv: Float64Array
    slower_vu: Float64Array


Pace = Callable[[Float64Array], Float64Array]
"""Time against that on the flat, by rise over run; uphill is positive."""


class Heights:
    """Heights at points, from the finest raster that has one there.

    Parameters
    ----------
    layers
        Of elevation.
    """

    def __init__(
        self, layers: Sequence[Layer], area: StudyArea, *, notice: Notice = lambda _: None
    ) -> None:
        self._area = area
        self._looked = look_at(layers, area, notice=notice)

    def at(self, x: Float64Array, y: Float64Array) -> Float64Array:
        """Metres at points in degrees, between pixel centres; NaN where nothing is known."""
        x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
        metres = np.full(len(x), np.nan)
        column, row = transform_points(~self._area.transform, *self._area.project(x, y))
        for one in self._looked:
            for band in one.bands:
                left = np.flatnonzero(np.isnan(metres))
                if len(left):
                    placing = one.placing(band)
                    own = placing.of_grid(column[left], row[left])
                    metres[left] = sample(band, placing, *own)
            self._fill_sea(one, metres, column, row)
        return metres

    def _fill_sea(
        self, one: LookedAt, metres: Float64Array, column: Float64Array, row: Float64Array
    ) -> None:
        sea = one.sea()
        rows, columns = sea.shape
        here = np.isnan(metres) & (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        at = np.flatnonzero(here)
        wet = sea[row[at].astype(np.int64), column[at].astype(np.int64)]
        metres[at[wet]] = 0.0

    def along(self, lines: ObjectArray, *, pace: Pace, step_m: float = STEP_M) -> Gradients:
        """Terrain under lines in degrees, taken at their vertices and every `step_m`.

        Where a height is unknown within a line, the way over it counts as level.
        """
        counts = np.maximum(shapely.get_num_coordinates(lines), 1)
        metres = shapely.length(lines) * DEGREE_M
        ends = np.cumsum(counts + metres / step_m)
        parts = []
        begin = 0
        while begin < len(lines):
            before = ends[begin - 1] if begin else 0.0
            end = max(begin + 1, int(np.searchsorted(ends, before + MOST_POINTS)))
            parts.append(self._along(lines[begin:end], pace, step_m))
            begin = end
        names = Gradients.__dataclass_fields__
        empty = np.zeros(0)
        return Gradients(
            **{name: np.concatenate([empty, *(part[name] for part in parts)]) for name in names}
        )

    def _along(self, lines: ObjectArray, pace: Pace, step_m: float) -> dict[str, Float64Array]:
        points, line = _dense(lines, step_m)
        heights = self.at(points[:, 0], points[:, 1])
        steps = np.flatnonzero(line[1:] == line[:-1])
        own, count = line[steps], len(lines)
        x, y = points.T
        metres = geodesic(x[steps], y[steps], x[steps + 1], y[steps + 1])
        rise = np.nan_to_num(heights[steps + 1] - heights[steps])
        slope = rise / np.maximum(metres, 1e-3)

        def total(values: Float64Array) -> Float64Array:
            return np.asarray(np.bincount(own, values, count), np.float64)

        length = total(metres)
        known = np.bincount(line[np.isfinite(heights)], minlength=count) > 0
        blank = np.where(known, 0.0, np.nan)
        with np.errstate(invalid="ignore", divide="ignore"):
            return {
                "slower_uv": total(metres * pace(slope)) / length + blank,
                "slower_vu": total(metres * pace(-slope)) / length + blank,
            }


def _dense(lines: ObjectArray, step_m: float) -> tuple[Float64Array, Int64Array]:
    """Vertices of lines and points between them, no more than a step apart; the line of each."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    inner = np.flatnonzero(line[1:] == line[:-1])
    parts = np.ones(len(xy), np.int64)
    metres = geodesic(xy[inner, 0], xy[inner, 1], xy[inner + 1, 0], xy[inner + 1, 1])
    parts[inner] = np.maximum(1, np.ceil(metres / step_m)).astype(np.int64)
    own = np.repeat(np.arange(len(xy)), parts)
    share = (np.arange(len(own)) - np.repeat(np.cumsum(parts) - parts, parts)) / parts[own]
    following = np.minimum(own + 1, len(xy) - 1)
    points = xy[own] + share[:, None] * (xy[following] - xy[own])
    return np.asarray(points, np.float64), np.asarray(line[own], np.int64)
