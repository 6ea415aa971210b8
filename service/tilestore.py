"""Vector tiles, encoded when first asked for, the last ones kept."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from geodata.mvt import Tile
from geodata.pyramid import Tileset

MOST_BYTES = 64 << 20
"""Encoded tiles that each process keeps in memory."""


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
        self._most, self.size = most, 0
        self._kept: OrderedDict[tuple[str, Tile], Kept] = OrderedDict()
        self._keeping = threading.Lock()

    def tile(self, name: str, tile: Tile) -> Kept:
        """A tile of a set, compressed; of no bytes where there is nothing."""
        key = (name, tile)
        with self._keeping:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
                return kept
        data = self.sets[name].tile(tile)
        digest = hashlib.sha256(data).hexdigest()[:24]
        kept = Kept(gzip.compress(data, 6, mtime=0) if data else b"", digest)
        with self._keeping:
            if key not in self._kept:
                self._kept[key] = kept
                self.size += len(kept.zipped)
            while self.size > self._most and len(self._kept) > 1:
                self.size -= len(self._kept.popitem(last=False)[1].zipped)
        return kept
