"""Legs: routes of a table drawn stop by stop, along the trunk skeleton where it bends."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from geodata.area.geodesy import GEOD, geodesic, length
from geodata.area.grid import Raster
from geodata.area.study_area import StudyArea
from geodata.arrays import Float64Array
from geodata.builder.roads.alignment.own_land import OwnLand
from geodata.builder.roads.alignment.sinuosity import ElevationProfile, Slopes
from geodata.builder.roads.graphs import chain_to, weighted_graph
from geodata.errors import DataError

Point = tuple[float, float]
Sides = dict[tuple[str, str], int]
"""Row of the node on one side of a crossing, by crossing and country."""

SAME_PLACE_M = 1000.0
SAME_NAME_M = 10_000.0
SETBACK_M = 100.0
"""Each side of a crossing stands this far back from the border line."""

SNAP_M = 2500.0
DETOUR = 1.7
LONGEST_EDGE_M = 8000.0
"""A longer edge of the skeleton is a straight line across country, no better than the leg."""
HIDDEN_BENDS = 0.08
"""Ratio of a road's length to the straight line for it, without terrain: `FITTED`."""
CORRIDOR = 0.3
LEAST_CORRIDOR_M = 2000.0


class Node(NamedTuple):
    """A junction, a place or one side of a crossing."""

    x: float
    y: float
    kind: str
    country: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Leg:
    """One stretch of a route between two stops, before it is divided into links.

    Parameters
    ----------
    route
        Row of the table of routes.
    u, v
        Rows of its nodes.
    line
        Vertices (n, 2) in degrees, from `u` to `v`.
    schematic
        Whether the line is straight, except around water and borders, because no better is known.
    slopes
        Terrain under the line.
    drawn_m
        Geodesic length of the line.
    unbent
        1 for a straight line, 0 for a line with its own bends; for a line around water, the share
        of the bends hidden by a straight line that the detour does not show.
    """

    route: int
    u: int
    v: int
    line: Float64Array
    schematic: bool
    slopes: Slopes
    drawn_m: float
    unbent: float


def find_legs(
    routes: pd.DataFrame,
    stops: pd.DataFrame,
    crossings: pd.DataFrame,
    trunk: gpd.GeoDataFrame,
    *,
    elevation: Raster,
    area: StudyArea,
    land: OwnLand | None = None,
) -> tuple[list[Node], Sides, list[Leg]]:
    """Nodes of all stops, those at crossings, and the legs between them, not yet measured.

    Parameters
    ----------
    land
        Land on which legs stay; without it, legs are drawn over water too.

    Raises
    ------
    DataError
        When a stop names no known crossing, a route has no leg, or two routes share one.
    """
    country = dict(zip(routes["route"], routes["country"], strict=True))
    by_route = stops_by_route(stops if land is None else move_to_land(stops, country, land))
    nodes, sides = crossing_nodes(by_route, country, crossings)
    draughtsman = Draughtsman(Skeleton(trunk, area), ElevationProfile(elevation), land)
    legs: list[Leg] = []
    taken: dict[frozenset[int], str] = {}
    for row, route in enumerate(routes["route"]):
        code = country[route]
        if len(by_route.get(route, ())) < 2:
            raise DataError("road_stops.route", route, "Give this route at least two stops.")
        stops_at = [
            sides[stop["crossing"], code] if stop["crossing"] else place_stop(nodes, stop, code)
            for stop in by_route[route]
        ]
        for u, v in pairwise(stops_at):
            other = taken.setdefault(frozenset((u, v)), route)
            if u == v or other != route:
                remedy = f"This leg of {route} is also in {other}: list it once."
                raise DataError("road_stops.name", (nodes[u].name, nodes[v].name), remedy)
            legs.append(draughtsman.leg(nodes, u, v, route=row))
    return nodes, sides, legs


def move_to_land(stops: pd.DataFrame, country: dict[str, str], land: OwnLand) -> pd.DataFrame:
    """Stops, moved to the land of the country of their route unless they are crossings."""
    moved = stops.assign(x=stops["x"].astype(float), y=stops["y"].astype(float))
    codes = stops["route"].map(country)
    for code in sorted(codes.dropna().unique()):
        own = (codes == code) & (stops["crossing"] == "")
        ashore = land.ashore(moved.loc[own, "x"].to_numpy(), moved.loc[own, "y"].to_numpy(), code)
        moved.loc[own, ["x", "y"]] = ashore
    return moved


