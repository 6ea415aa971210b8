"""Vector tiles and the archive that holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.formats.tiles.attributes import tags_of
    from geodata.formats.tiles.encode import BUFFER, Tile, encode_layer
    from geodata.formats.tiles.generalise import TOLERANCE, lay_out, level_of
    from geodata.formats.tiles.pmtiles import write_archive
    from geodata.formats.tiles.pyramid import Pyramid, Tileset, Zooms
    from geodata.formats.tiles.web_mercator import (
        DEEPEST,
        EXTENT,
        degrees,
        tile_range,
        tiles_over,
        world,
    )

__all__ = [
    "BUFFER",
    "DEEPEST",
    "EXTENT",
    "TOLERANCE",
    "Pyramid",
    "Tile",
    "Tileset",
    "Zooms",
    "degrees",
    "encode_layer",
    "lay_out",
    "level_of",
    "tags_of",
    "tile_range",
    "tiles_over",
    "world",
    "write_archive",
]

__getattr__, __dir__ = offer(__name__)
