"""The study area: its box, its countries, and the metric grid of the analysis."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from affine import Affine
from pyproj import CRS, Transformer
from shapely.geometry.base import BaseGeometry

from geodata.area.box import Box
from geodata.arrays import Float64Array, Int64Array
from geodata.computing.tasks import computed_once
from geodata.errors import InputError

FRINGE_CELLS = 4.0
"""Default for the depth in cells of the strip of a neighbouring country that is meshed."""


@dataclass(frozen=True, kw_only=True)
class StudyArea:
    """A bounding box in WGS 84 with an equal-area grid laid over it.

    Across the antimeridian longitudes continue: a box from 177 to 182 degrees is five wide, and
    its points have longitudes from 177 to 182.

    Parameters
    ----------
    name
        Short name, used in file names.
    bbox
        West, south, east, north in degrees.
    countries
        ISO 3166-1 alpha-2 codes of the countries that are meshed and scored whole.
    neighbours
        Countries of which only a fringe along the border is meshed, so that
        a border has two sides.
    cell_m
        Edge of a grid cell in metres.
    fringe_cells
        Depth of the strip of a neighbouring country that is meshed, in cells.
    outline
        Polygon in degrees of the studied part of the box; by default, all of it.

    Examples
    --------
    >>> from geodata import BORDERLANDS
    >>> BORDERLANDS.shape
    (319, 516)
    """

    name: str
    bbox: tuple[float, float, float, float]
    countries: tuple[str, ...]
    neighbours: tuple[str, ...]
    cell_m: float = 2000.0
    fringe_cells: float = FRINGE_CELLS
    outline: BaseGeometry | None = None

    @property
    def box(self) -> Box:
        """The box, its edges by name."""
        return Box(*self.bbox)

    @computed_once
    def crs(self) -> CRS:
        """Lambert azimuthal equal-area CRS centred on the box."""
        _, south, _, north = self.bbox
        middle = self.middle if self.middle <= 180 else self.middle - 360
        return CRS.from_proj4(
            f"+proj=laea +lat_0={(south + north) / 2} +lon_0={middle} "
            "+datum=WGS84 +units=m +no_defs"
        )

    @computed_once
    def _to_grid(self) -> Transformer:
        return Transformer.from_crs("EPSG:4326", self.crs, always_xy=True)

    @computed_once
    def extent(self) -> tuple[float, float, float, float]:
        """West, south, east and north edges of the grid, metres of its CRS."""
        left, bottom, right, top = self._bounds()
        cell = self.cell_m
        return (
            math.floor(left / cell) * cell,
            math.floor(bottom / cell) * cell,
            math.ceil(right / cell) * cell,
            math.ceil(top / cell) * cell,
        )

    def _bounds(self) -> tuple[float, float, float, float]:
        """The box in metres, its sides followed in small steps."""
        if not self.crosses_antimeridian:
            return self._to_grid.transform_bounds(*self.bbox, densify_pts=51)
        west, south, east, north = self.bbox
        along, up = np.linspace(west, east, 53), np.linspace(south, north, 53)
        x = np.r_[along, along, np.full(53, west), np.full(53, east)]
        y = np.r_[np.full(53, south), np.full(53, north), up, up]
        metres, metres_north = self.project(x, y)
        edges = (metres.min(), metres_north.min(), metres.max(), metres_north.max())
        return tuple(float(edge) for edge in edges)  # type: ignore[return-value]

    @property
    def crosses_antimeridian(self) -> bool:
        """Whether the longitudes of the area continue beyond 180, or begin before -180."""
        return self.box.west < -180 or self.box.east > 180

    @property
    def middle(self) -> float:
        """Longitude halfway between west and east."""
        return self.box.middle

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the grid."""
        left, bottom, right, top = self.extent
        return round((top - bottom) / self.cell_m), round((right - left) / self.cell_m)

    @property
    def transform(self) -> Affine:
        """From column and row to metres; row 0 is north."""
        left, _, _, top = self.extent
        return Affine(self.cell_m, 0.0, left, 0.0, -self.cell_m, top)

    def project(self, x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Float64Array, Float64Array]:
        """Degrees to metres of the grid's CRS.

        Parameters
        ----------
        x, y
            Longitudes and latitudes in degrees, of any one shape.

        Examples
        --------
        >>> from geodata import StudyArea
        >>> fiji = StudyArea(name="fiji", bbox=(177, -19, 182, -16), countries=(), neighbours=())
        >>> east, north = fiji.project(178.4, -18.1)
        >>> round(float(east)), round(float(north))
        (-116430, -66743)
        """
        east, north = self._to_grid.transform(np.asarray(x, float), np.asarray(y, float))
        return np.asarray(east), np.asarray(north)

    def unproject(
        self, east: npt.ArrayLike, north: npt.ArrayLike
    ) -> tuple[Float64Array, Float64Array]:
        """Metres of the grid's CRS to degrees.

        Parameters
        ----------
        east, north
            Metres of the grid's CRS, of any one shape.

        Examples
        --------
        >>> from geodata import StudyArea
        >>> fiji = StudyArea(name="fiji", bbox=(177, -19, 182, -16), countries=(), neighbours=())
        >>> x, y = fiji.unproject(*fiji.project(178.4, -18.1))
        >>> round(float(x), 3), round(float(y), 3)
        (178.4, -18.1)
        """
        x, y = self._to_grid.transform(
            np.asarray(east, float), np.asarray(north, float), direction="INVERSE"
        )
        return self.longitudes(x), np.asarray(y)

    def longitudes(self, x: npt.ArrayLike) -> Float64Array:
        """Longitudes turned towards this area; they continue across the antimeridian.

        Parameters
        ----------
        x
            Longitudes in degrees, of any shape.

        Examples
        --------
        >>> from geodata import StudyArea
        >>> fiji = StudyArea(name="fiji", bbox=(177, -19, 182, -16), countries=(), neighbours=())
        >>> fiji.longitudes([178, -179]).tolist()
        [178.0, 181.0]
        """
        degrees = np.asarray(x, float)
        if not self.crosses_antimeridian:
            return degrees
        least = self.middle - 180
        return np.where(
            (degrees >= least) & (degrees < least + 360), degrees, (degrees - least) % 360 + least
        )

    def between(self, west: float, east: float) -> tuple[float, float]:
        """Bounds turned towards this area; those around the whole earth hold all longitudes.

        Parameters
        ----------
        west, east
            Degrees; infinite where there is no bound.

        Examples
        --------
        >>> from geodata import StudyArea
        >>> fiji = StudyArea(name="fiji", bbox=(177, -19, 182, -16), countries=(), neighbours=())
        >>> fiji.between(179, -179)
        (179.0, 181.0)
        >>> fiji.between(-180, 180)
        (-inf, inf)
        """
        if 360 <= east - west < math.inf:
            # Turned towards the area, both would become one longitude.
            return -math.inf, math.inf
        west, east = (x if math.isinf(x) else float(self.longitudes(x)) for x in (west, east))
        return west, east

    def cell_of(self, x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Int64Array, Int64Array]:
        """Row and column of the cell that holds each point, clipped to the grid.

        Parameters
        ----------
        x, y
            Longitudes and latitudes in degrees, of any one shape.

        Examples
        --------
        >>> from geodata import StudyArea
        >>> fiji = StudyArea(name="fiji", bbox=(177, -19, 182, -16), countries=(), neighbours=())
        >>> row, column = fiji.cell_of(178.4, -18.1)
        >>> int(row), int(column)
        (116, 75)
        """
        east, north = self.project(x, y)
        left, _, _, top = self.extent
        rows, columns = self.shape
        column = np.floor((east - left) / self.cell_m).astype(np.int64)
        row = np.floor((top - north) / self.cell_m).astype(np.int64)
        return np.clip(row, 0, rows - 1), np.clip(column, 0, columns - 1)

    def centres(self) -> tuple[Float64Array, Float64Array]:
        """Longitude and latitude of every cell's centre, each of `shape`.

        Examples
        --------
        >>> from geodata import StudyArea
        >>> fiji = StudyArea(name="fiji", bbox=(177, -19, 182, -16), countries=(), neighbours=())
        >>> x, y = fiji.centres()
        >>> x.shape == y.shape == fiji.shape
        True
        """
        rows, columns = self.shape
        left, _, _, top = self.extent
        east = left + (np.arange(columns) + 0.5) * self.cell_m
        north = top - (np.arange(rows) + 0.5) * self.cell_m
        return self.unproject(*np.meshgrid(east, north))

    def require(self, x: float, y: float, *, field: str) -> None:
        """Refuse a point outside the box, with a hint when lon and lat look swapped.

        Parameters
        ----------
        x, y
            Longitude and latitude in degrees.
        field
            Name of the point in the error.

        Raises
        ------
        InputError
            When the point is not inside the bounding box.

        Examples
        --------
        >>> from geodata import StudyArea
        >>> fiji = StudyArea(name="fiji", bbox=(177, -19, 182, -16), countries=(), neighbours=())
        >>> fiji.require(-18, 178, field="at")
        Traceback (most recent call last):
            ...
        geodata.errors.InputError: at: '-18,178'. Longitude comes first: did you mean 178,-18?
        """
        west, south, east, north = self.bbox
        if west <= float(self.longitudes(x)) <= east and south <= y <= north:
            return
        swapped = west <= y <= east and south <= x <= north
        hint = (
            f"Longitude comes first: did you mean {y:g},{x:g}?"
            if swapped
            else f"Give LON,LAT inside {self.name}: {west:g} to {east:g}, {south:g} to {north:g}."
        )
        raise InputError(field, f"{x:g},{y:g}", hint)
