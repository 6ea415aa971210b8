"""Mapped roads: their ends get countries, and links are cut at borders and to short pieces.

The readers of `geodata.sources` give nodes and links of roads anywhere. Here they become the roads
of a study: a road from one country to another passes between the two sides of a crossing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.area.geodesy import geodesic
from geodata.area.study_area import StudyArea
from geodata.arrays import Float64Array
from geodata.builder.meshes.land_mesh import TOBLER_FLAT, tobler
from geodata.builder.roads.crossings import (
    Borders,
    controls,
    named_crossings,
    with_crossings,
)
from geodata.builder.roads.network import LINK_COLUMNS, RoadNetwork, mode_of
from geodata.computing.tasks import Notice
from geodata.sources.layers import MappedRoads
from geodata.sources.rasters import Heights
from geodata.sources.study.land_of import LandOf

SETBACK_M = 100.0
"""Distance of each side of a crossing from the border, or half of the link if it is shorter."""
SAMPLE_M = 50.0
"""Number of samples along a link that changes country, to find the border."""
LONGEST_CELLS, LEAST_LONGEST_M = 1.25, 500.0
"""Largest length of a link in cells, so that roads are joined to the mesh all along."""
GENTLE, STEEPER = 0.03, 5.0
"""Slope from which vehicles are slower, and the rate beyond: 8 % cost a quarter. Assumption."""


def mapped_roads(
    roads: MappedRoads,
    area: StudyArea,
    borders: Borders,
    *,
    closed: gpd.GeoDataFrame | None = None,
    heights: Heights | None = None,
    notice: Notice = lambda _: None,
) -> RoadNetwork:
    """Roads of a reader as a network of a study.

    Parameters
    ----------
    closed
        Closed zones: links that touch one are left out.
    heights
        Terrain under the links, which makes steep links slower.
    notice
        Called with a sentence on crossings of the table that get no road.

    Raises
    ------
    DataError
        When a crossing of the table lies on no road between its countries.
    """
    nodes, links = _filled(roads, borders.land)
    if closed is not None and len(closed):
        links = _open_links(links, closed)
    if heights is not None:
        links = slow_on_slopes(links, heights)
    if borders.crossings is None:
        borders = replace(borders, crossings=controls(nodes))
    nodes, links = _cut_at_borders(nodes, links, borders.land)
    links = with_crossings(nodes, links, area, borders, notice=notice)
    links = named_crossings(nodes, links, area, borders.places)
    nodes = _with_sides(nodes, links)
    nodes, links = _divided(nodes, links, area)
    known = [*LINK_COLUMNS, *(["mode"] if "mode" in links else [])]
    return RoadNetwork(
        nodes=nodes[["x", "y", "kind", "country", "name"]],
        links=gpd.GeoDataFrame(links[known], geometry="geometry", crs="EPSG:4326"),
    )


def _filled(roads: MappedRoads, land: LandOf) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Nodes with their countries, links with all columns."""
    nodes = pd.DataFrame(roads.nodes).reset_index(drop=True)
    for name, blank in (("kind", "junction"), ("name", ""), ("country", "")):
        nodes[name] = nodes[name].astype(object).fillna(blank) if name in nodes else blank
    nodes["kind"] = nodes["kind"].where(nodes["kind"] != "", "junction")
    unknown = (nodes["country"] == "").to_numpy()
    nodes.loc[unknown, "country"] = land.country(
        nodes["x"].to_numpy()[unknown], nodes["y"].to_numpy()[unknown]
    )
    links = pd.DataFrame(roads.links).reset_index(drop=True)
    for name in ("ref", "name", "country", "crossing", "surface"):
        links[name] = links[name].astype(object).fillna("") if name in links else ""
    if "schematic" not in links:
        links["schematic"] = False
    if "straight_m" not in links:
        links["straight_m"] = links["length_m"]
    return nodes, links


