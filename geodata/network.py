"""The network: nodes, links and surfaces; its store is a directory, whole or not at all."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import rasterio
import shapely
from rasterio.crs import CRS

from geodata.area import StudyArea
from geodata.errors import DataError
from geodata.gazetteer import Gazetteer
from geodata.polylines import Polylines
from geodata.snap import Snapper
from geodata.spelling import composed_columns
from geodata.store import check_target, sha256, whole_directory
from geodata.table import Plain

FORMAT = 1
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
NETWORK_FILES = ("admin.parquet", "gateways.parquet", "links.parquet", "network.json",
                 "nodes.parquet", "surfaces")  # fmt: skip
"""All that a network's directory holds."""
MODES = ("road", "trail", "river", "sea", "transfer")


@dataclass(frozen=True, kw_only=True)
class Network:
    """A directed network on the ground.

    Parameters
    ----------
    area
        Where it lies.
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
    meta
        Sources, parameters, counts and versions; JSON.
    """

    area: StudyArea
    nodes: pd.DataFrame
    links: pd.DataFrame
    geometry: npt.NDArray[np.object_] | Path
    gateways: gpd.GeoDataFrame
    admin: gpd.GeoDataFrame
    surfaces: dict[str, npt.NDArray[np.float32]] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def polylines(self) -> Polylines:
        """Points of all links; read from the store when first asked for."""
        if isinstance(self.geometry, Path):
            return Polylines.read(self.geometry)
        return Polylines.of(self.geometry)

    def lines(self, rows: npt.ArrayLike) -> npt.NDArray[np.object_]:
        """LineStrings of the links at these rows."""
        rows = np.asarray(rows, np.int64)
        if isinstance(self.geometry, Path):
            return self.polylines.lines(rows)
        return np.asarray(self.geometry[rows])

    @cached_property
    def node_columns(self) -> Plain:
        """Columns of the nodes as arrays."""
        return Plain.of(self.nodes)

    @cached_property
    def link_columns(self) -> Plain:
        """Columns of the links as arrays."""
        return Plain.of(self.links)

    @cached_property
    def gateway_shapes(self) -> npt.NDArray[np.object_]:
        """Points of the gateways."""
        return self.gateways.geometry.to_numpy()

    @cached_property
    def gateway_columns(self) -> dict[str, list[str]]:
        """Columns `GATEWAY_COLUMNS` of the gateways as plain lists."""
        return {name: self.gateways[name].tolist() for name in GATEWAY_COLUMNS}

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """Named nodes."""
        return Gazetteer.of(self.nodes)

    @cached_property
    def snapper(self) -> Snapper:
        """Finds the nearest of all nodes."""
        return Snapper(self.area, self.nodes["x"], self.nodes["y"])

    @property
    def digest(self) -> str:
        """Hash of what the network is made of: equal networks, equal digests."""
        return str(self.meta.get("digest", ""))

    def save(self, directory: Path, *, overwrite: bool = False) -> Path:
        """Write the network to a directory, whole or not at all.

        Raises
        ------
        InputError
            When the directory exists and is not a network, or `overwrite` is not set.
        """
        check_target(directory, mark="network.json", files=NETWORK_FILES, overwrite=overwrite)
        with whole_directory(directory) as unfinished:
            _write_tables(self, unfinished)
            _write_surfaces(self, unfinished / "surfaces")
            files = sorted(p for p in unfinished.rglob("*") if p.is_file())
            checksums = {str(p.relative_to(unfinished)): sha256(p) for p in files}
            header = {
                "format": FORMAT,
                "version": version("vereda"),
                "area": area_record(self.area),
                "digest": hashlib.sha256(json.dumps(checksums).encode()).hexdigest(),
                **{k: v for k, v in self.meta.items() if k != "digest"},
                "checksums": checksums,
            }
            (unfinished / "network.json").write_text(json.dumps(header, indent=1) + "\n")
        return directory

    @classmethod
    def load(cls, directory: Path) -> Network:
        """Read a network, after checking that it is whole and of this version.

        Raises
        ------
        DataError
            When a file is missing, changed, or written by another version.
        """
        header = _header(directory)
        links = directory / "links.parquet"
        surfaces = {}
        for path in sorted((directory / "surfaces").glob("*.tif")):
            with rasterio.open(path) as source:
                surfaces[path.stem] = source.read(1)
        return cls(
            area=_area(header["area"]),
            nodes=composed_columns(
                pd.read_parquet(directory / "nodes.parquet", columns=list(NODE_COLUMNS))
            ),
            links=composed_columns(pd.read_parquet(links, columns=list(LINK_COLUMNS))),
            geometry=links,
            gateways=composed_columns(gpd.read_parquet(directory / "gateways.parquet")),
            admin=composed_columns(gpd.read_parquet(directory / "admin.parquet")),
            surfaces=surfaces,
            meta=header,
        )


