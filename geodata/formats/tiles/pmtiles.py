"""Tiles in one file: PMTiles 3, which web servers and object stores serve as it is."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from geodata.area.antimeridian import longitude, widen_box
from geodata.errors import DataError
from geodata.formats.tiles.pyramid import Tileset, Zooms

_E7 = 10_000_000


def write_archive(
    tileset: Tileset,
    target: Path,
    *,
    zooms: Zooms,
    metadata: Mapping[str, Any],
    progress: Callable[[str], None] = lambda step: None,
) -> int:
    """Write all tiles that hold anything; the same tiles give the same bytes.

    Parameters
    ----------
    target
        The ``.pmtiles`` to write.
    metadata
        Names, attribution and ``vector_layers``, as in TileJSON.
    progress
        Told when a zoom begins.

    Returns
    -------
    int
        Tiles written.

    Raises
    ------
    DataError
        When there is nothing to be seen at these zooms.
    """
    encoded: dict[int, bytes] = {}
    z = -1
    for tile, content in tileset.tiles(zooms):
        if tile.z != z:
            z = tile.z
            progress(f"tiles of zoom {z}")
        encoded[zxy_to_tileid(tile.z, tile.x, tile.y)] = gzip.compress(content, 9, mtime=0)
    if not encoded:
        remedy = "Nothing is drawn at these zooms: choose others."
        raise DataError("zoom", f"{zooms.least} to {zooms.most}", remedy)
    with target.open("wb") as file:
        writer = Writer(file)
        # Ascending, so that tiles lie in the file as they lie beside each other on the map.
        for number in sorted(encoded):
            writer.write_tile(number, encoded[number])
        writer.finalize(_header(tileset, zooms), dict(metadata))
    return len(encoded)


def _header(tileset: Tileset, zooms: Zooms) -> dict[str, Any]:
    west, south, east, north = widen_box(tileset.box)
    return {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "min_lon_e7": round(west * _E7),
        "min_lat_e7": round(south * _E7),
        "max_lon_e7": round(east * _E7),
        "max_lat_e7": round(north * _E7),
        "center_zoom": min(zooms.least + 2, zooms.most),
        "center_lon_e7": round(longitude(tileset.box.middle) * _E7),
        "center_lat_e7": round((south + north) / 2 * _E7),
    }
