"""Roads as they are mapped, by the reader of their format; and kept once they are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from geodata.area.study_area import StudyArea
from geodata.errors import DataError
from geodata.formats.steps import Steps
from geodata.sources.area_file import Layer, Roads
from geodata.sources.layers import MappedRoads
from geodata.sources.osm.roads import read_osm_roads
from geodata.sources.study.readers import Notice, is_osm
from geodata.sources.vectors import vector_roads


@dataclass(frozen=True)
class KeptRoads:
    """Roads that were read before."""

    nodes: pd.DataFrame
    links: gpd.GeoDataFrame


def kept_roads(steps: Steps, key: str, read: Callable[[], MappedRoads]) -> MappedRoads:
    """Roads, read only when they are not kept."""
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

    Raises
    ------
    DataError
        When a file cannot be read, or extracts of OpenStreetMap are mixed with other files.
    """
    extracts = [layer for layer in layers if is_osm(layer)]
    if extracts and len(extracts) < len(layers):
        other = next(layer for layer in layers if not is_osm(layer))
        remedy = (
            "Extracts of OpenStreetMap and other files of roads share no nodes, so that nothing "
            "would join them: give one of both."
        )
        raise DataError(f"layer {other.label}, path", str(other.path[0]), remedy)
    if extracts:
        files = [file for layer in extracts for file in layer.files()]
        roads = read_osm_roads(list(dict.fromkeys(files)), area.bbox, rules=rules)
    else:
        roads = vector_roads(layers, area, rules=rules)
    for remark in roads.report.remarks():
        notice(remark)
    return roads
