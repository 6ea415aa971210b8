"""Printed maps and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.cartography.printed.change_map import ChangeLayers, draw_changes
    from geodata.cartography.printed.cut_curve import CutPoint, draw_cut_curve
    from geodata.cartography.printed.legend import MARKERS, marker_scale
    from geodata.cartography.printed.result_map import draw_map
    from geodata.cartography.printed.route_map import MapTable, RouteLayers, draw_routes
    from geodata.cartography.printed.validation_figure import draw_validation

__all__ = [
    "MARKERS",
    "ChangeLayers",
    "CutPoint",
    "MapTable",
    "RouteLayers",
    "draw_changes",
    "draw_cut_curve",
    "draw_map",
    "draw_routes",
    "draw_validation",
    "marker_scale",
]

__getattr__, __dir__ = offer(__name__)
