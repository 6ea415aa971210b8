"""A scenario: what is asked, checked; and its result."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from importlib.metadata import version
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from geodata.area import StudyArea
from geodata.errors import InputError, NoPathError
from geodata.network import Network
from routes.band import check_slack, find_band, to_destinations
from routes.corridors import (
    SPREAD_SHARE,
    Demand,
    Flow,
    band_table,
    corridor_table,
    load_demand,
    pair_shares,
    sequence_shares,
    unit_usage,
)
from routes.density import flow_density
from routes.edits import Edit, Stop, edited, layered, stop_at
from routes.endpoints import Located, locate
from routes.gateways import gateway_usage
from routes.impedance import generalised_cost
from routes.profiles import Profile
from routes.reach import explain_no_path
from routes.remoteness import network_arcs
from routes.search import Arcs, Tree

SHOWN_USAGE = 0.002
"""Links and corridors below this share of flow are left out of tables."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What is asked.

    Parameters
    ----------
    profile
        The flow, with its origins and destinations.
    slack
        How much dearer than the best a path may be, as a share of the best.
    slack_hours
        The same in risk-adjusted hours; it takes the place of `slack` when given.
    edits
        Things closed, avoided or strengthened.
    via
        Things that every path must pass, in this order.
    """

    profile: Profile
    slack: float = 0.15
    slack_hours: float | None = None
    edits: tuple[Edit, ...] = ()
    via: tuple[str, ...] = ()

    def record(self) -> dict[str, Any]:
        """All that decides the result, as JSON."""
        profile = self.profile
        ends = {
            name: [asdict(end) for end in group]
            for name, group in (
                ("origins", profile.origins),
                ("destinations", profile.destinations),
            )
        }
        return {
            "profile": profile.name,
            "title": profile.title,
            "slack": self.slack,
            "slack_hours": self.slack_hours,
            "edits": [asdict(edit) for edit in self.edits],
            "via": list(self.via),
            "rates": dict(profile.rates),
            "weights": dict(profile.weights),
            "fees": dict(profile.fees),
            "theta": profile.theta,
            "best_share": profile.best_share,
            "pairs": [asdict(pair) for pair in profile.pairs],
            **ends,
            "sources": dict(profile.sources),
        }


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
    density: npt.NDArray[np.float32]
    area: StudyArea
    provenance: dict[str, Any]


class Router:
    """Answers scenarios on one network, keeping what they share."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._costs: dict[str, Floats] = {}
        self._kept: tuple[Ways, tuple[str, ...], Tree] | None = None

    @cached_property
    def arcs(self) -> Arcs:
        """Arcs of the network."""
        return network_arcs(self.network)

    def cost(self, profile: Profile) -> Floats:
        """Generalised cost of each arc for a profile."""
        if profile.name not in self._costs:
            self._costs[profile.name] = generalised_cost(self.network, self.arcs, profile)
        return self._costs[profile.name]

    def flow(
        self, scenario: Scenario, *, cost: Floats | None = None, detail: float = SPREAD_SHARE
    ) -> tuple[Flow, list[dict[str, Any]]]:
        """Flow of a scenario, and how its ends were found.

        Parameters
        ----------
        cost
            Cost of each arc before edits; that of the profile when not given.
        detail
            Families below this share of their origin are not spread over the links.

        Raises
        ------
        InputError
            When the slack, an end or a name in an edit is wrong.
        NoPathError
            When an origin reaches no destination.
        """
        check_slack(scenario.slack)
        profile = scenario.profile
        ends = [locate(self.network, e, field="to") for e in profile.destinations]
        starts = [locate(self.network, e, field="from") for e in profile.origins]
        ways = self._ways(scenario, self.cost(profile) if cost is None else cost)
        flow = Flow.empty(self.arcs, len(self.network.links))
        for demand in _demands(profile, starts, ends):
            self._load(flow, scenario, ways, *demand, detail=detail)
        return flow, [_snapped(self.network, end) for end in (*starts, *ends)]

    def _ways(self, scenario: Scenario, free: Floats) -> Ways:
        """Arcs and costs of a scenario, with a layer more for each thing to be passed."""
        cost = edited(self.network, self.arcs, free, scenario.edits, field="edit")
        stops = [stop_at(self.network, self.arcs, name, field="via") for name in scenario.via]
        if not stops:
            return Ways(arcs=self.arcs, cost=cost, stops=[])
        return Ways(arcs=layered(self.arcs, stops), cost=np.tile(cost, len(stops) + 1), stops=stops)

    def _load(
        self,
        flow: Flow,
        scenario: Scenario,
        ways: Ways,
        start: Located,
        ends: list[Located],
        share: float,
        *,
        detail: float,
    ) -> None:
        """Add what one origin sends to its destinations."""
        home = self._home(ways, ends)
        origins = ways.first(start.nodes)
        slack = scenario.slack
        if scenario.slack_hours is not None:
            best = float(home.cost[origins].min())
            slack = check_slack(scenario.slack_hours / best if 0 < best < np.inf else 0.0)
        destinations = ways.last(np.concatenate([end.nodes for end in ends]))
        try:
            band = find_band(ways.arcs, ways.cost, origins, destinations, slack=slack, home=home)
        except NoPathError as error:
            raise NoPathError("from", start.name, self._why(scenario, ways, start, ends)) from error
        except InputError as error:
            raise InputError(error.field, start.name, error.remedy) from error
        demand = Demand(
            origin=start.name,
            destinations={int(node): end.name for end in ends for node in end.nodes},
            share=share,
            theta=scenario.profile.theta,
            best_share=scenario.profile.best_share,
        )
        load_demand(self.network, self.arcs, band, flow, demand, detail=detail)

    def _why(self, scenario: Scenario, ways: Ways, start: Located, ends: list[Located]) -> str:
        """Why no path was found: what is cut off, or what cannot be passed."""
        cost = ways.cost[: len(self.arcs.head)]
        destinations = np.concatenate([end.nodes for end in ends])
        if (
            ways.stops
            and np.isfinite(
                to_destinations(self.arcs, cost, destinations, np.zeros(len(destinations))).cost[
                    start.nodes
                ]
            ).any()
        ):
            return f"No path passes {', then '.join(scenario.via)}; leave one of them out."
        return explain_no_path(self.network, self.arcs, cost, start.nodes, destinations)

    def _home(self, ways: Ways, ends: list[Located]) -> Tree:
        """Tree to some destinations; the last one is kept, for origins that share it."""
        names = tuple(end.name for end in ends)
        if self._kept is None or self._kept[0] is not ways or self._kept[1] != names:
            nodes = ways.last(np.concatenate([end.nodes for end in ends]))
            entry = np.concatenate([np.full(len(end.nodes), end.entry) for end in ends])
            self._kept = (ways, names, to_destinations(ways.arcs, ways.cost, nodes, entry))
        return self._kept[2]

    def run(self, scenario: Scenario) -> Result:
        """Corridors, usage, gateways and exposure of a scenario."""
        flow, ends = self.flow(scenario)
        network = self.network
        corridors = corridor_table(network, self.arcs, flow.corridors, least=SHOWN_USAGE)
        segments = _segments(network, flow, self.arcs, corridors)
        return Result(
            corridors=corridors,
            bands=band_table(network, flow, corridors),
            segments=segments,
            gateways=gateway_usage(network, sequence_shares(flow.corridors)),
            admin=_admin(network, self.arcs, flow),
            density=flow_density(network, flow.link).astype(np.float32),
            area=network.area,
            provenance={
                "vereda": version("vereda"),
                "scenario": scenario.record(),
                "ends": ends,
                "pairs": pair_shares(network, flow.corridors),
                "network": network.digest,
                "inputs": network.meta.get("sources", []),
                "usage_listed": float(corridors["usage"].sum()),
                "reading": "Usage is a share of modelled flow, not a probability of trafficking.",
            },
        )


