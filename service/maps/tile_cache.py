"""Vector tiles, encoded when first asked for, the last ones kept."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from cachetools import LRUCache

from geodata.formats.tiles.encode import Tile
from geodata.formats.tiles.pyramid import Tileset
from service.web.deadline import check

MOST_BYTES = 64 << 20
"""Encoded tiles that each process keeps in memory."""
_MORE_BYTES = 512
"""What it takes to keep a tile, besides the tile: most are empty."""


@dataclass(frozen=True)
class Kept:
    """An encoded tile, compressed, and its entity tag."""

    zipped: bytes
    etag: str


class TileStore:
    """Tiles of one service, the last ones kept; safe to share between threads.

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
        data = self.sets[name].tile(tile, check=check)
        digest = hashlib.sha256(data).hexdigest()[:24]
        kept = Kept(gzip.compress(data, 6, mtime=0) if data else b"", digest)
        with self._keeping:
            self._kept[key] = kept
        return kept
