"""The router: answers scenarios on one network, keeping what they share."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
from cachetools import LRUCache

from geodata.errors import InputError, NoPathError
from geodata.network import Network
from routes.band import Band, check_slack, find_band, to_destinations
from routes.corridors import (
    SPREAD_SHARE,
    Demand,
    Flow,
    corridor_table,
    load_demand,
    pair_shares,
    sequence_shares,
)
from routes.density import flow_density
from routes.edits import Stop, edited, layered, stop_at
from routes.endpoints import Located, locate
from routes.exposure import exposure_table
from routes.families import Check, unhindered
from routes.gateways import gateway_usage
from routes.impedance import generalised_cost
from routes.profiles import Profile
from routes.reach import explain_no_path
from routes.remoteness import network_arcs
from routes.scenario import Result, Scenario
from routes.search import Arcs, Tree, Weights, prepare
from routes.segments import SHOWN_USAGE, band_table, segment_table

KEPT_WAYS = 6
"""Weightings of the network that are kept, each some twenty bytes an arc."""
KEPT_TREES = 12
"""Trees to destinations that are kept: moving an origin about asks for the same one again."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Brief:
    """The corridors of a scenario without the maps: what a live answer needs.

    Parameters
    ----------
    corridors, gateways, provenance
        As in `Result`.
    """

    corridors: gpd.GeoDataFrame
    gateways: gpd.GeoDataFrame
    provenance: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Ways:
    """Arcs and costs of a scenario.

    Parameters
    ----------
    weights
        Costs, laid out; in layers when there are things to be passed.
    stops
        Things to be passed, in order.
    names
        Their names.
    homes
        Trees to destinations by what they lead to.
    growing
        Held while such a tree grows, so that nobody grows it twice.
    """

    weights: Weights
    stops: list[Stop]
    names: tuple[str, ...]
    homes: LRUCache[bytes, Tree] = field(default_factory=lambda: LRUCache(KEPT_TREES))
    growing: threading.Lock = field(default_factory=threading.Lock)

    @property
    def arcs(self) -> Arcs:
        """The arcs."""
        return self.weights.arcs

    def first(self, nodes: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
        """Origins in the first layer, or further up when they lie in things to be passed."""
        layer = np.zeros(len(nodes), np.int32)
        for number, stop in enumerate(self.stops):
            layer += (layer == number) & stop.nodes[nodes]
        return np.asarray(nodes + layer * self._nodes, np.int32)

    def last(self, nodes: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
        """Destinations in the last layer."""
        return np.asarray(nodes + len(self.stops) * self._nodes, np.int32)

    def home(self, ends: list[Located]) -> Tree:
        """Tree to some destinations; the last ones are kept."""
        nodes = self.last(np.concatenate([end.nodes for end in ends]))
        entry = np.concatenate([np.full(len(end.nodes), end.entry) for end in ends])
        key = nodes.tobytes() + entry.tobytes()
        with self.growing:
            found = self.homes.get(key)
            if found is None:
                found = to_destinations(self.arcs, self.weights, nodes, entry)
                self.homes[key] = found
        return found

    @property
    def _nodes(self) -> int:
        return self.arcs.n // (len(self.stops) + 1)


class Router:
    """Answers scenarios on one network; safe to share between threads.

    Parameters
    ----------
    network
        The network.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self._kept: LRUCache[str, Ways] = LRUCache(KEPT_WAYS)
        self._lock = threading.Lock()

    @cached_property
    def arcs(self) -> Arcs:
        """Arcs of the network."""
        return network_arcs(self.network)

    def cost(self, profile: Profile) -> Floats:
        """Generalised cost of each arc for a profile."""
        return generalised_cost(self.network, self.arcs, profile)

    def flow(
        self,
        scenario: Scenario,
        *,
        cost: Floats | None = None,
        detail: float = SPREAD_SHARE,
        check: Check = unhindered,
    ) -> tuple[Flow, list[dict[str, Any]]]:
        """Flow of a scenario, and how its ends were found.

        Parameters
        ----------
        cost
            Cost of each arc before edits; that of the profile when not given.
        detail
            Families below this share of their origin are not spread over the links; above 1,
            none is.
        check
            Called every few milliseconds; what it raises ends the work.

        Raises
        ------
        InputError
            When an end or a name in an edit is wrong.
        NoPathError
            When an origin reaches no destination.
        """
        profile = scenario.profile
        ends = [locate(self.network, e, field="to") for e in profile.destinations]
        starts = [locate(self.network, e, field="from") for e in profile.origins]
        ways = self._ways(scenario) if cost is None else self._weighed(scenario, cost)
        flow = Flow.empty(self.arcs, len(self.network.links))
        for start, aims, share in _demands(profile, starts, ends):
            for part in start.parts(self.network):
                band = self._band(scenario, ways, part, aims)
                fraction = part.demand / start.demand
                demand = Demand(
                    origin=start.name,
                    destinations={int(node): end.name for end in aims for node in end.nodes},
                    share=share * fraction,
                    part=fraction,
                    theta=profile.theta,
                    best_share=profile.best_share,
                )
                load_demand(self.network, self.arcs, band, flow, demand, detail=detail, check=check)
        return flow, [_snapped(self.network, end) for end in (*starts, *ends)]

    def brief(self, scenario: Scenario, *, check: Check = unhindered) -> Brief:
        """Corridors and gateways of a scenario; see `flow` for what is raised."""
        flow, ends = self.flow(scenario, detail=np.inf, check=check)
        corridors = corridor_table(self.network, self.arcs, flow.corridors, least=SHOWN_USAGE)
        return Brief(
            corridors=corridors,
            gateways=gateway_usage(self.network, sequence_shares(flow.corridors)),
            provenance=self._provenance(scenario, flow, corridors, ends),
        )

    def run(self, scenario: Scenario, *, check: Check = unhindered) -> Result:
        """Corridors, usage, gateways and exposure of a scenario; see `flow` for what is raised."""
        flow, ends = self.flow(scenario, check=check)
        network = self.network
        corridors = corridor_table(network, self.arcs, flow.corridors, least=SHOWN_USAGE)
        return Result(
            corridors=corridors,
            bands=band_table(network, flow, corridors),
            segments=segment_table(network, flow, corridors),
            gateways=gateway_usage(network, sequence_shares(flow.corridors)),
            admin=exposure_table(network, flow),
            density=flow_density(network, flow.link).astype(np.float32),
            area=network.area,
            provenance=self._provenance(scenario, flow, corridors, ends),
        )

    def _provenance(
        self,
        scenario: Scenario,
        flow: Flow,
        corridors: gpd.GeoDataFrame,
        ends: list[dict[str, Any]],
    ) -> dict[str, Any]:
        return {
            "vereda": version("vereda"),
            "scenario": scenario.record(),
            "ends": ends,
            "pairs": pair_shares(self.network, flow.corridors),
            "network": self.network.digest,
            "inputs": self.network.meta.get("sources", []),
            "usage_listed": float(corridors["usage"].sum()),
            "reading": "Usage is a share of modelled flow, not a probability of trafficking.",
        }

    def _ways(self, scenario: Scenario) -> Ways:
        """Arcs and costs of a scenario; the last ones are kept."""
        profile = scenario.profile
        parts = (profile.rates, profile.weights, profile.fees,
                 [edit.record() for edit in scenario.edits], scenario.via)  # fmt: skip
        key = json.dumps(parts, default=dict)
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                found = self._weighed(scenario, self.cost(profile))
                self._kept[key] = found
        return found

    def _weighed(self, scenario: Scenario, free: Floats) -> Ways:
        """Arcs and costs, with a layer more for each thing to be passed."""
        cost = edited(self.network, self.arcs, free, scenario.edits)
        stops = [stop_at(self.network, self.arcs, name, field="via") for name in scenario.via]
        arcs = layered(self.arcs, stops) if stops else self.arcs
        weights = prepare(arcs, np.tile(cost, len(stops) + 1))
        return Ways(weights=weights, stops=stops, names=scenario.via)

    def _band(self, scenario: Scenario, ways: Ways, start: Located, ends: list[Located]) -> Band:
        """Band of one origin."""
        home = ways.home(ends)
        origins = ways.first(start.nodes)
        slack = scenario.slack
        if scenario.slack_hours is not None:
            best = float(home.label[ways.arcs.layout.places(origins)].min())
            slack = check_slack(scenario.slack_hours / best if 0 < best < np.inf else 0.0)
        destinations = ways.last(np.concatenate([end.nodes for end in ends]))
        try:
            return find_band(ways.arcs, ways.weights, origins, destinations, slack=slack, home=home)
        except NoPathError as error:
            raise NoPathError("from", start.name, self._why(ways, start, ends)) from error
        except InputError as error:
            raise InputError(error.field, start.name, error.remedy) from error

    def _why(self, ways: Ways, start: Located, ends: list[Located]) -> str:
        """Why no path was found: what is cut off, or what cannot be passed."""
        cost = ways.weights.cost[: len(self.arcs.head)].astype(float)
        destinations = np.concatenate([end.nodes for end in ends])
        if ways.stops:
            freely = to_destinations(self.arcs, cost, destinations, np.zeros(len(destinations)))
            if np.isfinite(freely.cost[start.nodes]).any():
                return f"No path passes {', then '.join(ways.names)}; leave one of them out."
        return explain_no_path(self.network, self.arcs, cost, start.nodes, destinations)


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


def _snapped(network: Network, end: Located) -> dict[str, Any]:
    """How an end was found: the nodes of a layer are told by their middle."""
    x, y = (float(network.nodes[name].to_numpy()[end.nodes].mean()) for name in ("x", "y"))
    return {
        "name": end.name,
        "nodes": len(end.nodes),
        "snap_m": round(end.snap_m, 1),
        "x": round(x, 5),
        "y": round(y, 5),
    }
