"""Mapped roads by the reader of their format, stored once they are read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.area.study_area import StudyArea
from geodata.computing.tasks import Notice
from geodata.errors import DataError
from geodata.formats.steps import Steps
from geodata.sources.area_file import Layer, Roads
from geodata.sources.fetched.records import UNKNOWN_CREDIT
from geodata.sources.layers import MappedRoads
from geodata.sources.osm.roads import read_osm_roads
from geodata.sources.osmnx.graphml import read_graphml
from geodata.sources.osmnx.roads import roads_of_graphs
from geodata.sources.study.readers.formats import is_graphml, is_osm, refuse_rename
from geodata.sources.vectors import vector_roads


@dataclass(frozen=True)
class KeptRoads:
    """Roads from the store."""

    nodes: pd.DataFrame
    links: gpd.GeoDataFrame


def kept_roads(steps: Steps, key: str, read: Callable[[], MappedRoads]) -> MappedRoads:
    """Roads from the store, or read and stored."""
    fresh: list[MappedRoads] = []

    def roads() -> MappedRoads:
        if not fresh:
            fresh.append(read())
        return fresh[0]

    links = steps.frame("roads", key, lambda: gpd.GeoDataFrame(roads().links))
    nodes = steps.frame("road_nodes", key, lambda: pd.DataFrame(roads().nodes))
    return KeptRoads(pd.DataFrame(nodes), gpd.GeoDataFrame(links))


def read_roads(
    layers: Sequence[Layer], area: StudyArea, rules: Roads, notice: Notice
) -> MappedRoads:
    """Roads of all layers of the role.

    Parameters
    ----------
    rules
        Rules of ``[roads]``.
    notice
        Called with remarks on the reading of the roads.

    Raises
    ------
    DataError
        When a file cannot be read, or layers are of several kinds.
    """
    roads, remarks = _read(layers, area, rules)
    for remark in remarks:
        notice(remark)
    return roads


def _read(
    layers: Sequence[Layer], area: StudyArea, rules: Roads
) -> tuple[MappedRoads, Iterable[str]]:
    """Mapped roads, and remarks on them."""
    kinds = [_kind(layer) for layer in layers]
    others = [layer for layer, kind in zip(layers, kinds, strict=True) if kind != min(kinds)]
    if others:
        remedy = (
            "Extracts of OpenStreetMap, graphs of osmnx and other files of roads share no nodes, "
            "so that nothing would join them: give one kind."
        )
        raise DataError(f"layer {others[0].label}, path", str(others[0].path[0]), remedy)
    if kinds[0] == "vectors":
        mapped = vector_roads(layers, area, rules=rules)
        return mapped, mapped.report.remarks()
    for layer in layers:
        refuse_rename(layer)
    if kinds[0] == "extract":
        read = read_osm_roads(_files(layers), area.box, rules=rules)
        return read, read.report.remarks()
    graphs = roads_of_graphs(
        [read_graphml(file) for file in _files(layers)], area.box, rules=rules,
        crs=next((layer.crs for layer in layers if layer.crs), None),
        classes={value: into for layer in layers for value, into in layer.classes.items()},
    )  # fmt: skip
    return graphs, graphs.remarks


def _kind(layer: Layer) -> str:
    return "extract" if is_osm(layer) else "graph" if is_graphml(layer) else "vectors"


def _files(layers: Sequence[Layer]) -> list[Path]:
    """Files of layers, each once."""
    return list(dict.fromkeys(file for layer in layers for file in layer.files()))


def credit_of(roads: MappedRoads) -> dict[str, str]:
    """Record of roads in memory, in the form of those of files."""
    credit: Mapping[str, str] = getattr(roads, "credit", UNKNOWN_CREDIT)
    lines = shapely.to_wkb(np.asarray(roads.links.geometry, object))
    return {
        "layer": "roads", "role": "roads",
        "licence": credit["licence"], "attribution": credit["attribution"],
        "sha256": hashlib.sha256(b"".join(lines)).hexdigest(), "package": "", "version": "",
    }  # fmt: skip
