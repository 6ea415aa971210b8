"""Corridors: families of near-optimal paths, the flow shared among them, and nearness."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from routes.corridors.band_lookup import BandLookup
    from routes.corridors.choice.family_choice import FamilyChoice
    from routes.corridors.corridor import (
        Corridor,
        CorridorKey,
        corridor_shares,
        gateway_shares,
        read_keys,
    )
    from routes.corridors.errands import Errand, errands_of, load_errands
    from routes.corridors.gateways import link_gateways
    from routes.corridors.loading import (
        SPREAD_SHARE,
        Flow,
        LinkUsage,
        LoadedDemand,
        load_demand,
        search_record,
    )
    from routes.corridors.premium import (
        REACH,
        STEEPNESS,
        Holdings,
        Near,
        Nearness,
        find_nearness,
    )

__all__ = [
    "REACH",
    "SPREAD_SHARE",
    "STEEPNESS",
    "BandLookup",
    "Corridor",
    "CorridorKey",
    "Errand",
    "FamilyChoice",
    "Flow",
    "Holdings",
    "LinkUsage",
    "LoadedDemand",
    "Near",
    "Nearness",
    "corridor_shares",
    "errands_of",
    "find_nearness",
    "gateway_shares",
    "link_gateways",
    "load_demand",
    "load_errands",
    "read_keys",
    "search_record",
]

__getattr__, __dir__ = offer(__name__)
