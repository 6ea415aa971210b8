"""The network: nodes, links and surfaces; `geodata.network.store` writes and reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from geodata.area.study_area import StudyArea
from geodata.area.titles import Titles
from geodata.arrays import ColumnArrays, Float32Array, ObjectArray
from geodata.computing.tasks import computed_once
from geodata.formats.files.seals import Seal
from geodata.network.gazetteer import Gazetteer
from geodata.network.polylines import Polylines
from geodata.network.snapping import Snapper

NODE_COLUMNS = {
    "x": "float64",
    "y": "float64",
    "kind": "category",
    "country": "category",
    "admin1": "category",
    "name": "category",
    "remoteness": "float32",
    "weakness": "float32",
}
LINK_COLUMNS = {
    "u": "int32",
    "v": "int32",
    "mode": "category",
    "class": "category",
    "surface": "category",
    "length_m": "float32",
    "seconds_uv": "float32",
    "seconds_vu": "float32",
    "ref": "category",
    "name": "category",
    "country": "category",
    "admin1": "category",
    "crossing": "category",
    "gateway": "category",
    "schematic": "bool",
    "remoteness": "float32",
    "weakness": "float32",
}
GATEWAY_COLUMNS = ("id", "name", "kind", "country_a", "country_b")
ADMIN_COLUMNS = {
    "id": "str",
    "name": "str",
    "country": "str",
    "remoteness": "number",
    "weakness": "number",
    "people": "number",
}
SURFACES = (
    "depth", "elevation", "land", "landcover", "lights", "population", "remoteness", "weakness",
)  # fmt: skip
LAYERS = (
    "airports", "counts", "countries", "crossings", "distances", "events", "indicators", "lakes",
    "places", "places_extra", "ports", "posts",
)  # fmt: skip
"""Layers of its sources that a network keeps, since its maps, collections and checks show them."""
MODES = ("road", "trail", "river", "sea", "transfer")


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Network:
    """A directed network on the ground.

    Parameters
    ----------
    area
        Study area.
    nodes
        One row a node, columns `NODE_COLUMNS`; the index is 0..n-1.
    links
        One row a link, columns `LINK_COLUMNS`. `seconds_uv` is the travel time from
        `u` to `v`, infinite where that way is closed.
    geometry
        One LineString a link, from `u` to `v`, in degrees; or the file that holds them.
    gateways
        Named places where a path passes between countries or between sea and land,
        columns `GATEWAY_COLUMNS` and a point; `links.gateway` refers to `id`.
    admin
        Administrative units with their scores, one polygon a row.
    surfaces
        Arrays on the area's grid by name.
    layers
        Source layers for maps, by name: some of `LAYERS`, each with its schema in
        `geodata.sources.layers.schema`. A layer is missing if the sources did not have it.
    titles
        Names of the region, its countries and its waters.
    meta
        Sources, parameters, counts and versions; JSON.

    Examples
    --------
    >>> from geodata import load_network
    >>> load_network("network")
    <Network borderlands: 137,324 nodes, 1,030,622 links, 299 gateways>
    """

    area: StudyArea
    nodes: pd.DataFrame
    links: pd.DataFrame
    geometry: ObjectArray | Seal
    gateways: gpd.GeoDataFrame
    admin: gpd.GeoDataFrame
    surfaces: dict[str, Float32Array] = field(default_factory=dict)
    layers: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    titles: Titles = field(default_factory=Titles)
    meta: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        """The numbers of rows in one line; the full tables would fill a notebook."""
        return (
            f"<Network {self.area.name}: {len(self.nodes):,} nodes, {len(self.links):,} links, "
            f"{len(self.gateways):,} gateways>"
        )

    @computed_once
    def polylines(self) -> Polylines:
        """Points of all links; read from the store when first asked for."""
        if isinstance(self.geometry, Seal):
            return Polylines.read(pa.BufferReader(self.geometry.read()))
        return Polylines.of(self.geometry)

    def lines(self, rows: npt.ArrayLike) -> ObjectArray:
        """LineStrings of the links at these rows.

        Parameters
        ----------
        rows
            Rows of `links`, shape (n,).

        Examples
        --------
        >>> from geodata import load_network
        >>> [line.geom_type for line in load_network("network").lines([0, 1])]
        ['LineString', 'LineString']
        """
        rows = np.asarray(rows, np.int64)
        if isinstance(self.geometry, Seal):
            return self.polylines.lines(rows)
        return np.asarray(self.geometry[rows])

    @computed_once
    def node_columns(self) -> ColumnArrays:
        """Columns of the nodes as arrays."""
        return ColumnArrays.of(self.nodes)

    @computed_once
    def link_columns(self) -> ColumnArrays:
        """Columns of the links as arrays."""
        return ColumnArrays.of(self.links)

    @computed_once
    def gateway_shapes(self) -> ObjectArray:
        """Points of the gateways."""
        return self.gateways.geometry.to_numpy()

    @computed_once
    def gateway_columns(self) -> dict[str, list[str]]:
        """Columns `GATEWAY_COLUMNS` of the gateways as plain lists."""
        return {name: self.gateways[name].tolist() for name in GATEWAY_COLUMNS}

    @computed_once
    def gazetteer(self) -> Gazetteer:
        """Named nodes."""
        return Gazetteer.of(self.nodes)

    @computed_once
    def snapper(self) -> Snapper:
        """Finds the nearest of all nodes."""
        return Snapper(self.area, self.nodes["x"], self.nodes["y"])

    @property
    def digest(self) -> str:
        """Hash of the content of the network: equal networks have equal digests."""
        return str(self.meta.get("digest", ""))
