"""The road network: numbered roads as ordered stops, and the local roads to the other towns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.area.geodesy import length, sample
from geodata.area.grid import Raster
from geodata.area.study_area import StudyArea
from geodata.arrays import Float64Array
from geodata.builder.roads.alignment.own_land import OwnLand
from geodata.builder.roads.alignment.sinuosity import FITTED, ElevationProfile, Sinuosity, fit
from geodata.builder.roads.alignment.winding import speed
from geodata.builder.roads.junctions import with_junctions
from geodata.builder.roads.legs import SETBACK_M, Draughtsman, Leg, Node, Sides, find_legs
from geodata.builder.roads.spanning_forest import Dry, dry_ways, places_off_road, spanning_forest
from geodata.builder.study_grid import StudyGrid
from geodata.errors import DataError
from geodata.sources.area_file import Roads, default_roads
from geodata.sources.layers import Layers, shapes, table

LINK_COLUMNS = (
    "u", "v", "class", "surface", "length_m", "straight_m", "seconds_uv", "seconds_vu",
    "ref", "name", "country", "crossing", "schematic", "geometry",
)  # fmt: skip
SPACING_M = 2500.0


@dataclass(frozen=True)
class RoadNetwork:
    """Nodes and links of the roads.

    Parameters
    ----------
    nodes
        Columns x, y, kind (junction, place, crossing), country, name. A side of a crossing
        has the name of its town.
    links
        Columns `LINK_COLUMNS`; `u` and `v` are row numbers of `nodes`. `ref` is the
        road's number, `name` the route of the table it belongs to. A crossing's `ref` is
        its id and its `name` that of the crossing.
    """

    nodes: pd.DataFrame
    links: gpd.GeoDataFrame


def national_roads(
    layers: Layers, grid: StudyGrid, places: pd.DataFrame, rules: Roads
) -> RoadNetwork:
    """Roads of a table: the numbered ones, and local ones to the studied places.

    Parameters
    ----------
    places
        x, y, name, country, population.
    """
    elevation = layers.raster("elevation")
    land = OwnLand(shapes(layers, "countries"), grid.area)
    network = road_network(
        layers.frame("road_routes"),
        layers.frame("road_stops"),
        table(layers, "crossings"),
        shapes(layers, "trunk"),
        elevation=elevation,
        area=grid.area,
        rules=rules,
        land=land,
    )
    studied = places[places["country"].isin(grid.area.countries)]
    unit = grid.admin1[grid.area.cell_of(studied["x"], studied["y"])]
    iso = np.append(grid.units["iso"].to_numpy(object), "")
    joined = local_roads(
        studied.assign(admin1=iso[unit]),
        network,
        draughtsman=Draughtsman(None, ElevationProfile(elevation), land),
        dry=dry_ways(grid),
        area=grid.area,
        rules=rules,
    )
    return RoadNetwork(*with_junctions(joined.nodes, joined.links, grid.area))


def road_network(
    routes: pd.DataFrame,
    stops: pd.DataFrame,
    crossings: pd.DataFrame,
    trunk: gpd.GeoDataFrame,
    *,
    elevation: Raster,
    area: StudyArea,
    rules: Roads | None = None,
    land: OwnLand | None = None,
) -> RoadNetwork:
    """Roads as a network of nodes no more than `SPACING_M` apart.

    A stop that several routes share is one node. A formal crossing is two nodes, one a
    country, joined by a link of class ``crossing``; every other link stays in the country
    of its route. A leg follows the trunk skeleton where the skeleton has its bends, and is a
    straight line (``schematic``) elsewhere. Its length is that of the line times the sinuosity of
    the terrain; a route of known length has its legs scaled to that.

    Parameters
    ----------
    routes, stops, crossings
        The tables ``road_routes``, ``road_stops`` and ``crossings`` of the bundle.
    trunk
        The layer ``trunk``.
    elevation
        Elevation in metres, for the terrain.
    rules
        Speeds, and the pattern of a road's number; by default those that ship with Vereda.
    land
        Land on which roads stay, see `geodata.builder.roads.alignment.own_land`.

    Raises
    ------
    DataError
        When a stop names no known crossing, a route has no leg, or two routes share one.
    """
    rules = rules or default_roads()
    routes = routes.reset_index(drop=True)
    nodes, sides, legs = find_legs(
        routes, stops, crossings, trunk, elevation=elevation, area=area, land=land
    )
    factors = leg_factors(legs, routes, FITTED)
    records = routes.to_dict("records")
    links = crossing_links(nodes, sides, crossings, rules)
    for leg, factor in zip(legs, factors, strict=True):
        winding = FITTED.winding(leg.slopes)
        links += divide(nodes, leg, records[leg.route], factor=factor, winding=winding, rules=rules)
    return assemble(nodes, links)


def leg_factors(legs: list[Leg], routes: pd.DataFrame, sinuosity: Sinuosity) -> Float64Array:
    """Road length over drawn length of each leg.

    If the route's length is known, the excess over the drawn length is scaled, so that the legs add
    up to the known length and no leg is shorter than its line.

    Raises
    ------
    DataError
        When a known length is less than that of the line through the stops.
    """
    drawn = np.array([leg.drawn_m for leg in legs])
    route = np.array([leg.route for leg in legs])
    excess = np.array([sinuosity.of(leg.slopes, unbent=leg.unbent) for leg in legs]) - 1.0
    count = len(routes)
    spare = known_metres(routes) - np.bincount(route, drawn, minlength=count)
    if (spare < 0.0).any():
        first = routes.iloc[int(np.argmax(spare < 0.0))]
        remedy = f"The stops of {first['route']} are farther apart: mend the length or the stops."
        raise DataError("road_routes.length_km", first["length_km"], remedy)
    scale = spare / np.bincount(route, drawn * excess, minlength=count)
    factors: Float64Array = 1.0 + excess * np.where(np.isnan(scale), 1.0, scale)[route]
    return factors


def known_metres(routes: pd.DataFrame) -> Float64Array:
    """Length of each route in metres, NaN where it is not known."""
    return pd.to_numeric(routes["length_km"], errors="coerce").to_numpy(np.float64) * 1000.0


def divide(
    nodes: list[Node],
    leg: Leg,
    route: Mapping[Any, Any],
    *,
    factor: float,
    winding: float,
    rules: Roads,
) -> list[dict[str, Any]]:
    """Links of a leg, no longer than `SPACING_M` as drawn; the nodes between them are added.

    Parameters
    ----------
    nodes
        Those of the roads so far, to which those between the links are added.
    route
        Its name, class, surface and country.
    factor
        Length on the ground over the drawn length.
    winding
        Share of the length that the terrain adds.
    rules
        Rules of ``[roads]``: they have the speeds.

    Returns
    -------
    list of dict
        Lengths in metres, times in seconds; `u` and `v` are rows of `nodes`.
    """
    points = sample(leg.line, SPACING_M)
    between = [Node(x, y, "junction", route["country"], "") for x, y in points[1:-1].tolist()]
    rows = [leg.u, *range(len(nodes), len(nodes) + len(between)), leg.v]
    nodes += between
    number = re.match(rules.number, route["route"]) if rules.number else None
    pace = 3.6 / speed(rules, route["class"], route["surface"], winding)
    links = []
    for at in range(len(rows) - 1):
        line = points[at : at + 2]
        straight = length(line)
        links.append(
            {
                "u": rows[at], "v": rows[at + 1],
                "class": route["class"], "surface": route["surface"],
                "length_m": straight * factor, "straight_m": straight,
                "seconds_uv": straight * factor * pace, "seconds_vu": straight * factor * pace,
                "ref": number.group() if number else "", "name": route["route"],
                "country": route["country"], "crossing": "", "schematic": leg.schematic,
                "geometry": shapely.LineString(line),
            }
        )  # fmt: skip
    return links


def crossing_links(
    nodes: list[Node], sides: Sides, crossings: pd.DataFrame, rules: Roads
) -> list[dict[str, Any]]:
    """Links over the border between the two sides of each formal crossing.

    Parameters
    ----------
    nodes, sides
        Nodes and sides from `geodata.builder.roads.legs.crossing_nodes`.
    crossings
        Table of crossings; a crossing without one of its sides is left out.
    rules
        Rules of ``[roads]``: they have the speeds.
    """
    links = []
    seconds = SETBACK_M * 2 * 3.6 / speed(rules, "crossing", "paved", 0.0)
    for row in crossings.to_dict("records"):
        u, v = (sides.get((row["id"], row[side])) for side in ("country_a", "country_b"))
        if u is None or v is None:
            continue
        line = np.array([nodes[u][:2], nodes[v][:2]])
        links.append(
            {
                "u": u, "v": v, "class": "crossing", "surface": "paved",
                "length_m": 2 * SETBACK_M, "straight_m": length(line),
                "seconds_uv": seconds, "seconds_vu": seconds,
                "ref": row["id"], "name": row["name"], "country": "",
                "crossing": "formal", "schematic": True, "geometry": shapely.LineString(line),
            }
        )  # fmt: skip
    return links


def local_roads(
    places: pd.DataFrame,
    network: RoadNetwork,
    *,
    draughtsman: Draughtsman,
    dry: Dry,
    area: StudyArea,
    rules: Roads | None = None,
) -> RoadNetwork:
    """Add assumed local roads to places that no numbered road reaches.

    Nearly every town has a road that no list contains. Each such place is joined by the least
    spanning forest (`geodata.builder.roads.spanning_forest`): class ``local``, unpaved,
    `schematic`.

    Parameters
    ----------
    places
        x, y, name, country, admin1, population.
    draughtsman
        Draws the roads.
    dry
        Function whether straight ways stay on land, see
        `geodata.builder.roads.spanning_forest.spanning_forest`.
    rules
        Speeds, people and reach in km of local roads; some administrative units that truly have no
        roads have their own values. By default, the rules that ship with Vereda.
    """
    rules = rules or default_roads()
    wanted = places[places["population"] >= rules.reach.people]
    apart = places_off_road(wanted, network.nodes, area)
    reach = apart["admin1"].astype(str).map(rules.reach.within).fillna(rules.reach.km)
    u, v = spanning_forest(
        apart, network.nodes, area, reach_m=np.asarray(reach, np.float64) * 1000.0, dry=dry
    )
    nodes = [Node(*row) for row in network.nodes.itertuples(index=False)]
    at = {row: row for row in np.r_[u, v].tolist() if row < len(network.nodes)}
    for row in np.unique(np.r_[u, v]).tolist():
        if row not in at:
            town = apart.iloc[row - len(network.nodes)]
            at[row] = len(nodes)
            nodes.append(Node(town["x"], town["y"], "place", town["country"], town["name"]))
    pairs = [(at[a], at[b]) for a, b in zip(u.tolist(), v.tolist(), strict=True)]
    before = [{str(k): v for k, v in link.items()} for link in network.links.to_dict("records")]
    return assemble(nodes, before + spur_links(nodes, pairs, draughtsman, rules))


def spur_links(
    nodes: list[Node], pairs: list[tuple[int, int]], draughtsman: Draughtsman, rules: Roads
) -> list[dict[str, Any]]:
    """Links of assumed local roads between pairs of nodes.

    Parameters
    ----------
    nodes
        Nodes of the roads so far; the nodes between the links are added.
    pairs
        Rows of `nodes`.
    draughtsman
        Draws the roads.
    rules
        Rules of ``[roads]``: they have the speeds.
    """
    links = []
    for u, v in pairs:
        leg = draughtsman.leg(nodes, u, v, route=-1)
        road = {"route": "", "class": "local", "surface": "unpaved", "country": nodes[u].country}
        factor = FITTED.of(leg.slopes, unbent=leg.unbent)
        winding = FITTED.winding(leg.slopes)
        links += divide(nodes, leg, road, factor=factor, winding=winding, rules=rules)
    return links


def assemble(nodes: list[Node], links: list[dict[str, Any]]) -> RoadNetwork:
    """Tables of nodes and links."""
    return RoadNetwork(
        nodes=pd.DataFrame(nodes, columns=list(Node._fields)),
        links=gpd.GeoDataFrame(links, columns=list(LINK_COLUMNS), crs="EPSG:4326"),
    )


def refit(
    routes: pd.DataFrame,
    stops: pd.DataFrame,
    crossings: pd.DataFrame,
    trunk: gpd.GeoDataFrame,
    *,
    elevation: Raster,
    area: StudyArea,
    land: OwnLand | None = None,
) -> Sinuosity:
    """Fit the sinuosity to routes of known length, with `geodata.builder.roads.alignment.fit`."""
    routes = routes.reset_index(drop=True)
    _, _, legs = find_legs(
        routes, stops, crossings, trunk, elevation=elevation, area=area, land=land
    )
    return fit(
        route=np.array([leg.route for leg in legs]),
        drawn_m=np.array([leg.drawn_m for leg in legs]),
        slopes=[leg.slopes for leg in legs],
        unbent=np.array([leg.unbent for leg in legs]),
        known_m=known_metres(routes),
    )


def mode_of(links: pd.DataFrame) -> pd.Series:
    """Whether each link is a road or a trail; without a column that says it, all are roads."""
    return links["mode"] if "mode" in links else pd.Series("road", index=links.index)
