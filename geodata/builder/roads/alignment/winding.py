"""Speeds of roads by class and surface, reduced where terrain makes the road wind."""

from __future__ import annotations

from geodata.sources.area_file import Roads

# Share of the level speed lost by a share of winding, and the least that is left: assumption.
SLOWED = 0.6
SLOWEST = 0.5


def speed(rules: Roads, road_class: str, surface: str, winding: float) -> float:
    """Speed in km/h by class, surface and the length that the terrain adds.

    Parameters
    ----------
    winding
        Share of the length that the terrain adds.
    """
    return rules.speed(road_class, surface) * max(1.0 - SLOWED * winding, SLOWEST)
