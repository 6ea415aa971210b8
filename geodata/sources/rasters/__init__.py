"""Rasters of users on the grid of a study area: any CRS, resolution and type, by window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.sources.rasters.files import bands, read_whole
    from geodata.sources.rasters.glimpse import Survey, survey
    from geodata.sources.rasters.surface import read_surface
    from geodata.sources.rasters.terrain import Heights, read_terrain
    from geodata.sources.rasters.virtual import files_named

__all__ = [
    "Heights",
    "Survey",
    "bands",
    "files_named",
    "read_surface",
    "read_terrain",
    "read_whole",
    "survey",
]

__getattr__, __dir__ = offer(__name__)
