"""Navigable rivers and channels as chains of nodes about a cell apart."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.area.geodesy import geodesic
from geodata.area.study_area import StudyArea
from geodata.arrays import ObjectArray

BOAT_KMH = 15.0
"""Speed on rivers, both ways. Assumption: a motor canoe that minds shoals and bends."""


@dataclass(frozen=True, kw_only=True)
class RiverNetwork:
    """Rivers as a network of their own.

    Parameters
    ----------
    nodes
        x, y, country, name, kind (river or channel), line (number of the line), end (bool: of
        the line).
    links
        u, v, name, country, length_m, seconds_uv, seconds_vu.
    geometry
        One LineString a link.
    """

    nodes: pd.DataFrame
    links: pd.DataFrame
    geometry: ObjectArray


def river_network(rivers: gpd.GeoDataFrame, area: StudyArea) -> RiverNetwork:
    """Cut each navigable river into pieces no longer than a cell.

    A river may be several lines, which run up or down. Lines that meet, or end beside another
    or at the sea, are joined there by the caller, who joins all networks.
    """
    nodes, links, pieces = [], [], []
    count = 0
    sailed = _merged(rivers[rivers["navigable"]])
    fine = shapely.segmentize(np.asarray(sailed.geometry, object), 0.25 * area.cell_m / 111_000)
    for number, (river, line) in enumerate(zip(sailed.itertuples(), fine, strict=True)):
        points = shapely.get_coordinates(line)
        metres = np.r_[0, np.cumsum(geodesic(*points[:-1].T, *points[1:].T))]
        steps = max(int(np.ceil(metres[-1] / area.cell_m)), 1)
        cuts = np.unique(np.searchsorted(metres, np.linspace(0, metres[-1], steps + 1)))
        cuts = np.minimum(cuts, len(points) - 1)
        nodes.append(
            pd.DataFrame(
                {
                    "x": points[cuts, 0],
                    "y": points[cuts, 1],
                    "country": river.country,
                    "name": river.name,
                    "kind": river.kind,
                    "line": number,
                    "end": np.isin(cuts, cuts[[0, -1]]),
                }
            )
        )
        u = count + np.arange(len(cuts) - 1)
        length = np.diff(metres[cuts])
        links.append(pd.DataFrame({"u": u, "v": u + 1, "name": river.name, "length_m": length}))
        pieces += [shapely.LineString(points[a : b + 1]) for a, b in pairwise(cuts)]
        count += len(cuts)
    table = pd.concat(links, ignore_index=True)
    seconds = table["length_m"] * 3.6 / BOAT_KMH
    return RiverNetwork(
        nodes=pd.concat(nodes, ignore_index=True),
        links=table.assign(seconds_uv=seconds, seconds_vu=seconds),
        geometry=np.array(pieces, object),
    )


def _merged(rivers: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Rivers of which pieces of one name that go on from each other are one line."""
    columns = ["name", "country", "kind"]
    frames = []
    for _, pieces in rivers.groupby(columns, sort=False):
        merged = shapely.line_merge(shapely.multilinestrings(np.asarray(pieces.geometry, object)))
        parts = shapely.get_parts(merged)
        same = pieces[columns].iloc[[0] * len(parts)]
        frames.append(gpd.GeoDataFrame(same, geometry=parts, crs=rivers.crs))
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True))
