"""Coordinate reference systems by reference (OGC API - Features, Part 2)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import numpy as np
import pyproj
import shapely
from pyproj import Transformer

from geodata.area.antimeridian import cut_shapes
from geodata.area.box import Box, longitudes_about
from geodata.area.study_area import StudyArea
from geodata.arrays import Float64Array, ObjectArray
from geodata.computing.tasks import computed_once
from geodata.errors import InputError
from geodata.formats.geojson.features import DECIMALS
from service.web.replies.replies import address

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
LATITUDE_FIRST = "http://www.opengis.net/def/crs/EPSG/0/4326"
MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"
CENTIMETRES = 2
"""Decimals of a metre."""
_STEPS = 64
_FARTHEST = 1e9


@dataclass(frozen=True)
class CoordinateSystem:
    """One system for coordinates in requests and replies.

    Parameters
    ----------
    uri
        URI of the system.
    crs
        Definition of the system.
    swapped
        Whether its second coordinate points east.
    turn
        Length of a turn around the world, for systems with straight meridians, in which a box is
        also a box in degrees.
    middle
        Longitude of the middle of the area.
    """

    uri: str
    crs: pyproj.CRS
    swapped: bool = False
    turn: float | None = None
    middle: float = 0.0

    @property
    def decimals(self) -> int:
        """Decimals that coordinates are written with."""
        return DECIMALS if self.crs.is_geographic else CENTIMETRES

    @computed_once
    def _from_degrees(self) -> Transformer:
        return Transformer.from_crs("OGC:CRS84", self.crs, always_xy=True)

    def place(self, shapes: ObjectArray) -> ObjectArray:
        """Shapes in CRS84, brought to this system."""

        def moved(xy: Float64Array) -> Float64Array:
            x, y = self._from_degrees.transform(xy[:, 0], xy[:, 1])
            return np.column_stack((y, x) if self.swapped else (x, y))

        return np.asarray(shapely.transform(shapes, moved))

    def degrees(self, shape: shapely.Geometry, field: str) -> shapely.Geometry:
        """A shape in this system, brought to CRS84 and cut at the antimeridian as features are.

        Raises
        ------
        InputError
            When a part of it lies outside the domain of this system.
        """

        def moved(xy: Float64Array) -> Float64Array:
            x, y = xy.T[::-1] if self.swapped else xy.T
            longitudes, latitudes = self._from_degrees.transform(x, y, direction="INVERSE")
            # Each longitude is brought to -180 to 180 separately, which would tear shapes across
            # 180 degrees.
            if self.turn:
                longitudes = 360 * x / self.turn
            else:
                longitudes = longitudes_about(self.middle, longitudes)
            return np.column_stack((longitudes, latitudes))

        placed: shapely.Geometry = shapely.transform(shape, moved)
        if not np.isfinite(shapely.get_coordinates(placed)).all():
            remedy = f"These coordinates lie outside {self.uri}; mind the order of its axes."
            raise InputError(field, shapely.to_wkt(shape)[:80], remedy)
        cut: shapely.Geometry = cut_shapes(np.array([placed], dtype=object))[0]
        return cut

    def boxes(self, box: Box) -> list[shapely.Geometry]:
        """The areas of a box of this system in CRS84: two where it crosses the antimeridian.

        A box may lie beyond the antimeridian, as of a map that goes on there, or be wider than
        the world.

        Raises
        ------
        InputError
            When its corners are the wrong way round.
        """
        first, second, third, fourth = box
        south, north = (first, third) if self.swapped else (second, fourth)
        turned = (second > fourth) if self.swapped else (first > third)
        if south > north or (turned and not self.crs.is_geographic):
            text = ",".join(f"{edge:g}" for edge in box)
            remedy = "The lower corner comes first; mind the order of the axes of bbox-crs."
            raise InputError("bbox", text, remedy)
        edges = (second, fourth) if self.swapped else (first, third)
        around = self.turn is not None and edges[1] - edges[0] >= self.turn
        if not around and not max(map(abs, edges if self.turn else box)) < _FARTHEST:
            text = ",".join(f"{edge:g}" for edge in box)
            raise InputError("bbox", text, f"These coordinates lie outside {self.uri}.")
        if self.turn:
            if not self.crs.is_geographic:
                south, north = self._latitudes(south, north)
            degrees = (360 * edge / self.turn for edge in edges)
            halves = [(-180.0, 180.0)] if around else _longitudes(*degrees)
            return [shapely.box(left, south, right, north) for left, right in halves]
        # An edge straight in this system is curved in degrees.
        edge = max(third - first, fourth - second) / _STEPS
        drawn = shapely.box(*box) if edge else shapely.Point(first, second)
        return [self.degrees(shapely.segmentize(drawn, edge) if edge else drawn, "bbox")]

    def _latitudes(self, *norths: float) -> list[float]:
        lonlat = self._from_degrees.transform([0.0] * len(norths), norths, direction="INVERSE")
        return [float(latitude) for latitude in lonlat[1]]


def _longitudes(west: float, east: float) -> list[tuple[float, float]]:
    """The range between two longitudes, as one or two ranges between -180 and 180."""
    if east < west:
        east += 360 * math.ceil((west - east) / 360)
    turns = 360 * math.floor((west + 180) / 360)
    west, east = west - turns, east - turns
    return [(west, east)] if east <= 180 else [(west, 180.0), (-180.0, east - 360)]


_STANDARD = (
    CoordinateSystem(CRS84, pyproj.CRS("OGC:CRS84"), turn=360.0),
    CoordinateSystem(LATITUDE_FIRST, pyproj.CRS("EPSG:4326"), swapped=True, turn=360.0),
    CoordinateSystem(MERCATOR, pyproj.CRS("EPSG:3857"), turn=2 * math.pi * 6_378_137.0),
)


def systems(area: StudyArea) -> Mapping[str, CoordinateSystem]:
    """All systems by URI, first the one in which features are stored.

    The area's own equal-area system has no code in any register: its URI is an address of
    this service, where its definition is.
    """
    own = CoordinateSystem(address(f"/crs/{area.name}"), own_system(area), middle=area.middle)
    return {system.uri: system for system in (*_STANDARD, own)}


_kept: dict[StudyArea, pyproj.CRS] = {}


def own_system(area: StudyArea) -> pyproj.CRS:
    """The system of an area under the area's name."""
    if area not in _kept:
        record = area.crs.to_json_dict()
        record["name"] = f"Vereda {area.name}: Lambert azimuthal equal-area, WGS 84"
        _kept[area] = pyproj.CRS.from_json_dict(record)
    return _kept[area]


def system(name: str, uri: str | None, area: StudyArea) -> CoordinateSystem:
    """The system that a parameter names; CRS84 when it is left out.

    The area's own is known at every address of this service, by its path.

    Raises
    ------
    InputError
        When the service does not have this system.
    """
    known = systems(area)
    *_, own = known.values()
    chosen = known.get(uri or CRS84)
    if uri and _path(uri) == urlsplit(own.uri).path:
        chosen = own
    if chosen is None:
        raise InputError(name, uri, f"Give one of: {', '.join(known)}.")
    return chosen


def _path(uri: str) -> str | None:
    """Path of an address, None for a text that is not an address."""
    try:
        return urlsplit(uri).path
    except ValueError:
        return None
