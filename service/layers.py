"""Frames that are served: parts of a network, and the layers of a result directory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.errors import DataError
from geodata.network import Network


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A frame with its name and what it means.

    Parameters
    ----------
    frame
        Features in WGS 84 with scalar columns, the first of them ``id``, unique.
    """

    name: str
    title: str
    description: str
    frame: gpd.GeoDataFrame


NODE_LAYERS = {
    "places": ("place", "Places", "Cities, towns and villages on the network."),
    "ports": ("port", "Ports", "Ports where sea and land meet, joined to sea and road."),
    "crossings": ("crossing", "Border crossings", "The two ends of each listed border crossing."),
    "airstrips": ("airstrip", "Airstrips", "Airports and airstrips, joined to road or terrain."),
}
"""Collections of named nodes: kind of node, title, description."""

RESULT_LAYERS = {
    "corridors": (
        "corridors",
        "Corridors",
        "Families of near-optimal paths that pass the same gateways, most used first. Usage is "
        "the share of modelled flow, not a probability of trafficking.",
    ),
    "segments": (
        "segments",
        "Segments of corridors",
        "Links that carry modelled flow, with the corridor that brings them most of it.",
    ),
    "corridor-gateways": (
        "gateways",
        "Gateways in use",
        "Gateways that corridors of the result pass, with the share of flow through each.",
    ),
    "corridor-admin": (
        "admin",
        "Exposure by department",
        "Departments and districts with their scores, the share of flow that passes and their "
        "exposure: usage times weakness times people.",
    ),
}
"""Collections of a result: its layer, title, description."""


def network_layers(network: Network) -> Iterator[Layer]:
    """Layers of a network; its meshes are left out, they are too many to be browsed."""
    for name, (kind, title, description) in NODE_LAYERS.items():
        frame = _nodes(network, kind)
        yield Layer(name=name, title=title, description=description, frame=frame)
    links = network.links
    yield Layer(
        name="roads",
        title="Roads",
        description="Road links between junctions, with travel time both ways and scores.",
        frame=_links(network, np.flatnonzero(links["mode"] == "road")),
    )
    lake = links["class"].isin(("lake", "lagoon"))
    yield Layer(
        name="rivers",
        title="Navigable rivers",
        description="Links along navigable rivers and channels; lakes and lagoons are left out.",
        frame=_links(network, np.flatnonzero((links["mode"] == "river") & ~lake)),
    )
    yield Layer(
        name="gateways",
        title="Gateways",
        description="Where a path can pass between countries or between sea and land: formal "
        "crossings, border sectors, ports, landing sectors and river mouths.",
        frame=_id_first(network.gateways),
    )
    yield Layer(
        name="admin",
        title="Scores by department",
        description="Departments and districts with remoteness and governance weakness, their "
        "components, ranks and rank intervals.",
        frame=_id_first(network.admin),
    )


def _nodes(network: Network, kind: str) -> gpd.GeoDataFrame:
    nodes = network.nodes[(network.nodes["kind"] == kind) & (network.nodes["name"] != "")]
    return gpd.GeoDataFrame(
        {
            "id": [f"N{row}" for row in nodes.index],
            **{name: nodes[name].astype(str) for name in ("name", "country", "admin1")},
            "remoteness": nodes["remoteness"],
            "weakness": nodes["weakness"],
        },
        geometry=gpd.points_from_xy(nodes["x"], nodes["y"]),
        crs="OGC:CRS84",
    )


def _links(network: Network, rows: npt.NDArray[np.int64]) -> gpd.GeoDataFrame:
    """Links with hours and kilometres; an hour is null where that way is closed."""
    links = network.links.iloc[rows]
    text = ("name", "ref", "class", "surface", "country", "admin1", "crossing", "gateway")
    return gpd.GeoDataFrame(
        {
            "id": [f"L{row}" for row in rows],
            **{name: links[name].astype(str) for name in text},
            "schematic": links["schematic"],
            "km": links["length_m"] / 1000,
            "hours": _hours(links["seconds_uv"]),
            "hours_back": _hours(links["seconds_vu"]),
            "remoteness": links["remoteness"],
            "weakness": links["weakness"],
        },
        geometry=network.lines(rows),
        crs="OGC:CRS84",
    )


def _hours(seconds: pd.Series) -> pd.Series:
    return (seconds / 3600).replace(np.inf, np.nan)


def _id_first(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    columns = [name for name in frame.columns if name not in ("id", frame.geometry.name)]
    return frame[["id", *columns, frame.geometry.name]]


def result_layers(directory: Path) -> Iterator[Layer]:
    """Vector layers of a result directory.

    Raises
    ------
    DataError
        When a file of the result is missing or cannot be read.
    """
    for name, (stem, title, description) in RESULT_LAYERS.items():
        frame = _id_first(_read_layer(directory / "corridors.gpkg", stem))
        yield Layer(name=name, title=title, description=description, frame=frame)


def _read_layer(path: Path, layer: str) -> gpd.GeoDataFrame:
    """A layer of a GeoPackage, which keeps the types of columns better than GeoJSON does."""
    remedy = "Write the result again: vereda corridors --output DIR --overwrite."
    if not path.is_file():
        raise DataError("result", path.name, f"The file is missing. {remedy}")
    try:
        frame: gpd.GeoDataFrame = gpd.read_file(path, layer=layer)
    except (OSError, RuntimeError, ValueError) as error:
        raise DataError("result", layer, f"{path.name} cannot be read. {remedy}") from error
    if "id" not in frame.columns:
        raise DataError("result", layer, f"Its features have no ids. {remedy}")
    return frame


def read_provenance(directory: Path) -> dict[str, Any]:
    """What ``result.json`` says of a result.

    Raises
    ------
    DataError
        When it is missing or no JSON object.
    """
    path = directory / "result.json"
    try:
        record = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        remedy = "Name a directory that `vereda corridors --output` wrote."
        raise DataError("result", str(directory), remedy) from error
    if not isinstance(record, dict):
        raise DataError("result", str(path), "It is no JSON object; write the result again.")
    return record
