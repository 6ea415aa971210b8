"""Alignment of roads: how much they wind, and that they keep to the land of their country."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.builder.roads.alignment.own_land import OwnLand
    from geodata.builder.roads.alignment.sinuosity import (
        FITTED,
        ElevationProfile,
        Sinuosity,
        Slopes,
        fit,
    )
    from geodata.builder.roads.alignment.winding import speed

__all__ = ["FITTED", "ElevationProfile", "OwnLand", "Sinuosity", "Slopes", "fit", "speed"]

__getattr__, __dir__ = offer(__name__)
