"""Rasters of users on the grid of a study area: any CRS, resolution and type, by window."""

from geodata.sources.rasters.files import bands, read_whole
from geodata.sources.rasters.looking import Coverage, survey
from geodata.sources.rasters.surface import read_surface
from geodata.sources.rasters.terrain import Gradients, Heights, Terrain, read_terrain

__all__ = [
    "Coverage",
    "Gradients",
    "Heights",
    "Terrain",
    "bands",
    "read_surface",
    "read_terrain",
    "read_whole",
    "survey",
]
