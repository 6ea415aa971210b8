"""Layers of a network, as clients and tiles have them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.arrays import Float64Array, Int64Array
from geodata.network.network import Network
from geodata.network.store import network_files
from geodata.publication.layers.basemap_layers import basemap_layers
from geodata.publication.layers.border_sectors import find_sectors
from geodata.publication.layers.evidence_layers import evidence_layers
from geodata.publication.layers.layer import PublishedLayer
from geodata.publication.layers.properties import END, START

NODE_LAYERS = {
    "places": ("place", "Places", "Cities, towns and villages on the network."),
    "ports": (
        "port",
        "Ports",
        "Ports where sea and land meet, joined to sea and road; those that no source lists are "
        "marked as unverified.",
    ),
    "airstrips": (
        "airstrip",
        "Airstrips",
        "Airports and airstrips, joined to road or terrain; those that are closed are of that "
        "kind.",
    ),
}
"""Collections of named nodes: kind of node, title, description."""

_LISTED = {
    "places": (("places", "places_extra"), ("population",)),
    "ports": (("ports",), ("size", "source", "unverified")),
    "airstrips": (("airports",), ("kind", "ident")),
}
"""Source layers that list those nodes, and what they know beyond the network."""


def network_layers(
    network: Network, directory: str | Path | None = None
) -> Iterator[PublishedLayer]:
    """Layers of a network; its meshes are left out, they are too many to be browsed.

    Parameters
    ----------
    network
        The network that is shown.
    directory
        Where the network is stored, to offer its nodes and links as they were built.

    Examples
    --------
    >>> from geodata import load_network, network_layers
    >>> len({layer.name for layer in network_layers(load_network("network"))})
    16
    """
    for name, (kind, title, description) in NODE_LAYERS.items():
        frame = _listed(_named(network, kind), network, name)
        yield PublishedLayer(name=name, title=title, description=description, frame=frame)
    yield PublishedLayer(
        name="crossings",
        title="Border crossings",
        description="The two ends of each listed border crossing, whether it is formal or "
        "semi-formal, with the year of the source that lists it.",
        frame=_crossings(network),
    )
    if "posts" in network.layers:
        yield PublishedLayer(
            name="posts",
            title="Posts of the state",
            description="Police, military, naval and customs posts that the scores count, each "
            "with its source and the year of that source where it gives one.",
            frame=_posts(network.layers["posts"]),
        )
    yield from _graph_layers(network, directory)
    yield PublishedLayer(
        name="gateways",
        title="Gateways",
        description="Where a path can pass between countries or between sea and land: formal "
        "crossings, border sectors, ports, landing sectors and river mouths.",
        frame=id_first(network.gateways),
    )
    yield PublishedLayer(
        name="sectors",
        title="Border sectors",
        description="Stretches of land border across which paths pass informally, with the mean "
        "scores of the links across each; named after the nearest place.",
        frame=find_sectors(network),
    )
    yield PublishedLayer(
        name="admin",
        title="Scores by district",
        description="Departments and districts with remoteness and governance weakness, their "
        "components, ranks and rank intervals.",
        frame=_areas(id_first(network.admin)),
    )
    yield from evidence_layers(network)
    yield from basemap_layers(network)


def _graph_layers(network: Network, directory: str | Path | None) -> Iterator[PublishedLayer]:
    """Roads, rivers, and all nodes and links but those of the meshes."""
    built = network_files(Path(directory), network.meta) if directory else {}
    links = network.links
    road = (links["mode"] == "road").to_numpy()
    lake = links["class"].isin(("lake", "lagoon")).to_numpy()
    river = (links["mode"] == "river").to_numpy() & ~lake
    transfer = (links["mode"] == "transfer").to_numpy()
    left = "are too many to be browsed: the download of the network as built has them."
    yield PublishedLayer(
        name="roads",
        title="Roads",
        description="Road links between junctions, with travel time both ways and scores.",
        frame=_links(network, np.flatnonzero(road)),
    )
    yield PublishedLayer(
        name="rivers",
        title="Navigable rivers",
        description="Links along navigable rivers and channels; lakes and lagoons are left out.",
        frame=_links(network, np.flatnonzero(river)),
    )
    yield PublishedLayer(
        name="nodes",
        title="Nodes",
        description=f"Junctions, places, ports, crossings, airstrips and landings. Nodes of the "
        f"meshes of terrain and water {left}",
        frame=_nodes(network, np.flatnonzero(~network.nodes["kind"].isin(("mesh", "sea")))),
        built=built.get("nodes.parquet"),
    )
    yield PublishedLayer(
        name="links",
        title="Links",
        description=f"Roads, rivers, and transfers between roads, terrain, rivers and sea, with "
        f"the nodes that they join. Links of the meshes of terrain and water {left}",
        frame=_links(network, np.flatnonzero(road | river | transfer), joined=True),
        built=built.get("links.parquet"),
    )


def _named(network: Network, kind: str) -> gpd.GeoDataFrame:
    nodes = network.nodes
    rows = np.flatnonzero((nodes["kind"] == kind) & (nodes["name"] != ""))
    return _nodes(network, rows).drop(columns="kind")


def _listed(frame: gpd.GeoDataFrame, network: Network, name: str) -> gpd.GeoDataFrame:
    """Named nodes with what their sources know of them, found by where they are."""
    layers, columns = _LISTED[name]
    lists = [_placed(network.layers[layer]) for layer in layers if layer in network.layers]
    if not lists:
        return frame
    known = pd.concat(lists)
    if name == "ports":
        known["unverified"] = known["source"] == "memory"
    if name == "places":
        # A place of unknown population is listed with none.
        people = known["population"].astype("Int64")
        known["population"] = people.mask(people == 0)
    matched = known[~known.index.duplicated()].reindex(pd.MultiIndex.from_arrays(_spot(frame)))
    details = {column: matched[column].array for column in columns}
    return frame.assign(**details)[["id", "name", *details, *frame.columns[2:]]]


def _placed(listed: pd.DataFrame) -> pd.DataFrame:
    """A list by longitude and latitude."""
    if isinstance(listed, gpd.GeoDataFrame):
        return pd.DataFrame(listed.drop(columns="geometry")).set_index(_spot(listed))
    return listed.set_index(["x", "y"])


def _spot(frame: gpd.GeoDataFrame) -> list[Float64Array]:
    return [np.asarray(axis, np.float64) for axis in (frame.geometry.x, frame.geometry.y)]


def _crossings(network: Network) -> gpd.GeoDataFrame:
    """Ends of formal crossings with their gateway and the time of its source."""
    frame = _named(network, "crossing")
    links = network.links[network.links["crossing"] == "formal"]
    sides = pd.concat([links.set_index(end)[["gateway", "ref"]] for end in ("u", "v")])
    sides = sides[~sides.index.duplicated(keep="last")].astype(str)
    passed = sides.set_axis("N" + sides.index.astype(str)).reindex(frame["id"], fill_value="")
    frame.insert(2, "gateway", passed["gateway"].array)
    if "crossings" not in network.layers:
        return frame
    listed = network.layers["crossings"].drop_duplicates("id").set_index("id")
    rows = listed.drop(index="", errors="ignore").reindex(passed["ref"])
    for name in ("road", "kind"):
        frame.insert(2, name, rows[name].to_numpy(object))
    return _timed(frame, rows)


def _posts(posts: pd.DataFrame) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(
        {
            "id": [f"P{row}" for row in range(len(posts))],
            **{name: posts[name] for name in ("name", "kind", "country", "admin1", "town")},
        },
        geometry=gpd.points_from_xy(posts["x"], posts["y"]),
        crs="OGC:CRS84",
    )
    return _timed(frame, posts)


def _timed(frame: gpd.GeoDataFrame, rows: pd.DataFrame) -> gpd.GeoDataFrame:
    """Features with their source and its year, as a number and as first and last moment."""
    years = rows["year"]
    days = {name: _moments(years, form) for name, form in _BOUNDS.items()}
    unverified = rows["unverified"].fillna(True).to_numpy(bool)
    origin = {"source": rows["source"].to_numpy(object), "unverified": unverified}
    origin["year"] = rows["year"].array
    return frame.reset_index(drop=True).assign(**origin, **days)


_BOUNDS = {START: "{}-01-01T00:00:00Z", END: "{}-12-31T23:59:59Z"}


def _moments(years: pd.Series, form: str) -> pd.api.extensions.ExtensionArray:
    texts = [None if pd.isna(year) else form.format(year) for year in years]
    return pd.to_datetime(pd.Series(texts, dtype=object), utc=True).dt.as_unit("ms").array


def _nodes(network: Network, rows: Int64Array) -> gpd.GeoDataFrame:
    nodes = network.nodes.iloc[rows]
    return gpd.GeoDataFrame(
        {
            "id": [f"N{row}" for row in rows],
            **{name: nodes[name].astype(str) for name in ("name", "kind", "country", "admin1")},
            "remoteness": nodes["remoteness"],
            "weakness": nodes["weakness"],
        },
        geometry=gpd.points_from_xy(nodes["x"], nodes["y"]),
        crs="OGC:CRS84",
    ).reset_index(drop=True)


def _links(network: Network, rows: Int64Array, *, joined: bool = False) -> gpd.GeoDataFrame:
    """Links with hours and kilometres; an hour is null where that way is closed.

    Parameters
    ----------
    joined
        Whether mode and nodes are among the columns.
    """
    links = network.links.iloc[rows]
    text = ("name", "ref", "class", "surface", "country", "admin1", "crossing", "gateway")
    ends = {"from_node": "N" + links["u"].astype(str), "to_node": "N" + links["v"].astype(str)}
    return gpd.GeoDataFrame(
        {
            "id": [f"L{row}" for row in rows],
            **({"mode": links["mode"].astype(str)} if joined else {}),
            **{name: links[name].astype(str) for name in text},
            **(ends if joined else {}),
            "schematic": links["schematic"],
            "km": links["length_m"] / 1000,
            "hours": _hours(links["seconds_uv"]),
            "hours_back": _hours(links["seconds_vu"]),
            "remoteness": links["remoteness"],
            "weakness": links["weakness"],
        },
        geometry=network.lines(rows),
        crs="OGC:CRS84",
    ).reset_index(drop=True)


def _hours(seconds: pd.Series) -> pd.Series:
    return (seconds / 3600).replace(np.inf, np.nan)


def id_first(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A frame whose first column is its id, and whose last one is its geometry."""
    columns = [name for name in frame.columns if name not in ("id", frame.geometry.name)]
    return frame[["id", *columns, frame.geometry.name]]


def _areas(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Polygons with one part as those with several: clients want one kind a layer."""
    parts, of = shapely.get_parts(frame.geometry.to_numpy(), return_index=True)
    return frame.set_geometry(shapely.multipolygons(parts, indices=of), crs=frame.crs)
