"""How much slower a road is by how much it winds, than its class and surface have it."""

from __future__ import annotations

from geodata.sources.area_file import Roads

# Share of the level speed lost by a share of winding, and the least that is left: assumption.
SLOWED = 0.6
SLOWEST = 0.5


def speed(rules: Roads, road_class: str, surface: str, winding: float) -> float:
    """Speed in km/h by class, surface and what the terrain adds to the length.

    Parameters
    ----------
    winding
        That, as a share of the length.
    """
    return rules.speed(road_class, surface) * max(1.0 - SLOWED * winding, SLOWEST)
