"""A vector tile of 1,000 lines beside mapbox-vector-tile.

Run it with ``python -m benchmarks.tiles``. All contestants get the same road links, in Web
Mercator and with the same properties, and give one layer of one tile with a buffer; what they
give is decoded and compared first. Cutting to the tile and rounding are timed for all:

- *a tile asked for*: ours as the service encodes it, from shapes that were brought to the grid of
  the zoom when it was first asked for; mapbox-vector-tile from shapely geometries and
  dictionaries that are ready, cut by `shapely.clip_by_rect`;
- *from the features*: ours with everything that is done once a zoom (simplifying, rounding,
  dictionaries of keys and values), the other as before.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import pandas as pd
import shapely

from benchmarks.timing import Floor, heading, race, show
from geodata.levels import LINES, level_of, unit_square
from geodata.mercator import EXTENT, tile_range
from geodata.mvt import BUFFER, Tile, encode_layer
from geodata.network import Network
from geodata.tags import tags_of
from service.layers import network_layers

LINES_IN_TILE = 1000
ZOOM = 7
SERVED_FLOOR, WHOLE_FLOOR = Floor(least=15), Floor(least=1)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", type=Path, default=Path("network"))
    options = parser.parse_args()
    tile, frame = crowded(roads(Network.load(options.network)))
    shapes = unit_square(np.asarray(frame.geometry.array, object))
    table = pd.DataFrame(frame.drop(columns="geometry"))
    calls = {
        "served": served(tile, shapes, table),
        "whole": whole(tile, shapes, table),
        "peer": peer(tile, shapes, table),
    }
    compare(calls["served"](), calls["peer"]())
    heading()
    times = race(calls, repeats=15)
    task = f"tile of {len(frame):,} lines"
    for name, who in (("served", "a tile asked for"), ("whole", "from the features")):
        rate = f"{len(frame) / times[name].least:,.0f} features a second"
        show(task, f"vereda, {who}", times[name])
        print(f"{'':<32}{rate}")
    rate = f"{len(frame) / times['peer'].least:,.0f} features a second"
    show(task, "mapbox-vector-tile", times["peer"], times["peer"] / times["served"], SERVED_FLOOR)
    print(f"{'':<32}{rate}")
    ratio = times["peer"] / times["whole"]
    show(task, "the same, to ours from features", times["peer"], ratio, WHOLE_FLOOR)


def roads(network: Network) -> gpd.GeoDataFrame:
    """All road links, as they are served."""
    return next(layer.frame for layer in network_layers(network) if layer.name == "roads")


def crowded(frame: gpd.GeoDataFrame) -> tuple[Tile, gpd.GeoDataFrame]:
    """The tile with most links, and 1,000 of its links."""
    west, south, east, north = frame.total_bounds
    left, right, top, bottom = tile_range((west, south, east, north), ZOOM)
    shapes = unit_square(np.asarray(frame.geometry.array, object))
    level = level_of(shapes, LINES, ZOOM)
    tiles = [Tile(ZOOM, x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)]
    fullest = max(tiles, key=lambda tile: int(level.meeting(tile.box).sum()))
    return fullest, frame[level.meeting(fullest.box)].head(LINES_IN_TILE)


def served(tile: Tile, shapes: Any, table: pd.DataFrame) -> Callable[[], bytes]:
    """One tile from a level and tags that are kept."""
    level, tags = level_of(shapes, LINES, tile.z), tags_of(table)

    def encode() -> bytes:
        rows = np.flatnonzero(level.meeting(tile.box))
        return encode_layer("roads", level, tags, tile, rows)

    return encode


def whole(tile: Tile, shapes: Any, table: pd.DataFrame) -> Callable[[], bytes]:
    """The same with the level and the tags made each time."""
    return lambda: served(tile, shapes, table)()


def peer(tile: Tile, shapes: Any, table: pd.DataFrame) -> Callable[[], bytes]:
    """The same by mapbox-vector-tile, with y to the south as in a tile."""
    side = EXTENT * 2**tile.z
    local = shapely.transform(shapes, lambda xy: xy * side - tile.origin)
    known = [
        {key: value for key, value in row.items() if not pd.isna(value)}
        for row in table.astype(object).to_dict("records")
    ]
    edge = (-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
    options = {"y_coord_down": True, "extents": EXTENT}

    def encode() -> bytes:
        cut = shapely.clip_by_rect(local, *edge)
        features = [
            {"geometry": shape, "properties": properties}
            for shape, properties in zip(cut, known, strict=True)
            if not shape.is_empty
        ]
        layer = {"name": "roads", "features": features}
        data: bytes = mapbox_vector_tile.encode([layer], default_options=options)
        return data

    return encode


def compare(ours: bytes, theirs: bytes) -> None:
    """Both tiles hold the same features, their lines equally long but for rounding."""
    found = [
        {each["properties"]["id"]: shapely.geometry.shape(each["geometry"]).length for each in
         mapbox_vector_tile.decode(data)["roads"]["features"]}
        for data in (ours, theirs)
    ]  # fmt: skip
    both = set(found[0]) & set(found[1])
    lost = sum(found[1][key] > 2 for key in set(found[1]) - both)
    apart = max(abs(found[0][key] - found[1][key]) for key in both)
    if lost or set(found[0]) - both or apart > 4:
        raise SystemExit(f"The tiles differ: {lost} lines lost, lengths {apart:.1f} units apart.")


if __name__ == "__main__":
    main()