def _open_links(links: pd.DataFrame, closed: gpd.GeoDataFrame) -> pd.DataFrame:
    """Links that touch no closed zone."""
    zones = shapely.STRtree(np.asarray(closed.geometry))
    touched, _ = zones.query(np.asarray(links["geometry"], object), predicate="intersects")
    return links.drop(links.index[np.unique(touched)]).reset_index(drop=True)


def slow_on_slopes(links: pd.DataFrame, heights: Heights) -> pd.DataFrame:
    """Links with the time that slopes add: on foot by Tobler, on wheels beyond `GENTLE`."""
    links = links.copy()
    mode = mode_of(links)
    walked = (mode == "trail").to_numpy()
    driven = (mode == "road").to_numpy() & (links["class"] != "ferry").to_numpy()
    for rows, pace in ((walked, _walking), (driven, _driving)):
        if not rows.any():
            continue
        under = heights.along(np.asarray(links["geometry"], object)[rows], pace=pace)
        for column, slower in (("seconds_uv", under.slower_uv), ("seconds_vu", under.slower_vu)):
            seconds = links[column].to_numpy(float, copy=True)
            seconds[rows] *= np.where(np.isfinite(slower), slower, 1.0)
            links[column] = seconds
    return links


def _walking(slope: Float64Array) -> Float64Array:
    return np.asarray(TOBLER_FLAT / tobler(slope), np.float64)


def _driving(slope: Float64Array) -> Float64Array:
    return np.asarray(1.0 + STEEPER * np.maximum(np.abs(slope) - GENTLE, 0.0), np.float64)


