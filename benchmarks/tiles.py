"""A vector tile of 1,000 lines beside mapbox-vector-tile.

Run it with ``python -m benchmarks.tiles``. Both give one layer of one tile with a buffer, from
the same road links; what they give is decoded and compared first. Two tasks are timed:

- *a tile asked for*, which is what a map waits for at all tiles of a zoom but the first. Vereda
  picks the features, cuts, and encodes, from shapes on the grid of the zoom and dictionaries that
  it keeps. mapbox-vector-tile is given what it can be given beforehand: shapely geometries in
  units of this tile, simplified, and a dictionary of properties for each. Timed are
  `shapely.clip_by_rect` for all of them at once, and its `encode`, which rounds and encodes.
- *from the features*, nothing kept. Both begin with the same array of shapely geometries in
  degrees and the same table. Timed is all that it takes: projecting and simplifying, for
  mapbox-vector-tile by `shapely.transform` and `shapely.simplify` by as many units for all at
  once; properties without what is missing; cutting, rounding, encoding.

The last row is beyond these tasks: all the work of Vereda against what mapbox-vector-tile still
has to do when everything was made ready for it.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import pandas as pd
import shapely

from benchmarks.timing import Floor, Time, heading, race, show
from geodata.formats.tiles.attributes import tags_of
from geodata.formats.tiles.encode import BUFFER, Tile, encode_layer
from geodata.formats.tiles.generalise import TOLERANCE, lay_out, level_of
from geodata.formats.tiles.web_mercator import EXTENT, tile_range, world
from geodata.network.network import Network
from geodata.network.store import load_network
from geodata.publication.layers.network_layers import network_layers

LINES_IN_TILE = 1000
ZOOM = 7
FLOOR = Floor(least=15)
SERVED, UNTILED = "a tile asked for", "from the features"
EDGE = (-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)

Encoder = Callable[[], bytes]


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", type=Path, default=Path("network"))
    options = parser.parse_args()
    tile, frame = crowded(roads(load_network(options.network)))
    geometries = np.asarray(frame.geometry.array, object)
    table = pd.DataFrame(frame.drop(columns="geometry"))
    calls: dict[str, Encoder] = {
        f"ours, {SERVED}": ours(tile, geometries, table),
        f"peer, {SERVED}": peer(tile, geometries, table),
        f"ours, {UNTILED}": lambda: ours(tile, geometries, table)(),
        f"peer, {UNTILED}": lambda: peer(tile, geometries, table)(),
    }
    for task in (SERVED, UNTILED):
        compare(calls[f"ours, {task}"](), calls[f"peer, {task}"]())
    print(f"Tile {tile.z}/{tile.x}/{tile.y} of {len(frame):,} lines.")
    heading()
    times = race(calls, repeats=15)
    for task in (SERVED, UNTILED):
        own, other = times[f"ours, {task}"], times[f"peer, {task}"]
        show(task, f"vereda, {rate(frame, own)}", own)
        show(task, f"m.-v.-tile, {rate(frame, other)}", other, other / own, FLOOR)
    own, other = times[f"ours, {UNTILED}"], times[f"peer, {SERVED}"]
    show("all the work against a tile", "m.-v.-tile", other, other / own)


def rate(frame: gpd.GeoDataFrame, time: Time) -> str:
    """How many features were encoded in a second."""
    return f"{len(frame) / time.least:,.0f} features/s"


def roads(network: Network) -> gpd.GeoDataFrame:
    """All road links, as they are served."""
    return next(layer.frame for layer in network_layers(network) if layer.name == "roads")


def crowded(frame: gpd.GeoDataFrame) -> tuple[Tile, gpd.GeoDataFrame]:
    """The tile with most links, and 1,000 of its links."""
    west, south, east, north = frame.total_bounds
    left, right, top, bottom = tile_range((west, south, east, north), ZOOM)
    level = level_of(lay_out(np.asarray(frame.geometry.array, object)), ZOOM)
    tiles = [Tile(ZOOM, x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)]
    within = {tile: level.meeting(tile.box, np.arange(len(frame))) for tile in tiles}
    fullest = max(tiles, key=lambda tile: len(within[tile]))
    return fullest, frame.iloc[within[fullest][:LINES_IN_TILE]]


def ours(tile: Tile, geometries: Any, table: pd.DataFrame) -> Encoder:
    """Make shapes and dictionaries ready; what is given back encodes one tile of them."""
    level, tags, rows = level_of(lay_out(geometries), tile.z), tags_of(table), np.arange(len(table))
    return lambda: encode_layer("roads", level, tags, tile, level.meeting(tile.box, rows))


def peer(tile: Tile, geometries: Any, table: pd.DataFrame) -> Encoder:
    """The same by mapbox-vector-tile, with y to the south as in a tile."""
    side = EXTENT * 2**tile.z
    local = shapely.transform(geometries, lambda lonlat: world(lonlat) * side - tile.origin)
    # As Vereda's, which keeps the topology of no line but its ends.
    plain = shapely.simplify(local, TOLERANCE, preserve_topology=False)
    known = properties(table)
    options = {"y_coord_down": True, "extents": EXTENT}

    def encode() -> bytes:
        features = [
            {"geometry": shape, "properties": members}
            for shape, members in zip(shapely.clip_by_rect(plain, *EDGE), known, strict=True)
            if not shape.is_empty
        ]
        layer = {"name": "roads", "features": features}
        encoded: bytes = mapbox_vector_tile.encode([layer], default_options=options)
        return encoded

    return encode


def properties(table: pd.DataFrame) -> list[dict[str, Any]]:
    """A dictionary for each row, without what is missing, a column at a time."""
    names = [str(name) for name in table.columns]
    columns = [table[name].tolist() for name in names]
    missing = table.isna().to_numpy()
    rows = (dict(zip(names, cells, strict=True)) for cells in zip(*columns, strict=True))
    return [
        {name: members[name] for name, lost in zip(names, gone, strict=True) if not lost}
        if gone.any()
        else members
        for members, gone in zip(rows, missing, strict=True)
    ]


def compare(ours: bytes, theirs: bytes) -> None:
    """Both tiles hold the same features, their lines equally long but for rounding."""
    layers = [
        {
            each["properties"]["id"]: each
            for each in mapbox_vector_tile.decode(data)["roads"]["features"]
        }
        for data in (ours, theirs)
    ]
    long = [
        {key: shapely.geometry.shape(each["geometry"]).length for key, each in one.items()}
        for one in layers
    ]
    both = set(layers[0]) & set(layers[1])
    lost = sum(long[1][key] > 2 for key in set(layers[1]) - both)
    apart = max(abs(long[0][key] - long[1][key]) for key in both)
    if lost or set(layers[0]) - both or apart > 4:
        raise SystemExit(f"The tiles differ: {lost} lines lost, lengths {apart:.1f} units apart.")
    for key in both:
        if not alike(*(one[key]["properties"] for one in layers)):
            raise SystemExit(f"The tiles differ in the properties of {key}.")


def alike(own: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether properties are the same but for digits that a single float does not have."""
    return set(own) == set(other) and all(
        math.isclose(value, other[key], rel_tol=1e-6)
        if isinstance(value, float)
        else value == other[key]
        for key, value in own.items()
    )


if __name__ == "__main__":
    main()
