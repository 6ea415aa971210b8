"""The ground of a study area: what each grid cell is, and where land ends to the metre."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import shapely
from scipy import ndimage

from geodata.area.grid import Raster, burn, fill_nearest, onto_grid
from geodata.area.study_area import StudyArea
from geodata.arrays import BoolArray, Float32Array, Int32Array, Int64Array, ObjectArray

REFINE = 8
"""Fine cells along the edge of a grid cell: 250 m where cells are 2 km."""
FRINGE_CELLS = 4
"""Depth of the strip of a neighbouring country that is meshed, in cells."""
MIN_WATER_CELLS = 3
"""A lake of fewer cells is crossed or walked round, not sailed."""
PIECE_DEGREES = 0.1
"""Coasts are cut into pieces of this size, because a test against a whole country is slow."""


@dataclass(frozen=True, kw_only=True)
class StudyGrid:
    """Cells and coast of a study area.

    Parameters
    ----------
    area
        The study area.
    codes
        Country codes; `country` holds positions in this tuple, -1 for water.
    country, admin1
        Per cell, the country and the row of `units`, -1 for none.
    water
        Per cell, 0 not navigable, 1 open sea, 2 lagoon, 3 lake.
    fine_land
        Land at `REFINE` times the grid's resolution.
    elevation, depth, landcover
        Per cell, metres, metres (negative below the sea), IGBP class.
    coast
        Land polygons at full resolution in small pieces, in degrees.
    units
        Administrative units: iso, name, country, geometry.
    """

    area: StudyArea
    codes: tuple[str, ...]
    country: Int32Array
    admin1: Int32Array
    water: Int32Array
    fine_land: BoolArray
    elevation: Float32Array
    depth: Float32Array
    landcover: Float32Array
    coast: ObjectArray
    units: gpd.GeoDataFrame

    @cached_property
    def coast_index(self) -> shapely.STRtree:
        """Index over the pieces of land."""
        return shapely.STRtree(self.coast)

    @property
    def studied(self) -> BoolArray:
        """Land cells of the countries that are scored."""
        return np.asarray((self.country >= 0) & (self.country < len(self.area.countries)))

    def touches_land(self, lines: ObjectArray) -> BoolArray:
        """Whether each line meets land at full coast resolution."""
        return _met(self.coast_index, lines)

    def water_metres(self, a: Int64Array, b: Int64Array, *, samples: int = 17) -> Float32Array:
        """Metres of water on the straight way between the centres of cells `a` and `b`.

        Parameters
        ----------
        a, b
            Flat cell numbers.
        """
        columns = self.area.shape[1]
        row_a, column_a = np.divmod(a, columns)
        row_b, column_b = np.divmod(b, columns)
        wet = np.zeros(len(a), np.float32)
        for t in (np.arange(samples) + 0.5) / samples:
            row = ((row_a + 0.5 + t * (row_b - row_a)) * REFINE).astype(np.int64)
            column = ((column_a + 0.5 + t * (column_b - column_a)) * REFINE).astype(np.int64)
            wet += ~self.fine_land[row, column]
        cells = np.hypot(row_b - row_a, column_b - column_a)
        return np.asarray(wet / samples * cells * self.area.cell_m, np.float32)


def read_ground(
    area: StudyArea,
    *,
    countries: gpd.GeoDataFrame,
    lakes: gpd.GeoDataFrame,
    admin1: gpd.GeoDataFrame,
    elevation: Raster,
    depth: Raster,
    landcover: Raster,
) -> StudyGrid:
    """Lay the layers of a bundle over the area's grid."""
    codes = (*area.countries, *area.neighbours)
    land = countries[countries["country"].isin(codes)]
    numbers = land["country"].map(codes.index).to_numpy(np.int32)
    country = burn(land.geometry.to_crs(area.crs), numbers, area)
    fine = burn(land.geometry.to_crs(area.crs), numbers, area, refine=REFINE) >= 0
    water = _navigable(area, country, lakes)
    country = _drop_far_neighbours(country, len(area.countries))
    units = admin1.reset_index(drop=True)
    return StudyGrid(
        area=area,
        codes=codes,
        country=country,
        admin1=_units_by_cell(area, country, codes, units),
        water=water,
        fine_land=fine,
        elevation=_known(onto_grid(elevation, area, smooth=True)),
        depth=_known(onto_grid(depth, area, smooth=True)),
        landcover=_dry_classes(onto_grid(landcover, area, smooth=False)),
        coast=_pieces(countries.geometry),
        units=units,
    )