def stops_by_route(stops: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """Group the stops by route, in order."""
    grouped: dict[str, list[dict[str, Any]]] = {}
    for stop in stops.sort_values(["route", "seq"]).to_dict("records"):
        grouped.setdefault(stop["route"], []).append({str(k): v for k, v in stop.items()})
    return grouped


def crossing_nodes(
    by_route: dict[str, list[dict[str, Any]]], country: dict[str, str], crossings: pd.DataFrame
) -> tuple[list[Node], Sides]:
    """One node for each side of each crossing that a road reaches, named for its town.

    Each side is moved away from the border and from the stops across it.

    Parameters
    ----------
    by_route
        Stops in order by the name of their route.
    country
        Country of each route.
    crossings
        Table of crossings, as in `geodata.sources.layers.schema.SCHEMAS`.

    Raises
    ------
    DataError
        When a stop names a crossing that is not among them.
    """
    known = {row["id"]: row for row in crossings.to_dict("records")}
    beside: dict[tuple[str, str], list[Point]] = {}
    for route, stops in by_route.items():
        for here, stop in enumerate(stops):
            if not stop["crossing"]:
                continue
            if stop["crossing"] not in known:
                raise DataError("road_stops.crossing", stop["crossing"], "Add it to crossings.")
            near = stops[max(here - 1, 0) : here] + stops[here + 1 : here + 2]
            side = beside.setdefault((stop["crossing"], country[route]), [])
            side += [(other["x"], other["y"]) for other in near]
    nodes: list[Node] = []
    sides: Sides = {}
    for (crossing, code), points in sorted(beside.items()):
        row = known[crossing]
        across = row["country_b"] if code == row["country_a"] else row["country_a"]
        back = np.mean(beside.get((crossing, across), [(row["x"], row["y"])]), axis=0)
        azimuth, _, _ = GEOD.inv(*back, *np.mean(points, axis=0))
        x, y, _ = GEOD.fwd(row["x"], row["y"], azimuth, SETBACK_M)
        sides[crossing, code] = len(nodes)
        town = row["town_a"] if code == row["country_a"] else row["town_b"]
        nodes.append(Node(float(x), float(y), "crossing", code, town))
    return nodes, sides


def place_stop(nodes: list[Node], stop: dict[str, Any], country: str) -> int:
    """Row of the node of a stop: an existing node, or a new one, which is added.

    A stop is at an existing node of its country when that has the same name and lies within
    `SAME_NAME_M`, or lies within `SAME_PLACE_M`.
    """
    near = [
        row
        for row, node in enumerate(nodes)
        if node.country == country and node.kind != "crossing" and abs(node.y - stop["y"]) < 0.1
    ]
    best, nearest = np.inf, -1
    for row in near:
        node = nodes[row]
        away = float(geodesic(stop["x"], stop["y"], node.x, node.y))
        if away <= (SAME_NAME_M if node.name == stop["name"] else SAME_PLACE_M) and away < best:
            best, nearest = away, row
    if nearest < 0:
        nearest = len(nodes)
        nodes.append(Node(stop["x"], stop["y"], stop["kind"], country, stop["name"]))
    return nearest


@dataclass(frozen=True)
class Draughtsman:
    """Draws legs: along the skeleton where it has the bends, or else straight, over land.

    Parameters
    ----------
    skeleton
        Main roads; every leg is straight when left out.
    terrain
        Elevation under the legs.
    land
        Land on which legs stay, or None.
    """

    skeleton: Skeleton | None
    terrain: ElevationProfile
    land: OwnLand | None = None

    def leg(self, nodes: list[Node], u: int, v: int, *, route: int) -> Leg:
        """Draw a leg between two nodes.

        Parameters
        ----------
        u, v
            Rows of `nodes`.
        route
            Row of its route; -1 for an assumed road.
        """
        start, end = nodes[u][:2], nodes[v][:2]
        bends = None if self.skeleton is None else self.skeleton.path(start, end)
        line = np.array([start, end]) if bends is None else bends
        if self.land is not None:
            line = self.land.along(line, nodes[u].country)
        return Leg(
            route=route,
            u=u,
            v=v,
            line=line,
            schematic=bends is None,
            slopes=self.terrain.along(line),
            drawn_m=length(line),
            unbent=0.0 if bends is not None else _unbent(line),
        )


def _unbent(line: Float64Array) -> float:
    """Share of the bends hidden by a straight line that its detour does not show."""
    direct = max(length(line[[0, -1]]), 1.0)
    return float(max(0.0, 1.0 - (length(line) / direct - 1.0) / HIDDEN_BENDS))


class Skeleton:
    """Junctions of main roads and the straight edges between them.

    Parameters
    ----------
    trunk
        Edges as LineStrings of two points, degrees WGS 84.
    area
        Study area, whose metric CRS is used for distances.
    """

    def __init__(self, trunk: gpd.GeoDataFrame, area: StudyArea) -> None:
        ends = shapely.get_coordinates(trunk.geometry.to_numpy())
        self.points: Float64Array
        self.points, node = np.unique(ends, axis=0, return_inverse=True)
        edges = node.reshape(-1, 2)
        self._area = area
        self._metres = np.column_stack(area.project(self.points[:, 0], self.points[:, 1]))
        reach = self._metres[edges]
        lengths = np.hypot(*(reach[:, 0] - reach[:, 1]).T)
        short = lengths <= LONGEST_EDGE_M
        u, v = edges[short].T
        count = len(self.points)
        weights = np.maximum(lengths[short], 1.0)
        self._graph = weighted_graph(weights, u, v, count)
        self._tree = cKDTree(self._metres)

    def path(self, start: Point, end: Point) -> Float64Array | None:
        """Bends of the skeleton between two stops, or None when it has no better line.

        Returns
        -------
        array of shape (n, 2), degrees, from stop to stop. It meets the skeleton within
        `SNAP_M` of the stops, is at most `DETOUR` times the straight line, and stays in a
        corridor around that.
        """
        stops = np.column_stack(self._area.project(*np.array([start, end]).T))
        one, other = stops
        straight = float(np.hypot(*(other - one)))
        snapped, nodes = map(np.asarray, self._tree.query(stops))
        first, last = nodes.tolist()
        if snapped.max() > min(SNAP_M, CORRIDOR * straight) or first == last:
            return None
        chain = self._shortest(first, last, limit=DETOUR * straight)
        if chain is None:
            return None
        chain = self._trimmed(self._trimmed(chain, one)[::-1], other)[::-1]
        if self._strays(chain, stops, straight):
            return None
        line = np.vstack([start, self.points[chain], end])
        kept = np.r_[True, np.any(np.diff(line, axis=0) != 0.0, axis=1)]
        bends: Float64Array = line[kept]
        return bends

    def _shortest(self, start: int, end: int, *, limit: float) -> list[int] | None:
        distance, previous = dijkstra(
            self._graph,
            directed=False,
            indices=np.array([start]),
            limit=limit,
            return_predecessors=True,
        )
        if not np.isfinite(distance[0, end]):
            return None
        return chain_to(previous[0], start, end)

    def _trimmed(self, chain: list[int], stop: Float64Array) -> list[int]:
        """Drop the beginning of a path for as long as it leads back past the stop."""
        metres = self._metres
        while len(chain) > 1:
            ahead = metres[chain[1]]
            if np.hypot(*(ahead - stop)) >= np.hypot(*(ahead - metres[chain[0]])):
                break
            chain = chain[1:]
        return chain

    def _strays(self, chain: list[int], stops: Float64Array, straight: float) -> bool:
        """Whether the path leaves the corridor or, with its ends, is too long."""
        line = np.vstack([stops[:1], self._metres[chain], stops[1:]])
        along = float(np.hypot(*np.diff(line, axis=0).T).sum())
        direct = shapely.LineString(stops)
        aside = float(shapely.distance(shapely.points(line), direct).max())
        return along > DETOUR * straight or aside > max(CORRIDOR * straight, LEAST_CORRIDOR_M)
