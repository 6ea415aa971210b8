"""Input: layers of studies and bundles, files of users, and downloads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.sources.layers import Layers, MappedRoads, shapes, table
    from geodata.sources.layers.bundle import Bundle
    from geodata.sources.layers.schema import EVIDENCE, GEOMETRY, LAYER_OF, SCHEMAS, Schema, check

__all__ = [
    "EVIDENCE",
    "GEOMETRY",
    "LAYER_OF",
    "SCHEMAS",
    "Bundle",
    "Layers",
    "MappedRoads",
    "Schema",
    "check",
    "shapes",
    "table",
]

__getattr__, __dir__ = offer(__name__)