def _with_sides(nodes: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """Nodes, of which only the sides of formal crossings are crossings, with their names."""
    formal = links[(links["crossing"] == "formal") & (links["class"] != "ferry")]
    kind = nodes["kind"].where(nodes["kind"] != "crossing", "junction").to_numpy(object, copy=True)
    name = nodes["name"].to_numpy(object, copy=True)
    for end in ("u", "v"):
        kind[formal[end].to_numpy(int)] = "crossing"
        name[formal[end].to_numpy(int)] = formal["name"]
    return nodes.assign(kind=kind, name=name)


def _cut_at_borders(
    nodes: pd.DataFrame, links: pd.DataFrame, land: LandOf
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Links over a border, each cut in three: up to one side, between the sides, and beyond."""
    country = nodes["country"].to_numpy(object)
    u, v = links["u"].to_numpy(), links["v"].to_numpy()
    over = (country[u] != country[v]) & (country[u] != "") & (country[v] != "")
    over &= (links["class"] != "ferry").to_numpy() & (links["crossing"] == "").to_numpy()
    rows = np.flatnonzero(over)
    added: list[tuple[float, float, str, str, str]] = []
    pieces: list[pd.DataFrame] = []
    for row in rows:
        link = links.iloc[row]
        line = shapely.get_coordinates(link["geometry"])
        ends = (country[u[row]], country[v[row]])
        shares = _border_at(line, ends, land)
        cut = [_part(line, *pair) for pair in zip((0.0, *shares), (*shares, 1.0), strict=True)]
        first = len(nodes) + len(added)
        added += [(*map(float, cut[side][-1]), "junction", ends[side], "") for side in (0, 1)]
        pieces.append(_pieces(link, cut, [int(u[row]), first, first + 1, int(v[row])]))
    if not pieces:
        return nodes, links
    more = pd.DataFrame(added, columns=["x", "y", "kind", "country", "name"])
    return (
        pd.concat([nodes, more], ignore_index=True),
        pd.concat([links[~over], *pieces], ignore_index=True),
    )


def _border_at(line: Float64Array, ends: tuple[str, str], land: LandOf) -> tuple[float, float]:
    """Shares of a line's length at the two sides of the border that it passes."""
    metres = _along(line)
    total = metres[-1]
    if total <= 0:
        return 1 / 3, 2 / 3
    at = np.linspace(0.0, total, max(int(np.ceil(total / SAMPLE_M)), 8) + 1)
    codes = land.country(np.interp(at, metres, line[:, 0]), np.interp(at, metres, line[:, 1]))
    own = np.flatnonzero(codes == ends[0])
    last = int(own[-1]) if len(own) and own[-1] < len(at) - 1 else 0
    border = (at[last] + at[last + 1]) / 2
    return (
        max(border - SETBACK_M, border / 2) / total,
        min(border + SETBACK_M, (border + total) / 2) / total,
    )


def _along(line: Float64Array) -> Float64Array:
    """Metres from the beginning of a line to each of its vertices."""
    steps = geodesic(line[:-1, 0], line[:-1, 1], line[1:, 0], line[1:, 1])
    return np.asarray(np.r_[0.0, np.cumsum(steps)], np.float64)


def _part(line: Float64Array, start: float, end: float) -> Float64Array:
    """Part of a line between two shares of its length."""
    metres = _along(line)
    if metres[-1] <= 0:
        return line[[0, -1]]
    low, high = start * metres[-1], end * metres[-1]
    inner = line[(metres > low) & (metres < high)]
    ends = np.c_[np.interp([low, high], metres, line[:, 0]),
                 np.interp([low, high], metres, line[:, 1])]  # fmt: skip
    return np.vstack([ends[:1], inner, ends[1:]])


def _pieces(link: pd.Series, cut: Sequence[Float64Array], along: list[int]) -> pd.DataFrame:
    """A link as several, each with its share of length and time."""
    metres = np.array([_along(part)[-1] for part in cut])
    share = metres / metres.sum() if metres.sum() > 0 else np.full(len(cut), 1 / len(cut))
    table = pd.DataFrame([link] * len(cut)).reset_index(drop=True)
    table["u"], table["v"] = along[:-1], along[1:]
    for name in ("length_m", "straight_m", "seconds_uv", "seconds_vu"):
        table[name] = float(link[name]) * share
    table["geometry"] = np.array([shapely.LineString(part) for part in cut], object)
    return table


def _divided(
    nodes: pd.DataFrame, links: pd.DataFrame, area: StudyArea
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Long links in pieces of equal length, so that they are joined to the mesh all along."""
    longest = max(LONGEST_CELLS * area.cell_m, LEAST_LONGEST_M)
    length = links["length_m"].to_numpy(float)
    count = np.maximum(np.ceil(length / longest).astype(int), 1)
    undivided = (links["class"] == "ferry") | (links["crossing"] != "")
    count[undivided.to_numpy()] = 1
    rows = np.flatnonzero(count > 1)
    if not len(rows):
        return nodes, links
    added, ends, lines, shares, of = [], [], [], [], []
    columns = {name: links[name].to_numpy() for name in ("u", "v")}
    shape = links["geometry"].to_numpy(object)
    own = nodes["country"].to_numpy(object)
    first = len(nodes)
    for row in rows.tolist():
        line = shapely.get_coordinates(shape[row])
        parts = int(count[row])
        cuts = np.linspace(0.0, 1.0, parts + 1)
        u, v = int(columns["u"][row]), int(columns["v"][row])
        code = own[u] or own[v]
        pieces = [_part(line, *cuts[k : k + 2]) for k in range(parts)]
        between = list(range(first, first + parts - 1))
        added += [(*map(float, piece[-1]), "junction", code, "") for piece in pieces[:-1]]
        first += parts - 1
        ends += list(zip([u, *between], [*between, v], strict=True))
        lines += [shapely.LineString(piece) for piece in pieces]
        shares += [1 / parts] * parts
        of += [row] * parts
    table = links.iloc[of].reset_index(drop=True)
    table["u"], table["v"] = np.array(ends).T
    table["geometry"] = np.array(lines, object)
    for name in ("length_m", "straight_m", "seconds_uv", "seconds_vu"):
        table[name] = table[name].to_numpy(float) * np.array(shares)
    more = pd.DataFrame(added, columns=["x", "y", "kind", "country", "name"])
    return (
        pd.concat([nodes, more], ignore_index=True),
        pd.concat([links[count == 1], table], ignore_index=True),
    )
