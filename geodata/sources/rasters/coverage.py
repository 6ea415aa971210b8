"""Layers of rasters as they lie on a study area: what they cover, and their pixels by window."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from pyproj import CRS

from geodata.area.grid import Raster
from geodata.area.study_area import StudyArea
from geodata.arrays import BoolArray, Float32Array, Float64Array, Int64Array
from geodata.computing.tasks import Notice, computed_once
from geodata.errors import DataError
from geodata.sources.area_file import Layer
from geodata.sources.rasters.files import RasterBand, Reader, Rows, bands, transform_points
from geodata.sources.rasters.placing import Lattice, Placing, cells_in_box

PARTS = 4.0
"""Parts of pixels along the edge of a cell, at least."""
ENOUGH = 0.5
"""Share of a cell that a finer layer has to cover, lest a coarser one says more of it."""
FULL_COVERAGE = 0.9995
"""Share of an area that counts as all of it: the grid's edge is ragged."""
_COPERNICUS = re.compile(
    r"Copernicus_DSM_COG_\d\d_([NS])(\d\d)_00_([EW])(\d{3})_00_DEM", re.IGNORECASE
)


class Placings:
    """The grid of an area in each CRS that its rasters have."""

    def __init__(self, area: StudyArea) -> None:
        self.area = area
        self._known: dict[str, Placing] = {}

    def of(self, crs: CRS) -> Placing:
        """The grid in one CRS."""
        text = crs.to_wkt()
        if text not in self._known:
            self._known[text] = Placing(self.area, crs)
        return self._known[text]


@dataclass(frozen=True, kw_only=True)
class LookedAt:
    """A layer whose files have been looked at."""

    layer: Layer
    bands: list[RasterBand]
    area: StudyArea
    placings: Placings

    def placing(self, band: RasterBand) -> Placing:
        """The grid in the CRS of a band."""
        return self.placings.of(band.crs)

    @computed_once
    def pixel_m(self) -> float:
        """Edge of the smallest pixel in metres."""
        cells = min(self.placing(band).pixel_cells(band) for band in self.bands)
        return cells * self.area.cell_m

    @property
    def share(self) -> float:
        """Share of the area's cells that it covers."""
        return share_of(self.covered(), cells_in_box(self.area))

    def covered(self) -> BoolArray:
        """Cells that a raster lies over, or that are sea for want of a tile."""
        covered = self.sea()
        for band in self.bands:
            covered |= self.placing(band).covered(band)
        return covered

    def sea(self) -> BoolArray:
        """Cells in squares of one degree of which Copernicus has no tile: they are sea."""
        squares = _squares(self.bands) if self.layer.role == "elevation" else None
        if squares is None:
            return np.zeros(self.area.shape, bool)
        return np.asarray(~np.isin(square_of(self.area), list(squares)))


def finest_first(layers: Sequence[Layer], area: StudyArea) -> list[LookedAt]:
    """Layers of one role, the finest first; no pixel of them is read.

    Raises
    ------
    DataError
        When a file cannot be used.
    """
    placings = Placings(area)
    looked = [
        LookedAt(layer=layer, bands=bands(layer), area=area, placings=placings) for layer in layers
    ]
    return sorted(looked, key=lambda one: one.pixel_m)


def look_at(layers: Sequence[Layer], area: StudyArea, *, notice: Notice) -> list[LookedAt]:
    """Look at the files of layers of one role, the finest layer first.

    Raises
    ------
    DataError
        When a file cannot be used, or none lies in the area.
    """
    looked = finest_first(layers, area)
    if not looked:
        raise DataError("layer", "none", "Give a raster for this role.")
    _check_coverage(looked, area, notice)
    return looked


def merge_layers(parts: Sequence[tuple[Float64Array, Float64Array]]) -> Float32Array:
    """Values and covered shares of layers, the finest first, as one surface."""
    first, _ = parts[0]
    result = np.full(first.shape, np.nan)
    for least in (ENOUGH, 0.0):
        for values, share in parts:
            chosen = np.isnan(result) & np.isfinite(values) & (share > least)
            result[chosen] = values[chosen]
    return result.astype(np.float32)


def each_window(
    one: LookedAt, band: RasterBand, *, halo: int = 0
) -> Iterator[tuple[Float32Array, Lattice]]:
    """Values of the windows of a band that meet the grid, and their lattices.

    Parameters
    ----------
    halo
        Rows and columns more on every side, NaN beyond the edge of the raster.
    """
    placing = one.placing(band)
    with band.reading() as reader:
        for rows, columns in placing.windows(band):
            lattice = placing.lattice(band, rows, columns)
            if _meets(lattice, one.area):
                yield _read(reader, rows, columns, halo), lattice


