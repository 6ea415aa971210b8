"""The study area, its grid, its coordinates and lengths on the ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.area.antimeridian import cut_box, cut_frame, cut_shapes, longitude, widen_box
    from geodata.area.box import (
        MOST_DEGREES,
        ORDER,
        Box,
        box_fault,
        longitude_first,
        longitude_first_remedy,
        longitudes_about,
    )
    from geodata.area.crs import bounds, crs_by_name, crs_by_number, turn_to_area, wgs84
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
        lay_lines,
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
    "lay_lines",
    "length",
    "longitude",
    "longitude_first",
    "longitude_first_remedy",
    "longitudes_about",
    "on_earth",
    "onto_grid",
    "read_grid",
    "sample",
    "steps",
    "turn_to_area",
    "wgs84",
    "widen_box",
]

__getattr__, __dir__ = offer(__name__)
