"""From sources to a network: grid, meshes, roads, rivers, joins, gateways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.builder.build import all_places, build_network
    from geodata.builder.forecast import Forecast, LayerReport
    from geodata.builder.left_out import remarks_on
    from geodata.builder.study_grid import touching_land

__all__ = ["Forecast", "LayerReport", "all_places", "build_network", "remarks_on", "touching_land"]

__getattr__, __dir__ = offer(__name__)
