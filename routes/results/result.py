"""Results: the full answer to a scenario, as tables and surfaces, and a brief one for web maps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd

from geodata.area.study_area import StudyArea
from geodata.arrays import ColumnTable, Float32Array
from geodata.network.network import Network
from routes.scenario.scenario import Scenario


@dataclass(frozen=True, kw_only=True, repr=False)
class Result:
    """The answer to a scenario.

    Parameters
    ----------
    corridors
        Families of paths by gateway sequence, most used first; lines.
    bands
        All links that carry flow of each corridor, as one shape each; lines.
    segments
        Links that carry flow; lines.
    gateways
        Gateways that are used; points.
    near_gateways
        Gateways with any nearness, in use or not, the nearest first; points.
    admin
        Administrative units with scores, usage and exposure; polygons.
    places
        Places with their nearness, the nearest first; points.
    density
        Share of flow per cell width, on the area's grid.
    nearness
        Nearness of each cell of that grid, see `routes.corridors.premium`; the tables from
        `segments` to `places` have it as a column, beside ``premium``.
    network
        The network on which the result was computed.
    scenario
        The scenario that it answers.
    provenance
        Scenario, inputs, version, licences; JSON.

    Examples
    --------
    >>> from routes import Router, Scenario, load_network, load_profile
    >>> router = Router(load_network("network"))
    >>> result = router.run(Scenario(profile=load_profile("cocaine-north")))
    >>> result.corridors[["rank", "usage", "hours"]].head(3).round(2)
       rank  usage  hours
    0     1   0.07  11.91
    1     2   0.06  11.93
    2     3   0.06  28.33
    >>> page = result.corridors.explore("usage")
    """

    corridors: gpd.GeoDataFrame
    bands: gpd.GeoDataFrame
    segments: gpd.GeoDataFrame
    gateways: gpd.GeoDataFrame
    near_gateways: gpd.GeoDataFrame
    admin: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    density: Float32Array
    nearness: Float32Array
    network: Network
    scenario: Scenario
    provenance: dict[str, Any]

    @property
    def area(self) -> StudyArea:
        """Study area of the result."""
        return self.network.area

    def __repr__(self) -> str:
        """The numbers of rows in one line; the full tables would fill a notebook."""
        return f"<Result: {len(self.corridors)} corridors, {len(self.gateways)} gateways>"


@dataclass(frozen=True, kw_only=True, repr=False)
class CorridorAnswer:
    """The corridors of a scenario without maps, as a live answer needs them.

    Parameters
    ----------
    listed, passed
        Corridors and gateways as plain values.
    provenance
        As in `Result`.
    """

    listed: ColumnTable
    passed: ColumnTable
    provenance: dict[str, Any]

    def __repr__(self) -> str:
        """The numbers of rows in one line."""
        return f"<CorridorAnswer: {len(self.corridors)} corridors, {len(self.gateways)} gateways>"

    @property
    def corridors(self) -> gpd.GeoDataFrame:
        """As in `Result`."""
        return self.listed.frame

    @property
    def gateways(self) -> gpd.GeoDataFrame:
        """As in `Result`."""
        return self.passed.frame
