"""Other ways between two ends, by plateaus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from routes.alternatives.criteria import AlternativeCriteria
    from routes.alternatives.itineraries import (
        alternative_table,
        alternatives_between,
        arc_gateways,
        find_alternatives,
        gateway_points,
        stretches,
    )
    from routes.alternatives.plateaus import Alternative, Place, search_plateaus

__all__ = [
    "Alternative",
    "AlternativeCriteria",
    "Place",
    "alternative_table",
    "alternatives_between",
    "arc_gateways",
    "find_alternatives",
    "gateway_points",
    "search_plateaus",
    "stretches",
]

__getattr__, __dir__ = offer(__name__)
