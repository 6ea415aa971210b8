"""The store of a network: a directory of tables and surfaces; a failed write leaves none."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from rasterio.crs import CRS

from geodata.area.crs import crs_by_number
from geodata.area.geodesy import DEGREE_M
from geodata.area.grid import read_grid
from geodata.area.study_area import FRINGE_CELLS, StudyArea
from geodata.area.titles import Titles
from geodata.arrays import Float32Array
from geodata.errors import DataError
from geodata.formats.files.layouts import Layout
from geodata.formats.files.seals import Seal
from geodata.formats.files.store import digests, whole_directory
from geodata.network.header import FORMAT, HEADER, REBUILD, read_header
from geodata.network.loading import StoredLayers, check_graph, read_places, read_table
from geodata.network.network import (
    ADMIN_COLUMNS,
    GATEWAY_COLUMNS,
    LAYERS,
    LINK_COLUMNS,
    NODE_COLUMNS,
    SURFACES,
    Network,
)
from geodata.sources.layers.schema import SCHEMAS

AREAS = ("Polygon", "MultiPolygon")
LAYOUT = Layout(
    mark=HEADER,
    files=("admin.parquet", "gateways.parquet", "links.parquet", HEADER, "nodes.parquet",
           *(f"layers/{name}.parquet" for name in LAYERS),
           *(f"surfaces/{name}.tif" for name in SURFACES)),
)  # fmt: skip
"""All that a network's directory holds."""
MOST_ROWS = {
    "nodes.parquet": 20_000_000, "links.parquet": 100_000_000,
    "gateways.parquet": 1_000_000, "admin.parquet": 1_000_000,
}  # fmt: skip
"""Rows of its tables at most: some kilobytes of a file may stand for billions."""
MOST_LAYER_ROWS = 10_000_000
"""Rows of a layer of its sources at most."""
MOST_CELLS = 100_000_000
"""Cells of its grid at most."""
_MADE_OF = ("sources", "parameters")
"""Keys of the header on which the digest depends, besides the area."""
_NO_AREA = (ValueError, KeyError, TypeError, AttributeError, OverflowError, ZeroDivisionError,
            shapely.errors.ShapelyError)  # fmt: skip
_LAND = "surfaces/land.tif"
_SURFACE = re.compile(r"surfaces/[a-z0-9_]{1,64}\.tif")
_LAYER_FILES = {f"layers/{name}.parquet": name for name in LAYERS}


def save_network(network: Network, directory: str | Path, *, overwrite: bool = False) -> Path:
    """Write a network to a directory; a failed write leaves the old directory.

    Parameters
    ----------
    network
        What is written.
    directory
        Where to; it is made when missing.
    overwrite
        Whether a network that is already there may be replaced.

    Raises
    ------
    InputError
        When the directory exists and is not a network, or `overwrite` is false.

    Examples
    --------
    >>> from geodata import load_network, save_network
    >>> save_network(load_network("network"), "copy", overwrite=True).name
    'copy'
    """
    with whole_directory(Path(directory), LAYOUT, overwrite=overwrite) as unfinished:
        _write_tables(network, unfinished)
        _write_layers(network, unfinished / "layers")
        _write_surfaces(network, unfinished / "surfaces")
        checksums, titles = digests(unfinished), network.titles.record()
        meta = network.meta
        area = meta["area"] if "area" in meta else area_record(network.area)
        known = [checksums, titles, area, *(meta.get(key) for key in _MADE_OF)]
        header = {
            "format": FORMAT,
            "version": version("vereda"),
            "area": area,
            "digest": hashlib.sha256(json.dumps(known).encode()).hexdigest(),
            **{k: v for k, v in meta.items() if k not in ("digest", "format", "version")},
            "titles": titles,
            "checksums": checksums,
        }
        (unfinished / HEADER).write_text(
            json.dumps(header, ensure_ascii=False, indent=1) + "\n", "utf-8"
        )
    return Path(directory)


