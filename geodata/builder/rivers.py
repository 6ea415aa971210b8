"""Navigable rivers and channels: chains of nodes about a cell apart, and their joins."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from geodata.area.geodesy import DEGREE_M, geodesic
from geodata.area.study_area import StudyArea
from geodata.arrays import BoolArray, Float64Array, Int64Array, ObjectArray
from geodata.builder.join import Joiner, cells_around
from geodata.network.snapping import Snapper

BOAT_KMH = 15.0
"""Speed on rivers, both ways. Assumption: a motor canoe slowed by shoals and bends."""


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

    A river may have several lines, which run upstream or downstream. `join_rivers` joins lines that
    meet, or that end beside another line or at the sea.
    """
    nodes, links, pieces = [], [], []
    count = 0
    sailed = _merged(rivers[rivers["navigable"]])
    fine = shapely.segmentize(np.asarray(sailed.geometry, object), 0.25 * area.cell_m / DEGREE_M)
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
    """Rivers with consecutive pieces of one name merged into one line."""
    columns = ["name", "country", "kind"]
    frames = []
    for _, pieces in rivers.groupby(columns, sort=False):
        merged = shapely.line_merge(shapely.multilinestrings(np.asarray(pieces.geometry, object)))
        parts = shapely.get_parts(merged)
        same = pieces[columns].iloc[[0] * len(parts)]
        frames.append(gpd.GeoDataFrame(same, geometry=parts, crs=rivers.crs))
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True))


def join_rivers(joiner: Joiner, rivers: RiverNetwork) -> None:
    """Join rivers to banks in their own country and across, to mouths, lakes and each other."""
    row, column = joiner.grid.area.cell_of(rivers.nodes["x"], rivers.nodes["y"])
    codes = np.array([*joiner.grid.codes, ""], object)
    by_place = codes[joiner.grid.country[row, column]]
    country = np.where(rivers.nodes["country"] == "", by_place, rivers.nodes["country"])
    nodes = rivers.nodes.assign(kind="landing", country=country)
    numbers = joiner.add_nodes(nodes)
    links = rivers.links
    u, v = numbers[links["u"]], numbers[links["v"]]
    joiner.add_links(links.assign(u=u, v=v, mode="river", **{"class": "boat"}), rivers.geometry)
    _join_banks(joiner, nodes, numbers)
    meetings = _meetings(joiner.grid.area, rivers.nodes)
    _join_waters(joiner, rivers.nodes, numbers, meetings)
    ends, others = meetings["end"], meetings["other"]
    # Two lines that end in one point are each the nearest of the other.
    once = ~pd.DataFrame(np.sort(np.c_[ends, others])).duplicated().to_numpy()
    joiner.transfer(numbers[ends[once]], numbers[others[once]], "access")


def _join_banks(joiner: Joiner, nodes: pd.DataFrame, numbers: Int64Array) -> None:
    country = nodes["country"].to_numpy(object)
    limit = 1.5 * joiner.grid.area.cell_m
    for abroad in (False, True):
        nearest, _ = cells_around(joiner, nodes, country, abroad=abroad)
        cell, metres = nearest
        near = (cell >= 0) & (metres <= limit) & (country != "")
        joiner.transfer(numbers[near], joiner.land_node[cell[near]], "bank")


def _join_waters(
    joiner: Joiner, nodes: pd.DataFrame, numbers: Int64Array, meetings: pd.DataFrame
) -> None:
    """Join mouths to the sea, and every node in or beside a lake or lagoon to that water."""
    table = joiner.table
    kinds = np.zeros(len(table), int)
    cells = np.flatnonzero(joiner.water_node >= 0)
    kinds[joiner.water_node[cells]] = joiner.grid.water.ravel()[cells]
    cell_m = joiner.grid.area.cell_m
    sea = Snapper(joiner.grid.area, table["x"], table["y"], among=kinds == 1)
    still = Snapper(joiner.grid.area, table["x"], table["y"], among=kinds > 1)
    snap = sea.nearest(nodes["x"], nodes["y"], limit_m=3 * cell_m)
    # Only the end of a line that is nearest to the sea is a mouth.
    off = pd.Series(snap.metres).where(nodes["end"])
    lowest = (off == off.groupby(nodes["line"]).transform("min")) | (nodes["kind"] == "channel")
    opens = (nodes["end"] & lowest).to_numpy(bool) & (snap.node >= 0)
    opens[_flowing_on(nodes, meetings, snap.metres, opens)] = False
    joiner.transfer(numbers[opens], snap.node[opens], "mouth", name=nodes["name"].to_numpy()[opens])
    snap = still.nearest(nodes["x"], nodes["y"], limit_m=1.5 * cell_m)
    beside = snap.node >= 0
    joiner.transfer(numbers[beside], snap.node[beside], "access")


def _flowing_on(
    nodes: pd.DataFrame, meetings: pd.DataFrame, sea_m: Float64Array, opens: BoolArray
) -> Int64Array:
    """Whether each end is nearer to another line, and so reaches the sea over it, than to the sea.

    If the other line has its own mouth at the same place, as in a delta, both flow into the sea. Of
    lines that meet, only the mouth nearest to the sea is kept.
    """
    ends, others = meetings["end"].to_numpy(), meetings["other"].to_numpy()
    onward = ends[(meetings["metres"] < sea_m[ends]) & ~opens[others]]
    line = nodes["line"].to_numpy(np.int64)
    count = int(line.max(initial=0)) + 1
    joined = coo_array((np.ones(len(ends)), (line[ends], line[others])), shape=(count, count))
    _, water = connected_components(joined, directed=False)
    mouths = np.flatnonzero(opens)
    mouths = mouths[np.argsort(sea_m[mouths], kind="stable")]
    _, nearest = np.unique(water[line[mouths]], return_index=True)
    return np.asarray(np.setdiff1d(onward, mouths[nearest]))


def _meetings(area: StudyArea, nodes: pd.DataFrame) -> pd.DataFrame:
    """Ends of lines within a cell of other lines, into which they flow or continue.

    Returns
    -------
    end, other (rows of the nodes, of each other line the nearest) and metres.
    """
    ends = np.flatnonzero(nodes["end"])
    points = np.c_[area.project(nodes["x"], nodes["y"])]
    near = cKDTree(points).query_ball_point(points[ends], area.cell_m, return_sorted=True)
    end = np.repeat(ends, [len(each) for each in near])
    other = np.concatenate([np.empty(0, np.int64), *(np.array(each, np.int64) for each in near)])
    line = nodes["line"].to_numpy()
    meetings = pd.DataFrame(
        {
            "end": end,
            "other": other,
            "line": line[other],
            "metres": np.hypot(*(points[end] - points[other]).T),
        }
    )
    apart = meetings[line[end] != line[other]].sort_values(["end", "metres"], kind="stable")
    return pd.DataFrame(apart.drop_duplicates(["end", "line"], ignore_index=True))
