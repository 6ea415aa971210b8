"""Vector files of a study, of any format and CRS, as layers in their canonical form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.sources.vectors.files.files import FORMATS, crs_names, read_file
    from geodata.sources.vectors.reading import check_shared, read_box, read_vector
    from geodata.sources.vectors.roads import vector_roads

__all__ = [
    "FORMATS",
    "check_shared",
    "crs_names",
    "read_box",
    "read_file",
    "read_vector",
    "vector_roads",
]

__getattr__, __dir__ = offer(__name__)
