"""Families of near-optimal paths: sequences of gateways, in order of their least cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from routes.corridors.families.families import (
        Families,
        Family,
        SearchLimits,
        Stage,
        find_families,
    )
    from routes.corridors.families.family_search import GatewayArcs

__all__ = [
    "Families",
    "Family",
    "GatewayArcs",
    "SearchLimits",
    "Stage",
    "find_families",
]

__getattr__, __dir__ = offer(__name__)
