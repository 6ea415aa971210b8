"""Results: the answer to a scenario, as tables and surfaces, and the brief one for web maps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd

from geodata.area.study_area import StudyArea
from geodata.arrays import ColumnTable, Float32Array


@dataclass(frozen=True, kw_only=True)
class Result:
    """The answer to a scenario.

    Parameters
    ----------
    corridors
        Families of paths by gateway sequence, most used first; lines.
    bands
        All the ways that the flow of each corridor takes; lines.
    segments
        Links that carry flow; lines.
    gateways
        Gateways that are used; points.
    admin
        Administrative units with scores, usage and exposure; polygons.
    density
        Share of flow per cell width, on the area's grid.
    provenance
        Scenario, inputs, version, licences; JSON.
    """

    corridors: gpd.GeoDataFrame
    bands: gpd.GeoDataFrame
    segments: gpd.GeoDataFrame
    gateways: gpd.GeoDataFrame
    admin: gpd.GeoDataFrame
    density: Float32Array
    area: StudyArea
    provenance: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class CorridorAnswer:
    """The corridors of a scenario without the maps: what a live answer needs.

    Parameters
    ----------
    listed, passed
        Corridors and gateways, plain.
    provenance
        As in `Result`.
    """

    listed: ColumnTable
    passed: ColumnTable
    provenance: dict[str, Any]

    @property
    def corridors(self) -> gpd.GeoDataFrame:
        """As in `Result`."""
        return self.listed.frame

    @property
    def gateways(self) -> gpd.GeoDataFrame:
        """As in `Result`."""
        return self.passed.frame
