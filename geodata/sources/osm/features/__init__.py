"""Layers other than roads from an extract: coast, water, places, ports, units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.sources.osm.features.features import layers_of

__all__ = [
    "layers_of",
]

__getattr__, __dir__ = offer(__name__)
