"""Vector tiles, MapLibre styles, QGIS projects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from service.maps.tile_cache import prepare_tiles

__all__ = ["prepare_tiles"]

__getattr__, __dir__ = offer(__name__)
