"""The grid of a study area: land or water in each cell, and the coast at full resolution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from scipy import ndimage

from geodata.area.grid import burn, fill_nearest
from geodata.area.study_area import StudyArea
from geodata.arrays import BoolArray, Float32Array, Int32Array, Int64Array, ObjectArray
from geodata.computing.tasks import computed_once
from geodata.errors import DataError

REFINE = 8
"""Fine cells along the edge of a grid cell: 250 m where cells are 2 km."""
MIN_WATER_CELLS = 3
"""A lake of fewer cells is crossed or walked around, not sailed."""
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
        Per cell, the country and, in studied countries, the row of `units`; -1 for none.
    water
        Per cell, 0 not navigable, 1 open sea, 2 lagoon, 3 lake.
    fine_land
        Land at `REFINE` times the grid's resolution.
    elevation, depth, landcover
        Per cell, metres, metres (negative below the sea), IGBP class; None without such a layer.
    slope
        Per cell, mean rise over run of terrain finer than the grid; None when unknown.
    friction
        Per cell, minutes to walk a metre, slope included; None without such a layer.
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
    elevation: Float32Array | None
    depth: Float32Array | None
    landcover: Float32Array | None
    coast: ObjectArray
    units: gpd.GeoDataFrame
    slope: Float32Array | None = None
    friction: Float32Array | None = None

    @computed_once
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


def lay_outlines(
    area: StudyArea,
    *,
    countries: gpd.GeoDataFrame,
    lakes: gpd.GeoDataFrame,
    admin1: gpd.GeoDataFrame,
    closed: gpd.GeoDataFrame,
) -> dict[str, Int32Array | BoolArray]:
    """Lay the outlines of a study over the area's grid.

    Parameters
    ----------
    countries
        Land without its lakes; that of countries that are neither studied nor neighbours is
        land that nobody crosses.
    closed
        Zones closed to all traffic, by land and by water.

    Returns
    -------
    country, admin1, water and fine_land of a `StudyGrid`.

    Raises
    ------
    DataError
        When no land of the studied countries lies within the area.
    """
    codes = (*area.countries, *area.neighbours)
    place = {code: number for number, code in enumerate(codes)}
    numbers = np.array([place.get(code, len(codes)) for code in countries["country"]], np.int32)
    shapes = countries.geometry.to_crs(area.crs)
    land = burn(shapes, numbers, area)
    inside = _inside(area)
    country = np.where(land == len(codes), -1, land)
    if area.outline is not None:
        country = np.where(inside, country, -1)
    if not ((country >= 0) & (country < len(area.countries))).any():
        remedy = "No land of theirs lies in the area: mend its box, its countries or its coast."
        raise DataError("area, countries", ", ".join(area.countries), remedy)
    country = _drop_far_neighbours(country, len(area.countries), area.fringe_cells)
    water = _navigable(area, land >= 0, lakes, inside)
    if len(closed):
        shut = burn(closed.geometry.to_crs(area.crs), np.zeros(len(closed), int), area) == 0
        country, water = np.where(shut, -1, country), np.where(shut, 0, water)
    return {
        "country": country.astype(np.int32),
        "admin1": _units_by_cell(area, country, admin1.reset_index(drop=True)),
        "water": water.astype(np.int32),
        "fine_land": burn(shapes, numbers, area, refine=REFINE) >= 0,
    }


def make_study_grid(
    area: StudyArea,
    laid: Mapping[str, Any],
    *,
    countries: gpd.GeoDataFrame,
    admin1: gpd.GeoDataFrame,
    surfaces: Mapping[str, Float32Array],
) -> StudyGrid:
    """The cells and coast of an area.

    Parameters
    ----------
    laid
        Result of `lay_outlines`.
    surfaces
        Surfaces on the grid: elevation, slope, depth, landcover and friction, as far as they exist.
    """
    values = {name: _known(surface) for name, surface in surfaces.items() if name != "landcover"}
    if "landcover" in surfaces:
        values["landcover"] = _dry_classes(surfaces["landcover"])
    return StudyGrid(
        area=area,
        codes=(*area.countries, *area.neighbours),
        country=laid["country"],
        admin1=laid["admin1"],
        water=laid["water"],
        fine_land=laid["fine_land"],
        elevation=values.get("elevation"),
        depth=values.get("depth"),
        landcover=values.get("landcover"),
        slope=values.get("slope"),
        friction=values.get("friction"),
        coast=land_pieces(countries.geometry),
        units=admin1.reset_index(drop=True),
    )


def _navigable(
    area: StudyArea, land: BoolArray, lakes: gpd.GeoDataFrame, inside: BoolArray
) -> Int32Array:
    """Class of each water cell; only the sea itself and lakes of some size are sailed."""
    kinds = lakes["kind"].map({"lagoon": 2, "lake": 3}).fillna(3).to_numpy(np.int32)
    inland = burn(lakes.geometry.to_crs(area.crs), kinds, area)
    sea, _ = ndimage.label(~land & (inland < 0) & inside, np.ones((3, 3)))
    sizes = np.bincount(sea.ravel())
    open_sea = (sea > 0) & (sizes[sea] >= max(sizes[1:].max(initial=0) // 20, 1))
    water = np.where(open_sea, 1, np.maximum(inland, 0)).astype(np.int32)
    water[land] = 0
    if area.outline is not None:
        water[~inside] = 0
    for kind in (2, 3):
        parts, _ = ndimage.label(water == kind, np.ones((3, 3)))
        small = np.bincount(parts.ravel())[parts] < MIN_WATER_CELLS
        water[(parts > 0) & small] = 0
    return water


def _inside(area: StudyArea) -> BoolArray:
    """Cells whose centre lies in the box, and in the outline if there is one."""
    west, south, east, north = area.bbox
    x, y = area.centres()
    inside = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    if area.outline is not None:
        shape = gpd.GeoSeries([area.outline], crs=4326).to_crs(area.crs)
        inside &= burn(shape, [0], area) == 0
    return np.asarray(inside)


def _drop_far_neighbours(country: Int32Array, studied: int, fringe: float) -> Int32Array:
    own = (country >= 0) & (country < studied)
    near = ndimage.distance_transform_edt(~own) <= fringe
    return np.where(own | near, country, -1).astype(np.int32)


def _units_by_cell(area: StudyArea, country: Int32Array, units: gpd.GeoDataFrame) -> Int32Array:
    """Unit of each studied cell; the nearest of its own country where outlines differ.

    Neighbours are only a strip, so that their units are neither scored nor ranked.
    """
    shapes = units.geometry.to_crs(area.crs)
    result = np.full(area.shape, -1, np.int32)
    for number, code in enumerate(area.countries):
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
    return _met(shapely.STRtree(land_pieces(countries.geometry)), lines)


def _met(coast: shapely.STRtree, lines: ObjectArray) -> BoolArray:
    hit = np.zeros(len(lines), bool)
    on_land, _ = coast.query(lines, predicate="intersects")
    hit[on_land] = True
    return hit


def land_pieces(shapes: gpd.GeoSeries) -> ObjectArray:
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
