"""How fast a road is: by its class and surface, and by how much it winds."""

from __future__ import annotations

# km/h on level ground: assumption. Drives with a published time come out within a few percent
# (median of twelve); slow buses and bad roads are slower than this.
SPEED: dict[str, dict[str, float]] = {
    "primary": {"paved": 68.0, "mixed": 50.0, "unpaved": 35.0},
    "secondary": {"paved": 58.0, "mixed": 42.0, "unpaved": 30.0},
    "tertiary": {"paved": 45.0, "mixed": 30.0, "unpaved": 20.0},
    "local": {"unpaved": 20.0},
    "crossing": {"paved": 20.0},
}


# Share of the level speed lost by a share of winding, and the least that is left: assumption.
SLOWED = 0.6
SLOWEST = 0.5


def speed(road_class: str, surface: str, winding: float) -> float:
    """Speed in km/h by class, surface and what the terrain adds to the length."""
    return SPEED[road_class][surface] * max(1.0 - SLOWED * winding, SLOWEST)
