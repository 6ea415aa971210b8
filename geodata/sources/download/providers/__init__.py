"""Providers: who serves which role, and what their files are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.sources.download.providers.providers import (
        PROVIDERS,
        Extent,
        Provider,
        Query,
        Remote,
        alpha3,
        box_of,
        countries_of,
        provider_of,
        remote_of,
        static_remotes,
    )
    from geodata.sources.download.providers.tiles import halves

__all__ = [
    "PROVIDERS",
    "Extent",
    "Provider",
    "Query",
    "Remote",
    "alpha3",
    "box_of",
    "countries_of",
    "halves",
    "provider_of",
    "remote_of",
    "static_remotes",
]

__getattr__, __dir__ = offer(__name__)
