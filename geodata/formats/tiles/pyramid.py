"""A layer as tiles of every zoom: shapes by zoom made when first asked for, and then kept."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.area.box import Box
from geodata.area.crs import bounds, wgs84
from geodata.arrays import Float64Array, Int64Array
from geodata.formats.tiles.attributes import Tags, tags_of
from geodata.formats.tiles.encode import Tile, encode_layer
from geodata.formats.tiles.generalise import POINTS, TOLERANCE, Level, lay_out, level_of
from geodata.formats.tiles.web_mercator import DEEPEST, EXTENT, tile_range, tiles_over

_SMALL = 0.25
"""Share of a tile's side below which a layer is too small on the map to be looked at."""
_POINT_ZOOM = 10
"""Deepest zoom of points: deeper ones show the same points further apart."""


@dataclass(frozen=True, kw_only=True)
class Zooms:
    """The least and the deepest zoom at which something is drawn."""

    least: int
    most: int

    def __contains__(self, z: int) -> bool:
        return self.least <= z <= self.most

    def together(self, other: Zooms) -> Zooms:
        """All zooms of either, and those between."""
        return Zooms(least=min(self.least, other.least), most=max(self.most, other.most))


class Pyramid:
    """Tiles of one layer; safe to share between threads.

    Parameters
    ----------
    name
        Of the layer in its tiles.
    frame
        Features of one kind of geometry with scalar columns.
    since
        Zoom from which each feature is drawn; all of them always when left out.
    rank
        Features are written in ascending order of this, so that the last lie on top; in the
        order of the frame when left out.

    Raises
    ------
    DataError
        When the geometries are of several kinds, or a cell is not a scalar.
    """

    def __init__(
        self,
        name: str,
        frame: gpd.GeoDataFrame,
        *,
        since: Int64Array | None = None,
        rank: Float64Array | None = None,
    ) -> None:
        placed = wgs84(frame)
        self.name, self.box = name, bounds(placed)
        self._shapes = lay_out(np.asarray(placed.geometry.array, dtype=object))
        self._table = pd.DataFrame(placed.drop(columns=placed.geometry.name))
        self._since = np.zeros(len(frame), np.int64) if since is None else since
        self._order = np.argsort(np.zeros(len(frame)) if rank is None else rank, kind="stable")
        self.zooms = self._measured()
        self._levels: dict[int, Level] = {}
        self._drawn: dict[int, Int64Array] = {}
        self._tags: Tags | None = None
        self._making = threading.Lock()

    def __len__(self) -> int:
        return len(self._table)

    @property
    def tags(self) -> Tags:
        """Keys and values of all features."""
        with self._making:
            if self._tags is None:
                self._tags = tags_of(self._table)
            return self._tags

    def level(self, z: int) -> Level:
        """The shapes on the grid of a zoom; not simplified at the deepest, which is enlarged."""
        with self._making:
            if z not in self._levels:
                tolerance = TOLERANCE if z < self.zooms.most else 1.0
                self._levels[z] = level_of(self._shapes, z, tolerance=tolerance)
                self._drawn[z] = self._order[self._since[self._order] <= z]
            return self._levels[z]

    def tile(self, tile: Tile) -> bytes:
        """The part of a tile that this layer is, empty where it has nothing."""
        level = self.level(tile.z)
        rows = level.meeting(tile.box, self._drawn[tile.z])
        if not len(rows):
            return b""
        return encode_layer(self.name, level, self.tags, tile, rows)

    def _measured(self) -> Zooms:
        """Zooms from where the layer is larger than a dot to where its detail is exhausted."""
        if self.box is None:
            return Zooms(least=0, most=0)
        west, south, east, north = self.box
        wide = max(east - west, north - south, 1e-6) / 360
        least = min(max(math.ceil(math.log2(_SMALL / wide)), 0), _POINT_ZOOM)
        if self._shapes.kind == POINTS:
            return Zooms(least=least, most=_POINT_ZOOM)
        # Detail ends where half of the pieces between vertices are longer than 1/16 of a tile.
        most = math.ceil(math.log2(1 / 16 / self._piece()))
        return Zooms(least=least, most=min(max(most, _POINT_ZOOM, least), DEEPEST))

    def _piece(self) -> float:
        """Median length between neighbouring vertices, as a share of the world's width."""
        xy, parts, _, _ = self._shapes.outline
        within = np.ones(len(xy), np.bool_)
        within[parts[:-1]] = False
        steps = np.hypot(*np.diff(xy, axis=0).T)[within[1:]]
        steps = steps[steps > 0]
        return float(np.median(steps)) if len(steps) else 1 / EXTENT


class Tileset:
    """Layers that are drawn from the same tiles.

    Parameters
    ----------
    name, title
        Of the set.
    layers
        In the order in which tiles hold them.
    """

    def __init__(self, name: str, title: str, layers: list[Pyramid]) -> None:
        self.name, self.title = name, title
        self.layers = [layer for layer in layers if layer.box is not None]
        corners = np.array([layer.box for layer in self.layers]).reshape(-1, 4)
        west, south = corners[:, :2].min(axis=0).tolist()
        east, north = corners[:, 2:].max(axis=0).tolist()
        self.box = Box(west, south, east, north)
        self.zooms = self.layers[0].zooms
        for layer in self.layers:
            self.zooms = self.zooms.together(layer.zooms)

    def tile(self, tile: Tile, *, check: Callable[[], None] = lambda: None) -> bytes:
        """All layers of a tile, empty where there is nothing.

        Parameters
        ----------
        check
            Called before each layer; an exception that it raises ends the work.
        """
        left, right, top, bottom = tile_range(self.box, tile.z)
        # East of the antimeridian x begins again at zero. One tile more on each side, since its
        # buffer may hold part of a stroke; one on both sides is taken where there are features.
        x = left + (tile.x - left) % 2**tile.z
        sides = [at for at in (x, x - 2**tile.z) if left - 1 <= at <= right + 1]
        if not top - 1 <= tile.y <= bottom + 1:
            return b""
        return next(filter(None, (self._encoded(replace(tile, x=at), check) for at in sides)), b"")

    def _encoded(self, tile: Tile, check: Callable[[], None]) -> bytes:
        """All layers of a tile, whose x goes on as the longitudes of the box do."""
        parts = []
        for layer in self.layers:
            check()
            parts.append(layer.tile(tile))
        return b"".join(parts)

    def tiles(self, zooms: Zooms) -> Iterator[tuple[Tile, bytes]]:
        """Tiles of some zooms that hold anything, the least zoom first."""
        for z in range(zooms.least, zooms.most + 1):
            for x, y in tiles_over(self.box, z):
                tile = Tile(z, x, y)
                encoded = self.tile(tile)
                if encoded:
                    yield tile, encoded