@dataclass(frozen=True, kw_only=True)
class Ways:
    """Arcs and costs of a scenario.

    Parameters
    ----------
    arcs, cost
        In layers when there are things to be passed.
    stops
        Things to be passed, in order.
    """

    arcs: Arcs
    cost: Floats
    stops: list[Stop]

    def first(self, nodes: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
        """Origins in the first layer, or further up when they lie in things to be passed."""
        layer = np.zeros(len(nodes), np.int32)
        for number, stop in enumerate(self.stops):
            layer += (layer == number) & stop.nodes[nodes]
        return np.asarray(nodes + layer * self._nodes, np.int32)

    def last(self, nodes: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
        """Destinations in the last layer."""
        return np.asarray(nodes + len(self.stops) * self._nodes, np.int32)

    @property
    def _nodes(self) -> int:
        return self.arcs.n // (len(self.stops) + 1)


def _demands(
    profile: Profile, starts: list[Located], ends: list[Located]
) -> list[tuple[Located, list[Located], float]]:
    """What flows from where to where: by pair, or from each origin to any destination."""
    if not profile.pairs:
        total = sum(start.demand for start in starts)
        return [(start, ends, start.demand / total) for start in starts]
    total = sum(pair.demand for pair in profile.pairs)
    start_of = {start.name: start for start in starts}
    end_of = {end.name: end for end in ends}
    return [
        (start_of[pair.origin], [end_of[pair.destination]], pair.demand / total)
        for pair in sorted(profile.pairs, key=lambda pair: pair.destination)
    ]


def with_ends(
    profile: Profile, origins: list[Any], destinations: list[Any], *, slack: float
) -> Scenario:
    """A scenario of a profile between ends of one's own; empty lists keep the profile's."""
    return Scenario(profile=profile.between(tuple(origins), tuple(destinations)), slack=slack)


def _snapped(network: Network, end: Located) -> dict[str, Any]:
    return {"name": end.name, "nodes": len(end.nodes), "snap_m": round(end.snap_m, 1)}


def _segments(
    network: Network, flow: Flow, arcs: Arcs, corridors: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Links above `SHOWN_USAGE`, with their attributes."""
    rows = np.flatnonzero(flow.link >= SHOWN_USAGE)
    links = network.links.iloc[rows]
    leading = [flow.corridors[row].gateways for row in flow.corridor[rows]]
    ids = dict(zip(_sequences(network, corridors), corridors["id"], strict=True))
    hours = (links["seconds_uv"] + links["seconds_vu"]).to_numpy(float) / 7200
    text = ("mode", "class", "ref", "name", "country", "admin1", "crossing", "gateway")
    return gpd.GeoDataFrame(
        {
            "id": [f"L{row}" for row in rows],
            "corridor": [ids.get(gateways, "") for gateways in leading],
            **{column: links[column].astype(str).to_numpy() for column in text},
            "usage": flow.link[rows],
            "slack": flow.slack[rows],
            "hours": hours,
            "km": links["length_m"].to_numpy(float) / 1000,
            "remoteness": links["remoteness"].to_numpy(float),
            "weakness": links["weakness"].to_numpy(float),
        },
        geometry=network.lines(rows),
        crs="OGC:CRS84",
    )


def _sequences(network: Network, corridors: gpd.GeoDataFrame) -> list[tuple[int, ...]]:
    number = {identity: row for row, identity in enumerate(network.gateways["id"])}
    return [tuple(number[i] for i in text.split("; ") if i) for text in corridors["gateways"]]


def _admin(network: Network, arcs: Arcs, flow: Flow) -> gpd.GeoDataFrame:
    """Units with the share of flow whose corridor passes them, and their exposure.

    Exposure is usage times weakness times people.
    """
    shares = unit_usage(network, arcs, flow)
    exposure = shares * network.admin["weakness"] * network.admin["people"]
    return network.admin.assign(usage=shares, exposure=exposure)
