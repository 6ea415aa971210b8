"""Styles as data, for QGIS, web maps and printed maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.cartography.basemap import (
        Basemap,
        ProjectedBasemap,
        basemap_of,
        borders,
        clip_areas,
        fit_units,
        project_basemap,
    )
    from geodata.cartography.maplibre import (
        PX_PER_MM,
        Record,
        fill_layers,
        legend_entries,
        line_layers,
        mark_layer,
        marker_layer,
        stroke_layers,
    )
    from geodata.cartography.qgis import kinds_qml, qml
    from geodata.cartography.sprite import sprite_index, sprite_png
    from geodata.cartography.styles.change_styles import CHANGE_STYLES
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
        INK,
        LAND,
        PAPER,
        SEA,
        Geometry,
        LabelStyle,
        Step,
        VectorStyle,
    )

__all__ = [
    "ADMIN",
    "BANDS",
    "BORDER",
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
    "INK",
    "LAND",
    "MARKS",
    "MODES",
    "NEARNESS",
    "NEAR_GATEWAYS",
    "NEAR_UNITS",
    "NODES",
    "PAPER",
    "PLACES",
    "POST",
    "PX_PER_MM",
    "REMOTENESS",
    "RIVER",
    "ROADS",
    "SEA",
    "SECTOR",
    "SEGMENTS",
    "UNSCORED_LAND",
    "VECTOR_STYLES",
    "WATER",
    "Basemap",
    "Geometry",
    "LabelStyle",
    "Mark",
    "ProjectedBasemap",
    "Record",
    "Step",
    "Stroke",
    "VectorStyle",
    "basemap_of",
    "borders",
    "clip_areas",
    "fill_layers",
    "fit_units",
    "kinds_qml",
    "legend_entries",
    "line_layers",
    "mark_layer",
    "marker_layer",
    "project_basemap",
    "qml",
    "sprite_index",
    "sprite_png",
    "stroke_layers",
]

__getattr__, __dir__ = offer(__name__)
