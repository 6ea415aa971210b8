"""A study: an area file opened, and its layers read, derived or left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.sources.study.land_of import LandOf
    from geodata.sources.study.notes import Note
    from geodata.sources.study.outlines import box_of, read_outline
    from geodata.sources.study.readers.formats import is_graphml, is_osm
    from geodata.sources.study.readers.people import is_counted
    from geodata.sources.study.study import Study

__all__ = [
    "LandOf",
    "Note",
    "Study",
    "box_of",
    "is_counted",
    "is_graphml",
    "is_osm",
    "read_outline",
]

__getattr__, __dir__ = offer(__name__)
