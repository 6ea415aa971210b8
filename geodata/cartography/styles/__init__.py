"""Styles as data: of results, of networks and of comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.cartography.styles.change_styles import (
        CHANGE_STYLES,
        CHANGED_GATEWAYS,
        CHANGED_SEGMENTS,
        CHANGED_UNITS,
    )
    from geodata.cartography.styles.network_styles import (
        COUNT,
        EVENT,
        GATES,
        MARKS,
        MODES,
        NODES,
        POST,
        RIVER,
        ROADS,
        SECTOR,
        UNSCORED_LAND,
        WATER,
        Mark,
        Stroke,
    )
    from geodata.cartography.styles.result_styles import (
        ADMIN,
        BANDS,
        CORRIDORS,
        DENSITY,
        EXPOSURE,
        FLOW,
        GATEWAYS,
        NEAR_GATEWAYS,
        NEAR_UNITS,
        NEARNESS,
        PLACES,
        REMOTENESS,
        SEGMENTS,
        VECTOR_STYLES,
    )
    from geodata.cartography.styles.style import (
        BORDER,
        COAST,
        GRATICULE,
        INK,
        LAND,
        MUTED,
        PAPER,
        SEA,
        Geometry,
        Kind,
        LabelStyle,
        RasterStyle,
        Step,
        VectorStyle,
    )

__all__ = [
    "ADMIN",
    "BANDS",
    "BORDER",
    "CHANGED_GATEWAYS",
    "CHANGED_SEGMENTS",
    "CHANGED_UNITS",
    "CHANGE_STYLES",
    "COAST",
    "CORRIDORS",
    "COUNT",
    "DENSITY",
    "EVENT",
    "EXPOSURE",
    "FLOW",
    "GATES",
    "GATEWAYS",
    "GRATICULE",
    "INK",
    "LAND",
    "MARKS",
    "MODES",
    "MUTED",
    "NEARNESS",
    "NEAR_GATEWAYS",
    "NEAR_UNITS",
    "NODES",
    "PAPER",
    "PLACES",
    "POST",
    "REMOTENESS",
    "RIVER",
    "ROADS",
    "SEA",
    "SECTOR",
    "SEGMENTS",
    "UNSCORED_LAND",
    "VECTOR_STYLES",
    "WATER",
    "Geometry",
    "Kind",
    "LabelStyle",
    "Mark",
    "RasterStyle",
    "Step",
    "Stroke",
    "VectorStyle",
]

__getattr__, __dir__ = offer(__name__)
