"""Downloads: complete files from the hosts that publish them, checked, with licence and holder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.sources.download.cache import default_cache
    from geodata.sources.download.fetch import Fetched, Options
    from geodata.sources.download.hosts.patience import Patience
    from geodata.sources.download.orders.orders import (
        extent_by_layers,
        extent_of,
        needs_layers,
        orders_of,
    )
    from geodata.sources.download.providers.providers import PROVIDERS
    from geodata.sources.download.streets import fetch_streets

__all__ = [
    "PROVIDERS",
    "Fetched",
    "Options",
    "Patience",
    "default_cache",
    "extent_by_layers",
    "extent_of",
    "fetch_streets",
    "needs_layers",
    "orders_of",
]

__getattr__, __dir__ = offer(__name__)
