"""Building: joins the layers of a study into a network, still without scores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from geodata.area.crs import crs_by_name
from geodata.area.study_area import StudyArea
from geodata.area.titles import Titles
from geodata.arrays import Float32Array, Int64Array, ObjectArray
from geodata.builder.gateways import find_gateways
from geodata.builder.join import (
    Joiner,
    join_airstrips,
    join_meshes,
    join_places,
    join_ports,
    join_roads,
)
from geodata.builder.meshes.land_mesh import build_land_mesh
from geodata.builder.meshes.mesh import Mesh
from geodata.builder.meshes.sea_mesh import build_sea_mesh
from geodata.builder.rivers import join_rivers, river_network
from geodata.builder.roads.crossings import Borders
from geodata.builder.roads.mapped import mapped_roads
from geodata.builder.roads.network import RoadNetwork, assemble, national_roads
from geodata.builder.study_grid import StudyGrid, lay_outlines, make_study_grid
from geodata.formats.keys import key_of
from geodata.formats.steps import Steps
from geodata.network.network import LAYERS, LINK_COLUMNS, NODE_COLUMNS, Network
from geodata.sources.area_file import Roads, default_roads
from geodata.sources.layers import Layers, shapes, table
from geodata.sources.study.land_of import LandOf

Progress = Callable[[str], None]
OUTLINES = ("countries", "lakes", "admin1", "closed_zones")
"""Layers that determine which cells are land, and the country of each."""
GRID_SURFACES = ("elevation", "slope", "depth", "landcover", "friction")
"""Surfaces that determine speeds on land and depths for boats."""
PEOPLED = ("population", "lights")
"""Surfaces that only scores use."""
LEAST = 1.0
"""Least metres and seconds of a link, because the logit cannot use links without cost."""


def build_network(
    layers: Layers,
    area: StudyArea,
    *,
    rules: Roads | None = None,
    titles: Titles | None = None,
    progress: Progress = lambda _: None,
    steps: Steps | None = None,
) -> Network:
    """Join the layers of a study into one directed network.

    Missing layers are left out; `geodata.sources.study` says what a network lacks without them.

    Parameters
    ----------
    layers
        A bundle, or a study.
    area
        Study area; its grid is that of the meshes.
    rules
        Rules of the roads; by default those that ship with Vereda.
    titles
        Names of the region; by default, its countries have their codes as names.
    progress
        Called with the name of each step as it begins.
    steps
        Store of the costly steps of a build, so that a step is computed again only when its inputs
        have changed.

    Returns
    -------
    Network whose `remoteness` and `weakness` are still NaN.

    Examples
    --------
    >>> from geodata import BORDERLANDS, build_network
    >>> from geodata.borderlands.region import borderlands, road_rules, titles
    >>> build_network(borderlands(), BORDERLANDS, rules=road_rules(), titles=titles())
    <Network borderlands: 137,324 nodes, 1,030,622 links, 299 gateways>
    """
    rules = rules or default_roads()
    steps = steps or Steps()
    progress("reading layers")
    _read_all(layers, area)
    grid = read_study_grid(layers, area, steps=steps)
    joiner = Joiner(grid=grid)
    progress("meshing land and sea")
    join_meshes(joiner, *_meshes(grid, grid_key(layers, area), steps))
    progress("joining roads")
    places = all_places(layers)
    roads = join_roads(
        joiner, road_network_of(layers, grid, places, rules, notice=steps.remarks.append)
    )
    progress("joining rivers, ports and airstrips")
    _join_rivers_and_points(joiner, layers, places, roads)
    progress("naming gateways")
    network = _network(joiner, layers, places, rules)
    return replace(network, titles=titles or Titles())


def _read_all(layers: Layers, area: StudyArea) -> None:
    """Read layers that only the end of a build needs, so that their faults are reported at once."""
    for name in PEOPLED:
        layers.surface(name, area)
    for name in ("posts", "indicators"):
        table(layers, name)


def _join_rivers_and_points(
    joiner: Joiner, layers: Layers, places: pd.DataFrame, roads: Int64Array
) -> None:
    """Join navigable rivers, then ports, airstrips and towns, to the meshes and the roads."""
    rivers = shapes(layers, "rivers")
    if rivers["navigable"].any():
        join_rivers(joiner, river_network(rivers, joiner.grid.area))
    join_ports(joiner, table(layers, "ports"), roads)
    join_airstrips(joiner, table(layers, "airports"), roads)
    join_places(joiner, places, roads)


def shown_layers(layers: Layers) -> dict[str, pd.DataFrame]:
    """Layers of a study that are shown with the network; in degrees as those that are read."""
    frames = {name: layers.frame(name) for name in LAYERS if name in layers.layers}
    return {
        name: crs_by_name(frame) if isinstance(frame, gpd.GeoDataFrame) else frame
        for name, frame in frames.items()
    }


def read_study_grid(layers: Layers, area: StudyArea, *, steps: Steps | None = None) -> StudyGrid:
    """The cells and coast of an area from the layers of a study."""
    read = {name: layers.surface(name, area) for name in GRID_SURFACES}
    countries, lakes, admin1, closed = (shapes(layers, name) for name in OUTLINES)
    laid = (steps or Steps()).arrays(
        "ground",
        key_of(*(layers.key(name) for name in OUTLINES), _key_of_area(area)),
        lambda: lay_outlines(area, countries=countries, lakes=lakes, admin1=admin1, closed=closed),
    )
    return make_study_grid(
        area,
        laid,
        countries=countries,
        admin1=admin1,
        surfaces={name: surface for name, surface in read.items() if surface is not None},
    )


def grid_key(layers: Layers, area: StudyArea) -> str:
    """Hash of all inputs of the study grid."""
    return key_of(*(layers.key(name) for name in (*OUTLINES, *GRID_SURFACES)), _key_of_area(area))


def _key_of_area(area: StudyArea) -> str:
    return key_of(
        area.bbox, area.outline, area.countries, area.neighbours, area.cell_m, area.fringe_cells
    )


def _meshes(grid: StudyGrid, key: str, steps: Steps) -> tuple[Mesh, Mesh]:
    """The meshes of land and of water."""
    land = steps.arrays("mesh_of_land", key, lambda: vars(build_land_mesh(grid)))
    water = steps.arrays("mesh_of_water", key, lambda: vars(build_sea_mesh(grid)))
    return Mesh(**land), Mesh(**water)


def road_network_of(
    layers: Layers,
    grid: StudyGrid,
    places: pd.DataFrame,
    rules: Roads,
    *,
    notice: Progress = lambda _: None,
) -> RoadNetwork:
    """Mapped roads, or else the roads of a table of numbered roads, or None.

    Parameters
    ----------
    layers
        Layers with ``countries``; ``crossings``, ``closed_zones`` and ``road_routes`` are used if
        they exist.
    grid
        Cells of the area, with their slope.
    places
        Towns to which numbered roads are joined.
    rules
        Rules of ``[roads]``.
    notice
        Called with a sentence on crossings that get no road.

    Raises
    ------
    DataError
        When a layer of roads cannot be used.
    """
    mapped = layers.roads()
    if mapped is not None and len(mapped.links):
        # Without border controls in an extract, crossings are as unknown as without an extract.
        crossings = table(layers, "crossings")
        land = LandOf(shapes(layers, "countries"), grid.area)
        borders = Borders(
            land=land, crossings=None if crossings.empty else crossings, places=places
        )
        return mapped_roads(
            mapped,
            grid.area,
            borders,
            closed=shapes(layers, "closed_zones"),
            heights=layers.heights(grid.area),
            notice=notice,
        )
    if "road_routes" in layers.layers:
        return national_roads(layers, grid, places, rules)
    return assemble([], [])


def all_places(layers: Layers) -> pd.DataFrame:
    """Places of the gazetteer and those added to it: name, country, admin1, population, x, y."""
    known = shapes(layers, "places")
    known = known.assign(x=known.geometry.x, y=known.geometry.y)
    added = table(layers, "places_extra")
    columns = ["name", "country", "population", "x", "y"]
    if added.empty:
        return pd.DataFrame(known[columns]).fillna({"population": 0})
    return pd.concat([known[columns], added[columns]], ignore_index=True).fillna({"population": 0})


def _network(joiner: Joiner, layers: Layers, places: pd.DataFrame, rules: Roads) -> Network:
    """The network of the joined tables, with attributes and gateways."""
    grid = joiner.grid
    nodes, links, lines = _connected(joiner)
    row, column = grid.area.cell_of(nodes["x"], nodes["y"])
    units = np.append(grid.units["iso"].to_numpy(object), "")
    nodes["admin1"] = np.where(nodes["country"] != "", units[grid.admin1[row, column]], "")
    abroad = nodes["admin1"].str[:2] != nodes["country"]
    nodes.loc[abroad, "admin1"] = ""
    _set_countries(nodes, links)
    ids, gateways = find_gateways(links, nodes, places, grid.area)
    links["gateway"] = ids
    blank = {"remoteness": np.float32(np.nan), "weakness": np.float32(np.nan)}
    return Network(
        area=grid.area,
        nodes=nodes.assign(**blank)[list(NODE_COLUMNS)].astype(NODE_COLUMNS),
        links=links.assign(**blank)[list(LINK_COLUMNS)].astype(LINK_COLUMNS),
        geometry=lines,
        gateways=gateways,
        admin=_units(grid),
        surfaces=_surfaces(grid, layers),
        layers=shown_layers(layers),
        meta={
            "sources": layers.attributions(),
            "licences": layers.licence_texts(),
            "joins": dict(sorted(joiner.snaps.items())),
            "counts": _counts(nodes, links, joiner.count),
            "parameters": {
                "roads": rules.model_dump(mode="json", by_alias=True, exclude_none=True)
            },
        },
    )


def _connected(
    joiner: Joiner,
) -> tuple[pd.DataFrame, pd.DataFrame, ObjectArray]:
    """Nodes and links without small pieces that are not joined to the rest."""
    nodes = joiner.table
    links = pd.concat(joiner.links, ignore_index=True)
    for column in ("length_m", "seconds_uv", "seconds_vu"):
        links[column] = links[column].clip(lower=LEAST)
    lines = np.concatenate(joiner.lines)
    u, v = links["u"].to_numpy(), links["v"].to_numpy()
    graph = csr_matrix((np.ones(len(links)), (u, v)), (len(nodes), len(nodes)))
    _, part = connected_components(graph, directed=False)
    kept = part == np.bincount(part).argmax()
    number = np.cumsum(kept) - 1
    inside = kept[u]
    links = links[inside].reset_index(drop=True)
    links["u"], links["v"] = number[links["u"]], number[links["v"]]
    return nodes[kept].reset_index(drop=True), links, lines[inside]


def _set_countries(nodes: pd.DataFrame, links: pd.DataFrame) -> None:
    """Set country and unit of each link, and mark links that change country on land."""
    country, unit = nodes["country"].to_numpy(object), nodes["admin1"].to_numpy(object)
    u, v = links["u"].to_numpy(), links["v"].to_numpy()
    links["country"] = np.where(country[u] != "", country[u], country[v])
    links["admin1"] = np.where(unit[u] != "", unit[u], unit[v])
    changes = (country[u] != country[v]) & (country[u] != "") & (country[v] != "")
    links.loc[changes & (links["crossing"] == "").to_numpy(), "crossing"] = "informal"


def _units(grid: StudyGrid) -> gpd.GeoDataFrame:
    there = np.isin(np.arange(len(grid.units)), grid.admin1)
    units = grid.units[there].rename(columns={"iso": "id"})
    units = units[["id", "name", "country", "geometry"]].sort_values("id", ignore_index=True)
    return crs_by_name(units)


def _surfaces(grid: StudyGrid, layers: Layers) -> dict[str, Float32Array]:
    """Elevation, depth, cover, people and lights, as far as they exist, and the share of land."""
    on_grid = {name: getattr(grid, name) for name in ("elevation", "depth", "landcover")}
    more = {name: layers.surface(name, grid.area) for name in PEOPLED}
    surfaces = {**on_grid, "land": _land_share(grid), **more}
    return {name: values for name, values in surfaces.items() if values is not None}


def _land_share(grid: StudyGrid) -> Float32Array:
    rows, columns = grid.area.shape
    fine = grid.fine_land
    blocks = fine.reshape(rows, fine.shape[0] // rows, columns, fine.shape[1] // columns)
    return np.asarray(blocks.mean(axis=(1, 3)), np.float32)


def _counts(nodes: pd.DataFrame, links: pd.DataFrame, before: int) -> dict[str, Any]:
    return {
        "nodes": {str(k): int(n) for k, n in nodes["kind"].value_counts().sort_index().items()},
        "links": {str(k): int(n) for k, n in links["mode"].value_counts().sort_index().items()},
        "nodes_left_out": before - len(nodes),
    }
