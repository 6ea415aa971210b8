"""Graphs of osmnx: read from GraphML, taken from memory, and downloaded by osmnx itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.sources.osmnx.download import INSTALL, Streets, download_streets, require_osmnx
    from geodata.sources.osmnx.finished import CLASS, MARK, MODE, SURFACE, is_finished_file
    from geodata.sources.osmnx.graphml import SUFFIX, read_graphml
    from geodata.sources.osmnx.roads import OsmnxRoads, roads_from_osmnx, roads_of_graphs

__all__ = [
    "CLASS",
    "INSTALL",
    "MARK",
    "MODE",
    "SUFFIX",
    "SURFACE",
    "OsmnxRoads",
    "Streets",
    "download_streets",
    "is_finished_file",
    "read_graphml",
    "require_osmnx",
    "roads_from_osmnx",
    "roads_of_graphs",
]

__getattr__, __dir__ = offer(__name__)