def load_network(directory: str | Path) -> Network:
    """Read a network, after a check that it is complete and of this version.

    Parameters
    ----------
    directory
        A directory that `save_network` or ``vereda build`` wrote.

    Raises
    ------
    DataError
        When a file is missing, changed, or written by another version.

    Examples
    --------
    >>> from geodata import load_network
    >>> load_network("network").gateways["kind"].nunique()
    5
    """
    home = Path(directory)
    header = read_header(home)
    area, titles = _area(home, header), _titles(home, header)
    seals = network_files(home, header)
    files = {name.removesuffix(".parquet"): seals[name] for name in MOST_ROWS}
    most = {name.removesuffix(".parquet"): rows for name, rows in MOST_ROWS.items()}
    nodes = read_table(files["nodes"], NODE_COLUMNS, most=most["nodes"])
    links = read_table(files["links"], LINK_COLUMNS, most=most["links"])
    check_graph(nodes, links, node_seal=files["nodes"], link_seal=files["links"])
    gateway = dict.fromkeys(GATEWAY_COLUMNS, "str")
    return Network(
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
        layers=StoredLayers(
            {layer: seals[name] for name, layer in _LAYER_FILES.items() if name in seals},
            SCHEMAS,
            most=MOST_LAYER_ROWS,
        ),
        titles=titles,
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
        "fringe_cells": area.fringe_cells,
        "outline": None if area.outline is None else _outline_text(area),
    }


def _outline_text(area: StudyArea) -> str:
    """The outline as WKT, as fine as cells are: every bend of a coast would fill the header.

    Its parts are simplified one by one, which together takes the square of their number. Those
    smaller than a cell are left out, unless all are.
    """
    cell = area.cell_m / DEGREE_M
    parts = shapely.get_parts(area.outline)
    large = shapely.area(parts) >= cell**2
    parts = shapely.simplify(parts[large] if large.any() else parts, cell / 20)
    plain = shapely.multipolygons(parts) if len(parts) > 1 else parts[0]
    return str(shapely.to_wkt(plain, rounding_precision=6))


def _area(directory: Path, header: Mapping[str, Any]) -> StudyArea:
    """Study area of a network, on a grid that fits into memory."""
    path = str(directory / HEADER)
    try:
        record = header["area"]
        outline = shapely.from_wkt(record.get("outline"))
        if outline is not None and outline.geom_type not in AREAS:
            raise ValueError(outline.geom_type)
        west, south, east, north = (float(edge) for edge in record["bbox"])
        area = StudyArea(
            name=record["name"],
            bbox=(west, south, east, north),
            countries=tuple(record["countries"]),
            neighbours=tuple(record["neighbours"]),
            cell_m=float(record["cell_m"]),
            fringe_cells=float(record.get("fringe_cells", FRINGE_CELLS)),
            outline=outline,
        )
        cells = math.prod(area.shape)
    except _NO_AREA as error:
        raise DataError("network", path, f"Its area cannot be used. {REBUILD}") from error
    if not 0 < cells <= MOST_CELLS:
        raise DataError("network", path, f"Its grid has {cells:,} cells; at most {MOST_CELLS:,}.")
    return area


def _titles(directory: Path, header: Mapping[str, Any]) -> Titles:
    try:
        return Titles.read(header.get("titles"))
    except ValueError as error:
        remedy = f"Its titles cannot be told. {REBUILD}"
        raise DataError("network", str(directory / HEADER), remedy) from error


def network_files(directory: Path, header: Mapping[str, Any]) -> dict[str, Seal]:
    """The files of a network by name, each as its header says.

    Raises
    ------
    DataError
        With the name of a file that is missing, not listed, not a regular file of the directory, or
        changed.
    """
    checksums = header["checksums"]
    for name in (*MOST_ROWS, _LAND):
        if name not in checksums:
            remedy = f"The file is missing from those that network.json lists. {REBUILD}"
            raise DataError("network", str(directory / name), remedy)
    seals = {}
    for name, digest in checksums.items():
        known = name in MOST_ROWS or name in _LAYER_FILES or _SURFACE.fullmatch(name)
        if not known:
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
        "admin": crs_by_number(network.admin),
    }
    for name, table in tables.items():
        table.to_parquet(directory / f"{name}.parquet", compression="zstd", schema_version="1.1.0")


def _write_layers(network: Network, directory: Path) -> None:
    directory.mkdir()
    for name, frame in sorted(network.layers.items()):
        path = directory / f"{name}.parquet"
        if isinstance(frame, gpd.GeoDataFrame):
            crs_by_number(frame).to_parquet(
                path, index=False, compression="zstd", schema_version="1.1.0"
            )
        else:
            frame.to_parquet(path, index=False, compression="zstd")


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