def area_record(area: StudyArea) -> dict[str, Any]:
    """The fields of an area as JSON."""
    return {
        "name": area.name,
        "bbox": list(area.bbox),
        "countries": list(area.countries),
        "neighbours": list(area.neighbours),
        "cell_m": area.cell_m,
    }


def _area(record: dict[str, Any]) -> StudyArea:
    west, south, east, north = record["bbox"]
    return StudyArea(
        name=record["name"],
        bbox=(west, south, east, north),
        countries=tuple(record["countries"]),
        neighbours=tuple(record["neighbours"]),
        cell_m=record["cell_m"],
    )


def _header(directory: Path) -> dict[str, Any]:
    path = directory / "network.json"
    rebuild = "Build it again: vereda build --overwrite."
    if not path.is_file():
        raise DataError("network", str(directory), f"There is no network.json here. {rebuild}")
    try:
        header: dict[str, Any] = json.loads(path.read_text())
        written, checksums = header["version"], header["checksums"]
    except (ValueError, KeyError, TypeError) as error:
        raise DataError("network", str(path), f"network.json cannot be read. {rebuild}") from error
    if header.get("format") != FORMAT or written != version("vereda"):
        remedy = f"It was written by vereda {written}, this is {version('vereda')}. {rebuild}"
        raise DataError("network", str(directory), remedy)
    for name, expected in checksums.items():
        part = directory / name
        if not part.is_file():
            raise DataError("network", str(part), f"The file is missing. {rebuild}")
        if sha256(part) != expected:
            raise DataError("network", str(part), f"The file was changed or cut short. {rebuild}")
    return header


def _write_tables(network: Network, directory: Path) -> None:
    nodes = network.nodes[list(NODE_COLUMNS)].astype(NODE_COLUMNS)
    points = shapely.points(nodes["x"], nodes["y"])
    links = network.links[list(LINK_COLUMNS)].astype(LINK_COLUMNS)
    lines = network.lines(np.arange(len(links)))
    tables = {
        "nodes": gpd.GeoDataFrame(nodes, geometry=points, crs="OGC:CRS84"),
        "links": gpd.GeoDataFrame(links, geometry=lines, crs="OGC:CRS84"),
        "gateways": network.gateways,
        "admin": network.admin,
    }
    for name, table in tables.items():
        table.to_parquet(directory / f"{name}.parquet", compression="zstd", schema_version="1.1.0")


def _write_surfaces(network: Network, directory: Path) -> None:
    directory.mkdir()
    area = network.area
    rows, columns = area.shape
    for name, values in sorted(network.surfaces.items()):
        with rasterio.open(
            directory / f"{name}.tif",
            "w",
            driver="GTiff",
            height=rows,
            width=columns,
            count=1,
            dtype="float32",
            nodata=np.nan,
            crs=CRS.from_user_input(area.crs.to_wkt()),
            transform=area.transform,
            compress="deflate",
            predictor=3,
        ) as target:
            target.write(values.astype(np.float32), 1)
            target.set_band_description(1, name)
