"""The study area, its grid, its coordinates and lengths on the ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.area.antimeridian import around, cut_box, cut_frame, cut_shapes, longitude
    from geodata.area.box import MOST_DEGREES, ORDER, Box, box_fault, longitudes_about
    from geodata.area.crs import bounds, crs_by_name, crs_by_number, in_area, wgs84
    from geodata.area.geodesy import (
        DEGREE_M,
        EQUATOR_DEGREE_M,
        GEOD,
        LONG_DEGREE_M,
        geodesic,
        length,
        on_earth,
        sample,
        steps,
    )
    from geodata.area.grid import (
        Raster,
        burn,
        cells_along,
        fill_nearest,
        lay,
        onto_grid,
        read_grid,
    )
    from geodata.area.study_area import FRINGE_CELLS, StudyArea
    from geodata.area.titles import Titles

__all__ = [
    "DEGREE_M",
    "EQUATOR_DEGREE_M",
    "FRINGE_CELLS",
    "GEOD",
    "LONG_DEGREE_M",
    "MOST_DEGREES",
    "ORDER",
    "Box",
    "Raster",
    "StudyArea",
    "Titles",
    "around",
    "bounds",
    "box_fault",
    "burn",
    "cells_along",
    "crs_by_name",
    "crs_by_number",
    "cut_box",
    "cut_frame",
    "cut_shapes",
    "fill_nearest",
    "geodesic",
    "in_area",
    "lay",
    "length",
    "longitude",
    "longitudes_about",
    "on_earth",
    "onto_grid",
    "read_grid",
    "sample",
    "steps",
    "wgs84",
]

__getattr__, __dir__ = offer(__name__)
