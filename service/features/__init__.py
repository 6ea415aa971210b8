"""OGC API - Features: collections, filters, files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from service.features.bulk_views import enclosures
    from service.features.collections import Collection, collections_of, prepare_collections
    from service.features.coordinate_systems import CRS84, own_system
    from service.features.result_views import FILES, LAYERS, kinds, listing, name_parameter, part

__all__ = [
    "CRS84",
    "FILES",
    "LAYERS",
    "Collection",
    "collections_of",
    "enclosures",
    "kinds",
    "listing",
    "name_parameter",
    "own_system",
    "part",
    "prepare_collections",
]

__getattr__, __dir__ = offer(__name__)
