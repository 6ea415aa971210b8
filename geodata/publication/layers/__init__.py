"""Layers of a network: frames with titles, meanings of their properties, holders and licences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.publication.layers.border_sectors import find_sectors
    from geodata.publication.layers.layer import PublishedLayer
    from geodata.publication.layers.licences import ADDRESSES, attribution, attributions, sources
    from geodata.publication.layers.network_layers import id_first
    from geodata.publication.layers.properties import END, LISTED, START, meaning

__all__ = [
    "ADDRESSES",
    "END",
    "LISTED",
    "START",
    "PublishedLayer",
    "attribution",
    "attributions",
    "find_sectors",
    "id_first",
    "meaning",
    "sources",
]

__getattr__, __dir__ = offer(__name__)
