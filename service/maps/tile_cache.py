"""Vector tiles, encoded at their first request; recently used ones are kept."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from cachetools import LRUCache
from flask import Flask, current_app

from geodata.cartography.basemap import basemap_of
from geodata.formats.tiles.encode import Tile
from geodata.formats.tiles.pyramid import Tileset
from geodata.formats.tiles.web_mercator import tiles_over
from geodata.publication.tilesets import make_tilesets
from service.features.collections import collections_of
from service.state import State, make_once, state_of
from service.web.deadline import check

MOST_BYTES = 64 << 20
"""Encoded tiles that each process keeps in memory."""
_MORE_BYTES = 512
"""Bytes to keep a tile besides its content; most tiles are empty."""
_WARM_ZOOM = 6
"""Tiles of this zoom bring all data for other tiles into memory."""


@dataclass(frozen=True)
class Kept:
    """An encoded tile, compressed, and its entity tag."""

    zipped: bytes
    etag: str


class TileStore:
    """Tiles of one service, recently used ones kept; safe to share between threads.

    Parameters
    ----------
    sets
        By name.
    most
        Bytes that are kept; the tile unused for longest is dropped first.
    """

    def __init__(self, sets: Mapping[str, Tileset], *, most: int = MOST_BYTES) -> None:
        self.sets = sets
        self._kept: LRUCache[tuple[str, Tile], Kept] = LRUCache(
            most, getsizeof=lambda kept: len(kept.zipped) + _MORE_BYTES
        )
        self._keeping = threading.Lock()

    @property
    def size(self) -> float:
        """Bytes that are kept."""
        return self._kept.currsize

    def tile(self, name: str, tile: Tile) -> Kept:
        """A tile of a set, compressed; of no bytes where there is nothing."""
        key = (name, tile)
        with self._keeping:
            kept = self._kept.get(key)
            if kept is not None:
                return kept
        encoded = self.sets[name].tile(tile, check=check)
        digest = hashlib.sha256(encoded).hexdigest()[:24]
        kept = Kept(gzip.compress(encoded, 6, mtime=0) if encoded else b"", digest)
        with self._keeping:
            self._kept[key] = kept
        return kept


def tiles_of(app: Flask = current_app) -> TileStore:
    """Vector tiles of all that an application serves."""
    return make_once(app, "tiles", lambda state: _tiles(app, state))


def _tiles(app: Flask, state: State) -> TileStore:
    layers = [each.layer for each in collections_of(app).values()]
    return TileStore(make_tilesets(state.network, layers, basemap_of(state.network)))


def prepare_tiles(app: Flask) -> None:
    """Load all data that tiles need, so that forked processes share them."""
    x, y = next(tiles_over(state_of(app).network.area.box, _WARM_ZOOM))
    for name in tiles_of(app).sets:
        tiles_of(app).tile(name, Tile(_WARM_ZOOM, x, y))
