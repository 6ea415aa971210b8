"""Queries: providers and databases that send the rows of an area, or a list of their files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.sources.download.queries.database import TableRemote, get_table, table_remote
    from geodata.sources.download.queries.listings import listed_remotes
    from geodata.sources.download.queries.osmnx import NAME, get_streets, osmnx_remote, streets_of
    from geodata.sources.download.queries.overture import get_overture, overture_remote

__all__ = [
    "NAME",
    "TableRemote",
    "get_overture",
    "get_streets",
    "get_table",
    "listed_remotes",
    "osmnx_remote",
    "overture_remote",
    "streets_of",
    "table_remote",
]

__getattr__, __dir__ = offer(__name__)
