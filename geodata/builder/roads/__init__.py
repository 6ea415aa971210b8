"""Roads: routes, legs, their sinuosity, and the spurs that join towns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.builder.roads.crossings import Borders
    from geodata.builder.roads.distances import road_distance
    from geodata.builder.roads.mapped import mapped_roads
    from geodata.builder.roads.network import RoadNetwork, assemble, national_roads

__all__ = ["Borders", "RoadNetwork", "assemble", "mapped_roads", "national_roads", "road_distance"]

__getattr__, __dir__ = offer(__name__)
