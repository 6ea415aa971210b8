"""Sets of tiles: each collection, those of a network or result together, and the basemap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.area.antimeridian import longitude
from geodata.area.crs import turn_to_area, wgs84
from geodata.arrays import Float64Array, Int64Array
from geodata.cartography.basemap import Basemap, borders, fit_units, project_basemap
from geodata.formats.tiles.pyramid import Pyramid, Tileset
from geodata.formats.tiles.web_mercator import degrees, world
from geodata.network.network import Network
from geodata.publication.layers.layer import PublishedLayer
from geodata.sources.layers.schema import EVIDENCE

TOGETHER = {
    "basemap": "Land, lakes, borders, and units with their scores fitted to the land",
    "network": "All layers of the network",
    "result": "All layers of the result",
}
"""Sets of several layers, and what is in them."""
WHOLES = ("links", "nodes", "lakes", "countries")
"""Collections that repeat others or the basemap: they have tiles of their own only."""
SINCE: Mapping[str, Mapping[str, int]] = {
    "class": {"secondary": 6, "tertiary": 7, "local": 8},
    "mode": {"transfer": 8},
    "kind": {"informal": 5, "landing": 6, "junction": 9},
}
"""Zoom from which features of a network are drawn, by column and value; others always are."""
USED_SINCE = ((0.05, 0), (0.01, 6), (0.002, 7))
"""Least usage of a segment, and the zoom from which it is drawn; the others from `UNUSED`."""
UNUSED = 8
SPREAD = ("places", "airstrips", "corridor-places", "near-gateways")
"""Points of which, at low zooms, only those are drawn that stand apart."""
GRAIN_PX = 24.0
"""Pixels between them: of points that are closer, the larger is drawn first."""
RESULT_COLUMNS = ("usage", "exposure", "nearness")
UNIT_COLUMNS = ("id", "name", "country", "remoteness", "weakness")

_CLASS_ORDER = ("local", "crossing", "tertiary", "secondary", "primary")


def collection_pyramid(here: PublishedLayer) -> Pyramid:
    """A collection as tiles, thinned at low zooms, the most important on top."""
    frame = here.frame
    return Pyramid(here.name, frame, since=_since(here.kind, frame), rank=_rank(frame))


def basemap_pyramids(
    network: Network, basemap: Basemap, exposure: gpd.GeoDataFrame | None
) -> list[Pyramid]:
    """Land, units, lakes and borders: the basemap of the printed map, for the web.

    Parameters
    ----------
    exposure
        Units of a result with ``id``, ``usage``, ``exposure`` and ``nearness``, when there is one.
    """
    projected = project_basemap(basemap, network.area)
    crs = network.area.crs
    coast, inland = borders(projected)
    land = gpd.GeoDataFrame(
        {"id": list(projected.countries)}, geometry=list(projected.countries.values()), crs=crs
    )
    water = gpd.GeoDataFrame({"id": ["lakes"]}, geometry=[projected.lakes], crs=crs)
    limits = gpd.GeoDataFrame({"id": ["borders"]}, geometry=[inland], crs=crs)
    shore = gpd.GeoDataFrame({"id": ["coast"]}, geometry=[coast], crs=crs)
    units = network.admin.to_crs(crs)
    wide, exact = fit_units(projected, units)
    about = _about(network.admin, exposure)
    both = pd.concat([about.assign(fit="wide"), about.assign(fit="exact")], ignore_index=True)
    scores = gpd.GeoDataFrame(both, geometry=[*wide, *exact], crs=crs)
    layers = {"land": land, "units": scores, "lakes": water, "coast": shore, "borders": limits}
    return [
        Pyramid(name, turn_to_area(wgs84(frame), network.area)) for name, frame in layers.items()
    ]


def _about(admin: gpd.GeoDataFrame, exposure: gpd.GeoDataFrame | None) -> pd.DataFrame:
    about = pd.DataFrame(admin[list(UNIT_COLUMNS)])
    if exposure is None:
        return about
    return about.merge(pd.DataFrame(exposure[["id", *RESULT_COLUMNS]]), on="id", how="left")


def make_tilesets(
    network: Network, layers: Iterable[PublishedLayer], basemap: Basemap
) -> dict[str, Tileset]:
    """All sets of tiles: the basemap, the network, each result, and each collection."""
    single = {here.name: (here, collection_pyramid(here)) for here in layers}
    exposure = single.get("corridor-admin")
    scored = exposure[0].frame if exposure else None
    groups = {"basemap": basemap_pyramids(network, basemap, scored)}
    for here, pyramid in single.values():
        if here.name not in WHOLES:
            groups.setdefault(here.group, []).append(pyramid)
    sets = {name: Tileset(name, _title(name), group) for name, group in groups.items()}
    for name, (here, pyramid) in single.items():
        if pyramid.box is not None:
            sets[name] = Tileset(name, here.title, [pyramid])
    return sets


def _title(group: str) -> str:
    """What is in a set of several layers."""
    of, _, kind = group.rpartition(".")
    return TOGETHER[kind] + (f" ({of})" if of else "")


def whole_tileset(sets: Mapping[str, Tileset]) -> Tileset:
    """Basemap, network and results in one set, for a single file."""
    groups = [name for kind in TOGETHER for name in sets if name.rpartition(".")[2] == kind]
    layers = [layer for name in groups for layer in sets[name].layers]
    return Tileset("vereda", "Vereda", layers)


def vector_layers(tileset: Tileset) -> list[dict[str, object]]:
    """What the layers of a set hold, as TileJSON and PMTiles say it."""
    return [
        {
            "id": layer.name,
            "fields": layer.tags.fields,
            "minzoom": tileset.zooms.least,
            "maxzoom": tileset.zooms.most,
        }
        for layer in tileset.layers
    ]


def _since(kind: str, frame: gpd.GeoDataFrame) -> Int64Array:
    """Zoom from which each feature is drawn."""
    since = np.zeros(len(frame), np.int64)
    if kind in EVIDENCE:
        # Its kinds are not those of the network: a landing is an event here.
        return since
    for column, zooms in SINCE.items():
        if column in frame.columns and "usage" not in frame.columns:
            zoom = frame[column].astype(str).map(zooms).fillna(0).to_numpy(np.int64)
            since = np.maximum(since, zoom)
    if kind == "segments":
        at_least = [frame["usage"].to_numpy(np.float64) >= least for least, _ in USED_SINCE]
        return np.asarray(np.select(at_least, [z for _, z in USED_SINCE], UNUSED))
    if kind in SPREAD:
        return np.maximum(since, _spread(frame))
    return since


def _spread(frame: gpd.GeoDataFrame) -> Int64Array:
    """Zoom from which each place stands apart from all that are more important."""
    order = _importance(frame)
    spots = world(np.column_stack([frame.geometry.x, frame.geometry.y]))
    since = np.zeros(len(frame), np.int64)
    for z in range(10, -1, -1):
        side = GRAIN_PX / 512 / 2**z
        cells = pd.DataFrame(np.floor(spots[order] / side))
        since[order[cells.duplicated().to_numpy()]] = np.maximum(
            since[order[cells.duplicated().to_numpy()]], z + 1
        )
    return np.minimum(since, 10)


def _importance(frame: gpd.GeoDataFrame) -> Int64Array:
    """Rows of places, the nearest or largest first; where neither is told, the least remote."""
    if "nearness" in frame.columns:
        return np.argsort(-frame["nearness"].to_numpy(np.float64), kind="stable")
    if "population" in frame.columns:
        return np.argsort(-frame["population"].fillna(0).to_numpy(np.float64), kind="stable")
    return np.argsort(frame["remoteness"].fillna(1).to_numpy(np.float64), kind="stable")


def _rank(frame: gpd.GeoDataFrame) -> Float64Array | None:
    """What lies on top: the most used, or the higher class of road."""
    if "usage" in frame.columns:
        return np.asarray(frame["usage"].fillna(0), np.float64)
    if "class" in frame.columns:
        order = {name: float(place) for place, name in enumerate(_CLASS_ORDER)}
        return np.asarray(frame["class"].astype(str).map(order).fillna(-1.0), np.float64)
    return None


def opening_view(tileset: Tileset) -> tuple[float, float, int]:
    """Longitude, latitude and zoom at which a map of the set may open."""
    west, south, east, north = tileset.box
    corners = world(np.array([[west, north], [east, south]]))
    x, y = degrees(*corners.mean(axis=0).tolist())
    return round(longitude(x), 4), round(y, 4), min(tileset.zooms.least + 2, tileset.zooms.most)
