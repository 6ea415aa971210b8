"""The network: nodes, links and surfaces; its store is a directory, whole or not at all."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
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

from geodata.area.grid import read_grid
from geodata.area.study_area import StudyArea
from geodata.arrays import Float32Array, ObjectArray, Plain
from geodata.errors import DataError
from geodata.formats.files.layouts import Layout
from geodata.formats.files.seals import Seal, open_plain
from geodata.formats.files.store import digests, whole_directory
from geodata.network.gazetteer import Gazetteer
from geodata.network.loading import REBUILD, check_graph, read_places, read_table
from geodata.network.polylines import Polylines
from geodata.network.snapping import Snapper

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
ADMIN_COLUMNS = {
    "id": "str",
    "name": "str",
    "country": "str",
    "remoteness": "number",
    "weakness": "number",
    "people": "number",
}
AREAS = ("Polygon", "MultiPolygon")
HEADER = "network.json"
SURFACES = ("depth", "elevation", "land", "landcover", "remoteness", "weakness")
LAYOUT = Layout(
    mark=HEADER,
    files=("admin.parquet", "gateways.parquet", "links.parquet", HEADER, "nodes.parquet",
           *(f"surfaces/{name}.tif" for name in SURFACES)),
)  # fmt: skip
"""All that a network's directory holds."""
MOST_ROWS = {
    "nodes.parquet": 20_000_000, "links.parquet": 100_000_000,
    "gateways.parquet": 1_000_000, "admin.parquet": 1_000_000,
}  # fmt: skip
"""Rows of its tables at most: some kilobytes of a file may stand for billions."""
MOST_CELLS = 100_000_000
"""Cells of its grid at most."""
_MOST_HEADER_BYTES = 16 << 20
MODES = ("road", "trail", "river", "sea", "transfer")

_LAND = "surfaces/land.tif"
_SOURCE = ("layer", "licence", "attribution", "sha256")
_SURFACE = re.compile(r"surfaces/[a-z0-9_]{1,64}\.tif")


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
    geometry: ObjectArray | Seal
    gateways: gpd.GeoDataFrame
    admin: gpd.GeoDataFrame
    surfaces: dict[str, Float32Array] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def polylines(self) -> Polylines:
        """Points of all links; read from the store when first asked for."""
        if isinstance(self.geometry, Seal):
            with self.geometry.open() as file:
                return Polylines.read(file)
        return Polylines.of(self.geometry)

    def lines(self, rows: npt.ArrayLike) -> ObjectArray:
        """LineStrings of the links at these rows."""
        rows = np.asarray(rows, np.int64)
        if isinstance(self.geometry, Seal):
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
    def gateway_shapes(self) -> ObjectArray:
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
        with whole_directory(directory, LAYOUT, overwrite=overwrite) as unfinished:
            _write_tables(self, unfinished)
            _write_surfaces(self, unfinished / "surfaces")
            checksums = digests(unfinished)
            header = {
                "format": FORMAT,
                "version": version("vereda"),
                "area": area_record(self.area),
                "digest": hashlib.sha256(json.dumps(checksums).encode()).hexdigest(),
                **{k: v for k, v in self.meta.items() if k != "digest"},
                "checksums": checksums,
            }
            (unfinished / HEADER).write_text(json.dumps(header, indent=1) + "\n")
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
        area = _area(directory, header)
        seals = network_files(directory, header)
        files = {name.removesuffix(".parquet"): seals[name] for name in MOST_ROWS}
        most = {name.removesuffix(".parquet"): rows for name, rows in MOST_ROWS.items()}
        nodes = read_table(files["nodes"], NODE_COLUMNS, most=most["nodes"])
        links = read_table(files["links"], LINK_COLUMNS, most=most["links"])
        check_graph(nodes, links, (files["nodes"], files["links"]))
        gateway = dict.fromkeys(GATEWAY_COLUMNS, "str")
        return cls(
            area=area,
            nodes=nodes,
            links=links,
            geometry=files["links"],
            gateways=read_places(files["gateways"], gateway, ("Point",), most=most["gateways"]),
            admin=read_places(files["admin"], ADMIN_COLUMNS, AREAS, most=most["admin"]),
            surfaces={
                Path(name).stem: _surface(seal, area)
                for name, seal in sorted(seals.items())
                if name.startswith("surfaces/")
            },
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


def _area(directory: Path, header: Mapping[str, Any]) -> StudyArea:
    """Where a network lies, on a grid that fits into memory."""
    path = str(directory / HEADER)
    try:
        record = header["area"]
        west, south, east, north = (float(edge) for edge in record["bbox"])
        area = StudyArea(
            name=record["name"],
            bbox=(west, south, east, north),
            countries=tuple(record["countries"]),
            neighbours=tuple(record["neighbours"]),
            cell_m=float(record["cell_m"]),
        )
        cells = math.prod(area.shape)
    except (ValueError, KeyError, TypeError, OverflowError, ZeroDivisionError) as error:
        raise DataError("network", path, f"Its area cannot be used. {REBUILD}") from error
    if not 0 < cells <= MOST_CELLS:
        raise DataError("network", path, f"Its grid has {cells:,} cells; at most {MOST_CELLS:,}.")
    return area


def _header(directory: Path) -> dict[str, Any]:
    path = directory / HEADER
    if not path.exists():
        raise DataError("network", str(directory), f"There is no network.json here. {REBUILD}")
    try:
        with open_plain(path, most=_MOST_HEADER_BYTES) as file:
            header: dict[str, Any] = json.loads(file.read().decode("utf-8"))
        written, _ = header["version"], header["checksums"].items()
    except DataError as error:
        raise DataError("network", str(path), f"{error.remedy} {REBUILD}") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DataError("network", str(path), f"network.json cannot be read. {REBUILD}") from error
    if header.get("format") != FORMAT or written != version("vereda"):
        remedy = f"It was written by vereda {written}, this is {version('vereda')}. {REBUILD}"
        raise DataError("network", str(directory), remedy)
    sources = header.get("sources", [])
    if not isinstance(sources, list) or not all(map(_sound_source, sources)):
        raise DataError("network", str(path), f"Its sources cannot be told. {REBUILD}")
    return header


def _sound_source(source: object) -> bool:
    return isinstance(source, dict) and all(isinstance(source.get(key), str) for key in _SOURCE)


def network_files(directory: Path, header: Mapping[str, Any]) -> dict[str, Seal]:
    """The files of a network by name, each as its header says.

    Raises
    ------
    DataError
        Naming the file that is missing, not listed, no regular file of the directory, or changed.
    """
    checksums = header["checksums"]
    for name in (*MOST_ROWS, _LAND):
        if name not in checksums:
            remedy = f"The file is missing from those that network.json lists. {REBUILD}"
            raise DataError("network", str(directory / name), remedy)
    seals = {}
    for name, digest in checksums.items():
        if name not in MOST_ROWS and not _SURFACE.fullmatch(name):
            raise DataError("network", name[:200], f"No network has such a file. {REBUILD}")
        try:
            seals[name] = Seal(directory / name, digest)
        except DataError as error:
            remedy = f"{error.remedy} {REBUILD}"
            raise DataError("network", str(directory / name), remedy) from error
    return seals


def _surface(seal: Seal, area: StudyArea) -> Float32Array:
    try:
        return np.asarray(read_grid(seal.read(), area).data)
    except DataError as error:
        raise DataError("network", str(seal.path), f"{error.remedy} {REBUILD}") from error


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
