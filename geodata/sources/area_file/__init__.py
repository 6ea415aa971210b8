"""The study area as a file: where, which layers, and the rules of its roads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.sources.area_file.area_file import AreaFile, parse_area, read_area_file
    from geodata.sources.area_file.crs import crs_of_file, stated_crs
    from geodata.sources.area_file.layer import RASTERS, ROLES, UNITS, Layer, shipped_classes
    from geodata.sources.area_file.place import Area
    from geodata.sources.area_file.road_rules import ROAD_CLASSES, Passing, Roads, default_roads
    from geodata.sources.area_file.template import NewArea, area_text

__all__ = [
    "RASTERS",
    "ROAD_CLASSES",
    "ROLES",
    "UNITS",
    "Area",
    "AreaFile",
    "Layer",
    "NewArea",
    "Passing",
    "Roads",
    "area_text",
    "crs_of_file",
    "default_roads",
    "parse_area",
    "read_area_file",
    "shipped_classes",
    "stated_crs",
]

__getattr__, __dir__ = offer(__name__)
