"""Readers of the layers of a study: which of them a layer is for, and what they read of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.sources.study.readers.formats import is_graphml, is_osm, refuse_rename
    from geodata.sources.study.readers.frames import outlines_of, read_frames
    from geodata.sources.study.readers.people import is_counted
    from geodata.sources.study.readers.rasters import rasters_on_grid
    from geodata.sources.study.readers.roads import credit_of, kept_roads, read_roads

__all__ = [
    "credit_of",
    "is_counted",
    "is_graphml",
    "is_osm",
    "kept_roads",
    "outlines_of",
    "rasters_on_grid",
    "read_frames",
    "read_roads",
    "refuse_rename",
]

__getattr__, __dir__ = offer(__name__)
