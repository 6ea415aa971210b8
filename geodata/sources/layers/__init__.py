"""Layers of a study: their schemas, the protocol that gives them, and bundles of their files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.sources.layers.bundle import CLASSES, Bundle, shipped_licences
    from geodata.sources.layers.lakes import land_without_lakes, polygons_of
    from geodata.sources.layers.layers import Layers, MappedRoads, shapes, table
    from geodata.sources.layers.schema import (
        EVIDENCE,
        GEOMETRY,
        LAYER_OF,
        SCHEMAS,
        TRUTH,
        Schema,
        check,
    )

__all__ = [
    "CLASSES",
    "EVIDENCE",
    "GEOMETRY",
    "LAYER_OF",
    "SCHEMAS",
    "TRUTH",
    "Bundle",
    "Layers",
    "MappedRoads",
    "Schema",
    "check",
    "land_without_lakes",
    "polygons_of",
    "shapes",
    "shipped_licences",
    "table",
]

__getattr__, __dir__ = offer(__name__)
