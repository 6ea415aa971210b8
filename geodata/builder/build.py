"""Building: a bundle's layers in, a joined network out, still without scores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from geodata.area.study_area import StudyArea
from geodata.area.titles import Titles
from geodata.arrays import Float32Array, ObjectArray
from geodata.builder.gateways import find_gateways
from geodata.builder.join import (
    Joiner,
    join_airstrips,
    join_meshes,
    join_places,
    join_ports,
    join_rivers,
    join_roads,
)
from geodata.builder.rivers import river_network
from geodata.builder.roads.network import national_roads
from geodata.builder.study_grid import StudyGrid, read_ground
from geodata.network.network import LAYERS, LINK_COLUMNS, NODE_COLUMNS, Network
from geodata.sources.bundle import Bundle

Progress = Callable[[str], None]
LEAST = 1.0
"""No link is shorter than a metre or a second: a link without cost would hide from the logit."""


def build_network(
    bundle: Bundle,
    area: StudyArea,
    *,
    titles: Titles | None = None,
    progress: Progress = lambda _: None,
) -> Network:
    """Join the layers of a bundle into one directed network.

    Parameters
    ----------
    titles
        What the region is called; its countries by their codes when left out.
    progress
        Called with the name of each step as it begins.

    Returns
    -------
    Network whose `remoteness` and `weakness` are still NaN.

    Examples
    --------
    >>> from geodata import BORDERLANDS, build_network
    >>> from geodata.borderlands.region import borderlands, titles
    >>> build_network(borderlands(), BORDERLANDS, titles=titles())
    <Network borderlands: 137,190 nodes, 1,028,188 links, 299 gateways>
    """
    progress("reading layers")
    ground = read_bundle(bundle, area)
    joiner = Joiner(ground=ground)
    progress("meshing land and sea")
    join_meshes(joiner)
    progress("joining roads")
    places = all_places(bundle)
    roads = join_roads(joiner, national_roads(bundle, ground, places))
    progress("joining rivers, ports and airstrips")
    join_rivers(joiner, river_network(_frame(bundle, "rivers"), area))
    join_ports(joiner, bundle.frame("ports"), roads)
    join_airstrips(joiner, bundle.frame("airports"), roads)
    join_places(joiner, places, roads)
    progress("naming gateways")
    network = _network(joiner, bundle, places)
    return replace(network, layers=shown_layers(bundle), titles=titles or Titles())


def shown_layers(bundle: Bundle) -> dict[str, pd.DataFrame]:
    """Layers of a bundle that are shown with the network."""
    return {name: bundle.frame(name) for name in LAYERS if name in bundle.layers}


def read_bundle(bundle: Bundle, area: StudyArea) -> StudyGrid:
    """The ground of an area from a bundle's layers."""
    return read_ground(
        area,
        countries=_frame(bundle, "countries"),
        lakes=_frame(bundle, "lakes"),
        admin1=_frame(bundle, "admin1"),
        elevation=bundle.raster("elevation"),
        depth=bundle.raster("depth"),
        landcover=bundle.raster("landcover"),
    )


def _frame(bundle: Bundle, name: str) -> gpd.GeoDataFrame:
    frame = bundle.frame(name)
    assert isinstance(frame, gpd.GeoDataFrame)
    return frame


def all_places(bundle: Bundle) -> pd.DataFrame:
    """Places of the gazetteer and those added to it: name, country, admin1, population, x, y."""
    known = _frame(bundle, "places")
    known = known.assign(x=known.geometry.x, y=known.geometry.y)
    added = bundle.frame("places_extra")
    columns = ["name", "country", "population", "x", "y"]
    return pd.concat([known[columns], added[columns]], ignore_index=True).fillna({"population": 0})


