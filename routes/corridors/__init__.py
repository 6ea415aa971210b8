"""Families of near-optimal paths, and how flow is shared among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from routes.corridors.band_lookup import BandLookup
    from routes.corridors.errands import Errand, errands_of
    from routes.corridors.gateways import link_gateways, read_sequences
    from routes.corridors.loading import (
        SPREAD_SHARE,
        Corridor,
        Flow,
        LoadedDemand,
        hours_sought,
        load_demand,
        search_record,
        sequence_shares,
    )
    from routes.corridors.premium import (
        REACH,
        STEEPNESS,
        Holdings,
        Nearness,
        find_nearness,
        premium_of,
    )

__all__ = [
    "REACH",
    "SPREAD_SHARE",
    "STEEPNESS",
    "BandLookup",
    "Corridor",
    "Errand",
    "Flow",
    "Holdings",
    "LoadedDemand",
    "Nearness",
    "errands_of",
    "find_nearness",
    "hours_sought",
    "link_gateways",
    "load_demand",
    "premium_of",
    "read_sequences",
    "search_record",
    "sequence_shares",
]

__getattr__, __dir__ = offer(__name__)