def _navigable(area: StudyArea, country: Int32Array, lakes: gpd.GeoDataFrame) -> Int32Array:
    """Class of each water cell; only the sea itself and lakes of some size are sailed."""
    kinds = lakes["kind"].map({"lagoon": 2, "lake": 3}).to_numpy(np.int32)
    inland = burn(lakes.geometry.to_crs(area.crs), kinds, area)
    inside = _inside_box(area)
    sea, _ = ndimage.label((country < 0) & (inland < 0) & inside, np.ones((3, 3)))
    sizes = np.bincount(sea.ravel())
    open_sea = (sea > 0) & (sizes[sea] >= max(sizes[1:].max() // 20, 1))
    water = np.where(open_sea, 1, np.maximum(inland, 0)).astype(np.int32)
    water[country >= 0] = 0
    for kind in (2, 3):
        parts, _ = ndimage.label(water == kind, np.ones((3, 3)))
        small = np.bincount(parts.ravel())[parts] < MIN_WATER_CELLS
        water[(parts > 0) & small] = 0
    return water


def _inside_box(area: StudyArea) -> BoolArray:
    west, south, east, north = area.bbox
    x, y = area.centres()
    return np.asarray((x >= west) & (x <= east) & (y >= south) & (y <= north))


def _drop_far_neighbours(country: Int32Array, studied: int) -> Int32Array:
    own = (country >= 0) & (country < studied)
    near = ndimage.distance_transform_edt(~own) <= FRINGE_CELLS
    return np.where(own | near, country, -1).astype(np.int32)


def _units_by_cell(
    area: StudyArea, country: Int32Array, codes: tuple[str, ...], units: gpd.GeoDataFrame
) -> Int32Array:
    """Unit of each land cell; the nearest of its own country where outlines differ."""
    shapes = units.geometry.to_crs(area.crs)
    result = np.full(area.shape, -1, np.int32)
    for number, code in enumerate(codes):
        own = (units["country"] == code).to_numpy()
        if not own.any():
            continue
        burnt = burn(shapes[own], np.flatnonzero(own), area)
        here = country == number
        result[here] = fill_nearest(burnt, burnt >= 0)[here]
    return result


def _known(values: Float32Array) -> Float32Array:
    return np.asarray(fill_nearest(values, np.isfinite(values)), np.float32)


def _dry_classes(landcover: Float32Array) -> Float32Array:
    """Land cover, with water (IGBP 17, 0) replaced by the nearest land class."""
    return np.asarray(
        fill_nearest(landcover, np.isfinite(landcover) & (landcover > 0) & (landcover < 17)),
        np.float32,
    )


def touching_land(countries: gpd.GeoDataFrame, lines: ObjectArray) -> BoolArray:
    """Whether each line meets land at full coast resolution."""
    return _met(shapely.STRtree(_pieces(countries.geometry)), lines)


def _met(coast: shapely.STRtree, lines: ObjectArray) -> BoolArray:
    hit = np.zeros(len(lines), bool)
    hit[coast.query(lines, predicate="intersects")[0]] = True
    return hit


def _pieces(shapes: gpd.GeoSeries) -> ObjectArray:
    """Cut polygons along a lattice."""
    parts = shapely.get_parts(np.asarray(shapes))
    pieces: list[ObjectArray] = []
    west, south, east, north = shapely.total_bounds(parts)
    tree = shapely.STRtree(parts)
    for x in np.arange(west, east, PIECE_DEGREES):
        strip = shapely.clip_by_rect(
            parts[np.sort(tree.query(shapely.box(x, south, x + PIECE_DEGREES, north)))],
            x, south, x + PIECE_DEGREES, north,
        )  # fmt: skip
        strip = strip[~shapely.is_empty(strip)]
        for y in np.arange(south, north, PIECE_DEGREES):
            cut = shapely.clip_by_rect(strip, x, y, x + PIECE_DEGREES, y + PIECE_DEGREES)
            pieces.append(shapely.get_parts(cut[~shapely.is_empty(cut)]))
    return np.concatenate(pieces)
