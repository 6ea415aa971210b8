"""GeoJSON texts of tables, by compiled kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.formats.geojson.columns import DOUBLE, SINGLE, Cells, moment, text_buffers
    from geodata.formats.geojson.features import (
        DECIMALS,
        SEPARATOR,
        check_ids,
        collection,
        encode_features,
        envelope,
        pieces,
    )

__all__ = [
    "DECIMALS",
    "DOUBLE",
    "SEPARATOR",
    "SINGLE",
    "Cells",
    "check_ids",
    "collection",
    "encode_features",
    "envelope",
    "moment",
    "pieces",
    "text_buffers",
]

__getattr__, __dir__ = offer(__name__)
