"""Rasters of users on the grid of a study area: any CRS, resolution and type, by window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.sources.rasters.coverage import LookedAt, finest_first, raster_of
    from geodata.sources.rasters.placing import cells_in_box
    from geodata.sources.rasters.surface import read_surface
    from geodata.sources.rasters.survey import RasterSurvey, survey_layers
    from geodata.sources.rasters.terrain import Heights, read_terrain
    from geodata.sources.rasters.virtual import files_named

__all__ = [
    "Heights",
    "LookedAt",
    "RasterSurvey",
    "cells_in_box",
    "files_named",
    "finest_first",
    "raster_of",
    "read_surface",
    "read_terrain",
    "survey_layers",
]

__getattr__, __dir__ = offer(__name__)