def _network(joiner: Joiner, bundle: Bundle, places: pd.DataFrame) -> Network:
    """Tables, attributes and gateways of what was joined."""
    ground = joiner.ground
    nodes, links, lines = _connected(joiner)
    row, column = ground.area.cell_of(nodes["x"], nodes["y"])
    units = np.append(ground.units["iso"].to_numpy(object), "")
    nodes["admin1"] = np.where(nodes["country"] != "", units[ground.admin1[row, column]], "")
    abroad = nodes["admin1"].str[:2] != nodes["country"]
    nodes.loc[abroad, "admin1"] = ""
    _set_countries(nodes, links)
    ids, gateways = find_gateways(links, nodes, places, ground.area)
    links["gateway"] = ids
    blank = {"remoteness": np.float32(np.nan), "weakness": np.float32(np.nan)}
    return Network(
        area=ground.area,
        nodes=nodes.assign(**blank)[list(NODE_COLUMNS)].astype(NODE_COLUMNS),
        links=links.assign(**blank)[list(LINK_COLUMNS)].astype(LINK_COLUMNS),
        geometry=lines,
        gateways=gateways,
        admin=_units(ground),
        surfaces={
            "elevation": ground.elevation,
            "depth": ground.depth,
            "landcover": ground.landcover,
            "land": _land_share(ground),
        },
        meta={
            "sources": bundle.attributions(),
            "licences": bundle.licence_texts(),
            "joins": dict(sorted(joiner.snaps.items())),
            "counts": _counts(nodes, links, joiner.count),
        },
    )


def _connected(
    joiner: Joiner,
) -> tuple[pd.DataFrame, pd.DataFrame, ObjectArray]:
    """Nodes and links less the scraps: pieces that nothing joins to the rest."""
    nodes = joiner.table
    links = pd.concat(joiner.links, ignore_index=True)
    for column in ("length_m", "seconds_uv", "seconds_vu"):
        links[column] = links[column].clip(lower=LEAST)
    lines = np.concatenate(joiner.lines)
    ends = (links["u"].to_numpy(), links["v"].to_numpy())
    graph = csr_matrix((np.ones(len(links)), ends), (len(nodes), len(nodes)))
    _, part = connected_components(graph, directed=False)
    kept = part == np.bincount(part).argmax()
    number = np.cumsum(kept) - 1
    inside = kept[ends[0]]
    links = links[inside].reset_index(drop=True)
    links["u"], links["v"] = number[links["u"]], number[links["v"]]
    return nodes[kept].reset_index(drop=True), links, lines[inside]


def _set_countries(nodes: pd.DataFrame, links: pd.DataFrame) -> None:
    """Country and unit of each link, and the mark of those that change country on land."""
    country, unit = nodes["country"].to_numpy(object), nodes["admin1"].to_numpy(object)
    u, v = links["u"].to_numpy(), links["v"].to_numpy()
    links["country"] = np.where(country[u] != "", country[u], country[v])
    links["admin1"] = np.where(unit[u] != "", unit[u], unit[v])
    changes = (country[u] != country[v]) & (country[u] != "") & (country[v] != "")
    links.loc[changes & (links["crossing"] == "").to_numpy(), "crossing"] = "informal"


def _units(ground: StudyGrid) -> gpd.GeoDataFrame:
    units = ground.units.rename(columns={"iso": "id"})
    return units[["id", "name", "country", "geometry"]].sort_values("id", ignore_index=True)


def _land_share(ground: StudyGrid) -> Float32Array:
    rows, columns = ground.area.shape
    fine = ground.fine_land
    blocks = fine.reshape(rows, fine.shape[0] // rows, columns, fine.shape[1] // columns)
    return np.asarray(blocks.mean(axis=(1, 3)), np.float32)


def _counts(nodes: pd.DataFrame, links: pd.DataFrame, before: int) -> dict[str, Any]:
    return {
        "nodes": {str(k): int(n) for k, n in nodes["kind"].value_counts().sort_index().items()},
        "links": {str(k): int(n) for k, n in links["mode"].value_counts().sort_index().items()},
        "nodes_left_out": before - len(nodes),
    }
