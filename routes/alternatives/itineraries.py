"""Itineraries: alternatives on a network, as tables and lines that name what they pass."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.arrays import Float32Array, Int32Array
from geodata.computing.tasks import Check, unhindered
from geodata.errors import InputError, NoPathError
from geodata.network.network import Network
from routes.alternatives.criteria import AlternativeCriteria
from routes.alternatives.plateaus import Alternative, Place, search_plateaus
from routes.corridors.gateways import link_gateways
from routes.results.corridor_table import path_line
from routes.router import Router, require_question
from routes.scenario.edited_costs import edited
from routes.scenario.ends.endpoints import Located, names_by_node
from routes.scenario.scenario import Scenario
from routes.search.arcs import Arcs
from routes.search.network_arcs import arc_hours
from routes.search.trees import path_nodes
from routes.search.unreachable import explain_no_path

MODES_SHOWN = ("road", "trail", "river", "sea")
ROADS = 3
"""Number of roads named for each alternative; those followed longest are named."""
COLUMNS = (
    "id", "rank", "name", "cost", "slack", "sharing", "plateau", "hours", "km", "km_road",
    "km_trail", "km_river", "km_sea", "gateways", "roads", "countries", "origin", "destination",
)  # fmt: skip


def find_alternatives(
    router: Router,
    scenario: Scenario,
    *,
    criteria: AlternativeCriteria | None = None,
    check: Check = unhindered,
) -> list[Alternative]:
    """Alternatives from any origin of a scenario to any of its destinations, cheapest first.

    Parameters
    ----------
    router
        Holds the network.
    scenario
        Its profile and its edits count; how much dearer a way may be is in `criteria`.
    criteria
        What an alternative has to satisfy; the usual when not given.
    check
        Called often; what it raises ends the search.

    Returns
    -------
    The best path, then up to ``criteria.most - 1`` others; fewer when fewer qualify.

    Raises
    ------
    InputError
        When an end or an edit is wrong, an origin is a destination, or the scenario names things
        to pass.
    NoPathError
        When no destination can be reached; the message says which part is cut off.

    Examples
    --------
    >>> from routes import Router, Scenario, find_alternatives, load_network, load_profile
    >>> router = Router(load_network("network"))
    >>> ways = find_alternatives(router, Scenario(profile=load_profile("migrants-north")))
    >>> [round(way.slack, 2) for way in ways]
    [0.0, 0.07, 0.12, 0.15]
    """
    require_question(router, scenario)
    if scenario.via:
        remedy = "An alternative passes where it likes: leave out what ways must pass."
        raise InputError("via", list(scenario.via), remedy)
    network, arcs = router.network, router.arcs
    starts, ends = router.ends(scenario, check=check)
    free = router.cost(scenario.profile)
    return alternatives_between(
        network, arcs, edited(network, arcs, free, scenario.edits, check=check), starts, ends,
        criteria=criteria or AlternativeCriteria(), check=check,
    )  # fmt: skip


def alternatives_between(
    network: Network,
    arcs: Arcs,
    cost: Float32Array,
    origins: Sequence[Located],
    destinations: Sequence[Located],
    *,
    criteria: AlternativeCriteria,
    check: Check = unhindered,
) -> list[Alternative]:
    """Alternatives from any of the origins to any of the destinations.

    Parameters
    ----------
    check
        Function called often during the search; an exception that it raises ends the search.

    Raises
    ------
    InputError
        When an origin is a destination.
    NoPathError
        When no destination can be reached; the message says which part is cut off.

    Examples
    --------
    >>> from routes import AlternativeCriteria, Router, Scenario, load_network, load_profile
    >>> from routes.alternatives import alternatives_between
    >>> router = Router(load_network("network"))
    >>> profile = load_profile("migrants-north")
    >>> ends = router.ends(Scenario(profile=profile))
    >>> criteria = AlternativeCriteria(most=2)
    >>> ways = alternatives_between(
    ...     router.network, router.arcs, router.cost(profile), *ends, criteria=criteria
    ... )
    >>> [round(way.slack, 2) for way in ways]
    [0.0, 0.07]
    """
    starts = np.concatenate([origin.nodes for origin in origins])
    ends = np.concatenate([end.nodes for end in destinations])
    entry = np.concatenate([np.full(len(end.nodes), end.entry) for end in destinations])
    east, north = network.area.project(network.nodes["x"], network.nodes["y"])
    length = network.links["length_m"].to_numpy(np.float64)[arcs.link]
    place = Place(east=east, north=north, length=length)
    names = ", ".join(origin.name for origin in origins)
    try:
        doubles = cost.astype(np.float64)
        return search_plateaus(
            arcs, doubles, starts, ends, place=place, criteria=criteria, entry=entry, check=check
        )
    except NoPathError as error:
        remedy = explain_no_path(network, arcs, cost, starts, ends)
        raise NoPathError("from", names, remedy) from error
    except InputError as error:
        if error.field != "from":
            raise
        raise InputError("from", names, error.remedy) from error


def alternative_table(
    network: Network,
    arcs: Arcs,
    alternatives: Sequence[Alternative],
    origins: Sequence[Located],
    destinations: Sequence[Located],
) -> gpd.GeoDataFrame:
    """One row an alternative, cheapest first, with columns `COLUMNS` and its line.

    Parameters
    ----------
    network, arcs
        The network, and its arcs as in `Router.arcs`.
    alternatives
        What `find_alternatives` returned.
    origins, destinations
        Ends of the scenario, from `Router.ends`.

    Examples
    --------
    >>> from routes import AlternativeCriteria, Router, Scenario, alternative_table
    >>> from routes import find_alternatives, load_network, load_profile
    >>> router = Router(load_network("network"))
    >>> scenario = Scenario(profile=load_profile("migrants-north"))
    >>> ways = find_alternatives(router, scenario, criteria=AlternativeCriteria(most=2))
    >>> ends = router.ends(scenario)
    >>> table = alternative_table(router.network, router.arcs, ways, *ends)
    >>> table[["rank", "km", "hours"]].round(1)
       rank     km  hours
    0     1  441.3    7.7
    1     2  556.6    9.5
    """
    hours = arc_hours(network, arcs)
    start_of = {int(node): origin.name for origin in origins for node in origin.nodes}
    end_of = names_by_node(destinations)
    rows = [
        {
            "rank": rank,
            "hours": float(hours[way.path].sum()),
            **_measures(way),
            **_itinerary(
                network, arcs, way.path, origin=start_of[int(arcs.tail[way.path[0]])],
                destination=end_of[int(arcs.head[way.path[-1]])],
            ),
        }
        for rank, way in enumerate(alternatives, 1)
    ]  # fmt: skip
    return gpd.GeoDataFrame(
        rows, columns=[*COLUMNS, "geometry"], geometry="geometry", crs="OGC:CRS84"
    )


def _measures(way: Alternative) -> dict[str, float]:
    """Columns of how a way compares with the best and with those before it."""
    return {name: getattr(way, name) for name in ("cost", "slack", "sharing", "plateau")}


def _itinerary(
    network: Network, arcs: Arcs, path: Int32Array, *, origin: str, destination: str
) -> dict[str, object]:
    """Columns of what a path passes: gateways, roads and countries, and kilometres by mode."""
    links = network.links.iloc[arcs.link[path]]
    km = links.groupby("mode", observed=True)["length_m"].sum() / 1000
    passed = passed_gateways(network, arcs, path)
    names = list(network.gateways["name"].iloc[passed])
    roads = main_roads(links)
    return {
        "id": _identity(network, arcs, path),
        "name": " - ".join(names) or " - ".join(roads) or f"{origin} - {destination}",
        "km": float(links["length_m"].sum() / 1000),
        **{f"km_{mode}": float(km.get(mode, 0.0)) for mode in MODES_SHOWN},
        "gateways": "; ".join(network.gateways["id"].iloc[passed]),
        "roads": ", ".join(roads),
        "countries": " ".join(_countries(network, arcs, path)),
        "origin": origin,
        "destination": destination,
        "geometry": path_line(network, arcs, path),
    }


def stretches(
    network: Network, arcs: Arcs, alternatives: Sequence[Alternative]
) -> gpd.GeoDataFrame:
    """One line for each stretch of one mode, with the `rank` of its alternative from 1."""
    ranks, modes, lines = [], [], []
    for rank, way in enumerate(alternatives, 1):
        mode = network.links["mode"].astype(str).to_numpy(object)[arcs.link[way.path]]
        turns = np.flatnonzero(mode[1:] != mode[:-1]) + 1
        for part in np.split(np.arange(len(mode)), turns):
            ranks.append(rank)
            modes.append(str(mode[part[0]]))
            lines.append(path_line(network, arcs, way.path[part]))
    return gpd.GeoDataFrame({"rank": ranks, "mode": modes}, geometry=lines, crs="OGC:CRS84")


def passed_gateways(network: Network, arcs: Arcs, path: Int32Array) -> list[int]:
    """Rows of the gateways on a path in order of passing, each listed once."""
    passed = arc_gateways(network, arcs)[path]
    return list(dict.fromkeys(passed[passed >= 0].tolist()))


def gateway_points(
    network: Network, arcs: Arcs, alternatives: Sequence[Alternative]
) -> gpd.GeoDataFrame:
    """The gateways passed, each where the best alternative that passes it does so."""
    gateway = arc_gateways(network, arcs)
    arc_of: dict[int, int] = {}
    for way in alternatives:
        for arc in way.path[gateway[way.path] >= 0].tolist():
            arc_of.setdefault(int(gateway[arc]), arc)
    lines = network.lines(arcs.link[list(arc_of.values())])
    frame = network.gateways.iloc[list(arc_of)][["id", "name", "kind"]]
    points = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    return gpd.GeoDataFrame(frame, geometry=points, crs="OGC:CRS84")


def arc_gateways(network: Network, arcs: Arcs) -> Int32Array:
    """Row of ``network.gateways`` of each arc, -1 for none; shape (m,)."""
    return np.asarray(link_gateways(network)[arcs.link])


def main_roads(links: pd.DataFrame) -> list[str]:
    """Numbers of the roads that some links follow longest."""
    ref = links["ref"].astype(str)
    metres = links["length_m"].groupby(ref).sum()
    metres = metres[metres.index.str.contains(r"\d")]
    return [str(ref) for ref in metres.sort_values(ascending=False, kind="stable").index[:ROADS]]


def _countries(network: Network, arcs: Arcs, path: Int32Array) -> list[str]:
    passed = network.nodes["country"].iloc[path_nodes(arcs, path)].astype(str)
    return [code for code in pd.unique(passed) if code]


def _identity(network: Network, arcs: Arcs, path: Int32Array) -> str:
    """Stable id of a path: the same links of the same network always give the same id."""
    text = network.digest.encode() + np.ascontiguousarray(arcs.link[path], "<i4").tobytes()
    return hashlib.sha256(text).hexdigest()[:12]
