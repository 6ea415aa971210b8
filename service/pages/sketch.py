"""A small map of a result for the landing page: land, units and corridors."""

from __future__ import annotations

import math
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from flask import Flask, current_app
from rasterio.features import shapes

from geodata.area.study_area import StudyArea
from geodata.arrays import Float64Array
from geodata.network.network import Network
from service.features.collections import collections_of
from service.state import State, make_once

WIDTH = 720.0
LISTED = 6
"""Corridors in the table beside the map."""
THINNEST, WIDEST = 0.8, 7.0
COARSE = 0.01
"""Degrees by which outlines are simplified: about half a pixel."""


@dataclass(frozen=True, kw_only=True)
class DrawnCorridor:
    """A corridor as an SVG path, with what the table beside the map says of it."""

    path: str
    stroke: float
    name: str
    usage: float
    hours: float
    km: float


@dataclass(frozen=True, kw_only=True)
class Sketch:
    """What the page draws, in pixels from the north-west corner."""

    width: float
    height: float
    land: str
    units: str
    corridors: list[DrawnCorridor]

    @property
    def listed(self) -> list[DrawnCorridor]:
        """The most used corridors."""
        return self.corridors[:LISTED]


class _Plane:
    """Degrees to pixels, true to shape at the middle latitude."""

    def __init__(self, area: StudyArea) -> None:
        self.west, south, east, self.north = area.bbox
        self.across = WIDTH / (east - self.west)
        self.down = self.across / math.cos(math.radians((south + self.north) / 2))
        self.height = (self.north - south) * self.down

    def path(self, shape: shapely.Geometry) -> str:
        """The rings or lines of a shape as SVG path data."""
        parts = shapely.get_parts(shapely.simplify([shape], COARSE))
        rings = shapely.get_rings(parts)
        lines, closed = (rings, "Z") if len(rings) else (parts, "")
        return "".join(self._line(shapely.get_coordinates(line)) + closed for line in lines)

    def _line(self, degrees: Float64Array) -> str:
        x = (degrees[:, 0] - self.west) * self.across
        y = (self.north - degrees[:, 1]) * self.down
        points = [f"{a:.1f} {b:.1f}" for a, b in zip(x, y, strict=True)]
        return f"M{'L'.join(points)}"


def draw_sketch(network: Network, corridors: gpd.GeoDataFrame) -> Sketch:
    """Land and units of a network, and the corridors of a result on it.

    Parameters
    ----------
    network
        The network, with its area, land and districts.
    corridors
        Lines in WGS 84 with name, usage, hours and km, most used first.
    """
    plane = _Plane(network.area)
    # Where none is used, all are drawn alike.
    most = float(corridors["usage"].max()) or 1.0
    columns = (corridors[name] for name in ("geometry", "name", "usage", "hours", "km"))
    drawn = [
        DrawnCorridor(
            path=plane.path(line),
            stroke=THINNEST + (WIDEST - THINNEST) * math.sqrt(usage / most),
            name=name,
            usage=usage,
            hours=hours,
            km=km,
        )
        for line, name, usage, hours, km in zip(*columns, strict=True)
    ]
    return Sketch(
        width=WIDTH,
        height=round(plane.height, 1),
        land="".join(plane.path(shape) for shape in _land(network)),
        units="".join(plane.path(shape) for shape in network.admin.geometry),
        corridors=drawn,
    )


def _land(network: Network) -> list[shapely.Geometry]:
    """Land of all countries, also of neighbours, from the cells that are mostly land."""
    dry = (network.surfaces["land"] >= 0.5).astype(np.uint8)
    traced = shapes(dry, mask=dry == 1, transform=network.area.transform)
    polygons = [shapely.geometry.shape(outline) for outline, _ in traced]
    return list(
        shapely.transform(
            polygons, lambda metres: np.column_stack(network.area.unproject(*metres.T))
        )
    )


def sketch_of(app: Flask = current_app) -> Sketch | None:
    """Map of the first result of an application, None without a result."""
    return make_once(app, "sketch", lambda state: _sketch(app, state))


def _sketch(app: Flask, state: State) -> Sketch | None:
    if not state.results:
        return None
    return draw_sketch(state.network, collections_of(app)["corridors"].layer.frame)