def _read(reader: Reader, rows: Rows, columns: Rows, halo: int) -> Float32Array:
    if not halo:
        return reader.values(rows, columns)
    spans = list(zip((rows, columns), reader.band.shape, strict=True))
    wide = [Rows(max(own.first - halo, 0), min(own.end + halo, size)) for own, size in spans]
    values = reader.values(*wide)
    edges = [
        (halo - (own.first - wider.first), halo - (wider.end - own.end))
        for own, wider in zip((rows, columns), wide, strict=True)
    ]
    return np.pad(values, edges, constant_values=np.nan)


def _meets(lattice: Lattice, area: StudyArea) -> bool:
    """Whether the box round a lattice meets the grid; without a finite place it does not."""
    rows, columns = area.shape
    known = np.isfinite(lattice.column) & np.isfinite(lattice.row)
    if not known.any():
        return False
    column, row = lattice.column[known], lattice.row[known]
    return bool(
        column.max() >= 0 and column.min() < columns and row.max() >= 0 and row.min() < rows
    )


def raster_of(one: LookedAt) -> Raster:
    """The one raster of a layer with the pixels of its file; NaN without a value, and far away.

    Raises
    ------
    DataError
        When the file is damaged, or a value near the area is out of range.
    """
    (band,) = one.bands
    values = np.full(band.shape, np.nan, np.float32)
    with band.reading() as reader:
        for rows, columns in one.placing(band).windows(band):
            values[slice(*rows), slice(*columns)] = reader.values(rows, columns)
        crs = reader.source.crs
    return Raster(values=values, transform=band.transform, crs=crs, nodata=np.nan)


def split_of(pixel_cells: float) -> int:
    """Parts along the edge of a pixel, so that they fall into the right cells."""
    return max(1, int(np.ceil(pixel_cells * PARTS)))


def _check_coverage(looked: Sequence[LookedAt], area: StudyArea, notice: Notice) -> None:
    """Refuse layers that lie elsewhere, and say how much of the area they leave out."""
    within = cells_in_box(area)
    covered = np.zeros(area.shape, bool)
    for one in looked:
        here = one.covered()
        refuse_elsewhere(one, here & within)
        squares = np.unique(square_of(area)[one.sea() & within])
        if len(squares):
            notice(
                f"{one.layer.label}: {len(squares)} squares of one degree have no Copernicus tile "
                "and count as sea"
            )
        covered |= here
    share = share_of(covered, within)
    if share < FULL_COVERAGE:
        label = looked[0].layer.label
        notice(f"{label}: covers {share:.1%} of the area; the rest is unknown")


def share_of(covered: BoolArray, within: BoolArray) -> float:
    """Share of the cells of an area that are covered."""
    return float((covered & within).sum() / max(int(within.sum()), 1))


def refuse_elsewhere(one: LookedAt, covered: BoolArray) -> None:
    """Refuse a layer that covers none of the cells of its area.

    Raises
    ------
    DataError
        With the place of its first raster, and that of the area.
    """
    if covered.any():
        return
    band, area = one.bands[0], one.area
    rows, columns = band.shape
    corners = np.array([(0, 0), (columns, 0), (0, rows), (columns, rows)], float)
    placing = one.placing(band)
    column, row = placing.onto_grid(band, *corners.T)
    x, y = area.unproject(*(transform_points(area.transform, column, row)))
    place = f"{np.min(x):.2f} to {np.max(x):.2f}, {np.min(y):.2f} to {np.max(y):.2f}"
    west, south, east, north = area.bbox
    remedy = (
        f"It covers nothing of the area, which is {west:g} to {east:g}, {south:g} to {north:g}: "
        "name a raster of this area, or mend its coordinate system."
    )
    raise DataError(band.field, place, remedy)


def _squares(several: Sequence[RasterBand]) -> set[int] | None:
    """Squares of one degree that have a Copernicus tile; None where these are no such tiles."""
    squares = set()
    for band in several:
        match = _COPERNICUS.search(band.path.name)
        if match is None:
            return None
        south = int(match[2]) * (1 if match[1].upper() == "N" else -1)
        west = int(match[4]) * (1 if match[3].upper() == "E" else -1)
        squares.add(_number(west, south))
    return squares


def _number(west: int, south: int) -> int:
    return (west + 180) % 360 * 1000 + south + 90


def square_of(area: StudyArea) -> Int64Array:
    """Number of the square of one degree in which each cell's centre lies."""
    x, y = area.centres()
    west = np.floor(x).astype(np.int64)
    return np.asarray((west + 180) % 360 * 1000 + np.floor(y).astype(np.int64) + 90)
