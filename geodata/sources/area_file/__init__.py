"""The study area as a file: where, which layers, and the rules of its roads."""

from geodata.sources.area_file.area_file import AreaFile, parse_area, read_area_file
from geodata.sources.area_file.crs import crs_of_file, stated_crs
from geodata.sources.area_file.layer import FROM_OSM, RASTERS, ROLES, UNITS, Layer, shipped_classes
from geodata.sources.area_file.place import Area
from geodata.sources.area_file.road_rules import ROAD_CLASSES, Passing, Roads, default_roads

__all__ = [
    "FROM_OSM",
    "RASTERS",
    "ROAD_CLASSES",
    "ROLES",
    "UNITS",
    "Area",
    "AreaFile",
    "Layer",
    "Passing",
    "Roads",
    "crs_of_file",
    "default_roads",
    "parse_area",
    "read_area_file",
    "shipped_classes",
    "stated_crs",
]
