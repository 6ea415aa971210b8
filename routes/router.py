"""The router: answers scenarios on one network and keeps the data that scenarios share."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np
from cachetools import LRUCache

from geodata.arrays import Float32Array
from geodata.computing.tasks import Check, computed_once, in_order, unhindered
from geodata.errors import InputError, NoPathError, VeredaError, require_kind
from geodata.network.network import Network
from routes.corridors.band_lookup import BandLookup
from routes.corridors.corridor import corridor_shares
from routes.corridors.errands import Errand, errands_of
from routes.corridors.loading import (
    SPREAD_SHARE,
    Flow,
    LoadedDemand,
    load_demand,
)
from routes.corridors.premium import Holdings, Nearness, find_nearness
from routes.results.corridor_table import corridor_table
from routes.results.density import flow_density
from routes.results.exposure import exposure_table
from routes.results.gateway_table import gateway_usage
from routes.results.nearness_table import list_gateways, nearness_record, place_table, with_nearness
from routes.results.provenance import provenance
from routes.results.result import CorridorAnswer, Result
from routes.results.segment_table import SHOWN_USAGE, band_table, segment_table
from routes.scenario.costs.costed_network import CostedNetwork
from routes.scenario.costs.draws import Draw
from routes.scenario.costs.impedance import Impedance
from routes.scenario.demand import Endpoint
from routes.scenario.edited_costs import Closings, blame_closing
from routes.scenario.ends.endpoints import (
    Located,
    Sought,
    require_distinct,
    seek,
    settle_all,
    settling_fault,
)
from routes.scenario.ends.usable_nodes import Footing
from routes.scenario.profiles import Profile, is_shipped
from routes.scenario.scenario import Scenario
from routes.search.arcs import Arcs
from routes.search.band import Band, Ends, find_band, find_corridor
from routes.search.network_arcs import network_arcs
from routes.search.slack import as_share

KEPT_COSTED = 6
"""Number of costed networks that are kept, each some twenty bytes an arc."""
LAYERED_COSTED = 4
"""A costed network with stops, which has its own layout of the arcs, counts as this many."""
KEPT_ENDS = 256
"""Number of ends whose nodes are kept."""


def require_question(router: object, scenario: object) -> None:
    """Refuse a router or scenario of another type, such as the two in the wrong order.

    Raises
    ------
    InputError
        When `router` is not a Router, or `scenario` is not a Scenario.
    """
    remedy = "Give a router, such as Router(load_network('network'))."
    require_kind(router, Router, field="router", remedy=remedy)
    remedy = "Give a scenario, such as Scenario(profile=load_profile('cocaine-north'))."
    require_kind(scenario, Scenario, field="scenario", remedy=remedy)


class Router:
    """Answers scenarios on one network; safe to share between threads.

    Parameters
    ----------
    network
        The network.
    threads
        Threads for both trees of a corridor, for places that send flow, or for draws.

    Raises
    ------
    InputError
        When `network` is not a Network, or `threads` is below 1.

    Examples
    --------
    >>> from routes import Router, Scenario, load_network, load_profile
    >>> router = Router(load_network("network"))
    >>> answer = router.brief(Scenario(profile=load_profile("migrants-north"), slack=0.1))
    >>> round(float(answer.corridors["usage"].iloc[0]), 2)
    0.06
    """

    def __init__(self, network: Network, *, threads: int = 2) -> None:
        remedy = "Give a network, such as load_network('network')."
        require_kind(network, Network, field="network", remedy=remedy)
        remedy = "Give a whole number, one at least."
        require_kind(threads, Integral, field="threads", remedy=remedy)
        if threads < 1:
            raise InputError("threads", threads, remedy)
        self.network = network
        self.threads = threads
        self._kept: LRUCache[str, CostedNetwork] = LRUCache(
            KEPT_COSTED, lambda costed: LAYERED_COSTED if costed.stops else 1
        )
        self._sought_ends: LRUCache[str, Sought] = LRUCache(KEPT_ENDS)
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"<Router of {self.network.area.name}: {self.threads} threads>"

    @computed_once
    def arcs(self) -> Arcs:
        """Arcs of the network."""
        return network_arcs(self.network)

    @computed_once
    def impedance(self) -> Impedance:
        """The inputs of the costs of the arcs."""
        return Impedance.of(self.network, self.arcs)

    @computed_once
    def _band_lookup(self) -> BandLookup:
        """Gateways, countries and cells of the network's links and nodes."""
        return BandLookup.of(self.network)

    @computed_once
    def _holdings(self) -> Holdings:
        """The nodes and links in each gateway, unit and cell of the network."""
        return Holdings.of(self.network)

    def prepare(self) -> None:
        """Compute what all scenarios share, before several threads need it at the same time."""
        _ = self.impedance, self._band_lookup, self.arcs.layout.forward, self.arcs.layout.backward

    def cost(self, profile: Profile | Draw) -> Float32Array:
        """Generalised cost of each arc for a profile, or for a draw of one."""
        return self.impedance.cost(profile)

    def check(self, scenario: Scenario, *, check: Check = unhindered) -> None:
        """Look up every name in a scenario without answering it.

        Parameters
        ----------
        check
            Called before each look-up; an exception that it raises ends the work.

        Raises
        ------
        InputError
            When an end or a name in an edit is wrong.
        """
        self.ends(scenario, check=check)

    def flow(
        self,
        scenario: Scenario,
        *,
        cost: Float32Array | None = None,
        detail: float = SPREAD_SHARE,
        threads: int | None = None,
        check: Check = unhindered,
    ) -> tuple[Flow, list[dict[str, Any]]]:
        """Flow of a scenario, and the places where its ends lie on the network.

        Parameters
        ----------
        cost
            Cost of each arc before edits; by default the cost under the profile.
        detail
            Families below this share of their origin are not spread over the links; above 1, no
            family is spread.
        threads
            Number of threads, by default that of the router. The result does not depend on it.
        check
            Function called every few milliseconds; an exception that it raises ends the work.

        Raises
        ------
        InputError
            When an end or a name in an edit is wrong.
        NoPathError
            When an origin reaches no destination.
        """
        check()
        starts, ends = self.ends(scenario, check=check)
        check()
        profile = scenario.profile
        costed = self._costed(scenario, cost, check=check)
        errands = errands_of(self.network, profile, starts, ends)
        tree_threads = (threads or self.threads) if len(errands) == 1 else 0

        def load(errand: Errand) -> LoadedDemand:
            check()
            demand = errand.demand(profile)
            hours_above_best = demand.hours_sought() if detail > 1 else np.inf
            try:
                band = self._band(
                    scenario, costed, errand, threads=tree_threads,
                    hours_above_best=hours_above_best,
                )  # fmt: skip
            except NoPathError as error:
                closings = self._closings(scenario, check)
                raise costed.no_path(errand.part, errand.destinations, closings) from error
            return load_demand(self._band_lookup, band, demand, detail=detail, check=check)

        flow = Flow(arcs=self.arcs, links=len(self.network.links))
        for loaded in in_order(load, errands, threads=threads or self.threads):
            flow.add(loaded)
        return flow, [end.record(self.network) for end in (*starts, *ends)]

    def brief(self, scenario: Scenario, *, check: Check = unhindered) -> CorridorAnswer:
        """Corridors and gateways of a scenario; see `flow` for what is raised."""
        flow, ends = self.flow(scenario, detail=np.inf, check=check)
        check()
        listed = corridor_table(self.network, self.arcs, flow.corridors, least=SHOWN_USAGE)
        return CorridorAnswer(
            listed=listed,
            passed=gateway_usage(self.network, corridor_shares(flow.corridors)),
            provenance=provenance(self.network, scenario, flow, listed, ends),
        )

    def run(self, scenario: Scenario, *, check: Check = unhindered) -> Result:
        """Corridors, usage, nearness and exposure of a scenario; see `flow` for what is raised."""
        flow, ends = self.flow(scenario, check=check)
        network = self.network
        near = self.nearness(scenario, check=check)
        listed = corridor_table(network, self.arcs, flow.corridors, least=SHOWN_USAGE)
        corridors = listed.frame
        shares = corridor_shares(flow.corridors)
        gateways, near_gateways = list_gateways(network, shares, near.gateway)
        segments = segment_table(network, flow, corridors)
        return Result(
            corridors=corridors,
            bands=band_table(network, flow, corridors),
            segments=with_nearness(segments, near.link.at(flow.link >= SHOWN_USAGE)),
            gateways=gateways,
            near_gateways=near_gateways,
            admin=with_nearness(exposure_table(network, flow), near.unit),
            places=place_table(network, near.node),
            density=flow_density(network, flow.link).astype(np.float32),
            nearness=near.cell.nearness.reshape(network.area.shape).astype(np.float32),
            network=network,
            provenance=provenance(network, scenario, flow, listed, ends)
            | {"nearness": nearness_record()},
        )

    def nearness(self, scenario: Scenario, *, check: Check = unhindered) -> Nearness:
        """How near to the best a path through each thing comes; see `flow` for what is raised."""
        errands = errands_of(self.network, scenario.profile, *self.ends(scenario, check=check))
        costed = self._costed(scenario, None, check=check)
        return find_nearness(
            self._holdings, costed, errands, closings=self._closings(scenario, check),
            threads=self.threads, check=check,
        )  # fmt: skip

    def _costed(
        self, scenario: Scenario, cost: Float32Array | None, *, check: Check = unhindered
    ) -> CostedNetwork:
        """Arcs and costs of a scenario; those of recent scenarios are kept."""
        network, arcs = self.network, self.arcs
        if cost is not None:
            return CostedNetwork.of(network, arcs, cost, scenario, check=check)
        profile = scenario.profile
        parts = (profile.rates, profile.weights, profile.fees,
                 [edit.record() for edit in scenario.edits], scenario.via)  # fmt: skip
        key = json.dumps(parts, default=dict)
        with self._lock:
            costed = self._kept.get(key)
        if costed is None:
            # No lock is held here, so that other scenarios are answered meanwhile: with stops this
            # takes seconds, and two threads may compute the same one.
            costed = CostedNetwork.of(network, arcs, self.cost(profile), scenario, check=check)
            with self._lock:
                self._kept[key] = costed
        return costed

    def ends(
        self, scenario: Scenario, *, check: Check = unhindered
    ) -> tuple[list[Located], list[Located]]:
        """Origins and destinations of a scenario, at nodes that its flow may use.

        Parameters
        ----------
        check
            Called before each look-up; an exception that it raises ends the work.

        Raises
        ------
        InputError
            When an end or a name in an edit is wrong, when two origins or two destinations are the
            same place, or when the flow can use no node near an end.
        """
        require_question(self, scenario)
        profile, network = scenario.profile, self.network
        ends = self._seek_all(profile, profile.destinations, field="to")
        starts = self._seek_all(profile, profile.origins, field="from")
        require_distinct(starts, field="from")
        require_distinct(ends, field="to")
        footing = self._costed(scenario, None, check=check).footing
        try:
            return settle_all(network, starts, ends, footing)
        except InputError as error:

            def fault(cost: Float32Array) -> InputError | None:
                return settling_fault(network, starts, ends, Footing.of(network, self.arcs, cost))

            raise blame_closing(error, self._closings(scenario, check), fault) from error

    def footing(self, scenario: Scenario) -> Footing:
        """Nodes where the flow of a scenario may begin and end."""
        return self._costed(scenario, None).footing

    def _closings(self, scenario: Scenario, check: Check) -> Closings:
        """Closings of a scenario."""
        return Closings(
            network=self.network, arcs=self.arcs, free=self.cost(scenario.profile),
            edits=scenario.edits, check=check,
        )  # fmt: skip

    def _seek_all(self, profile: Profile, ends: Sequence[Endpoint], *, field: str) -> list[Sought]:
        """Nodes nearest to all origins or all destinations of a profile."""
        try:
            return [self._seek(end, field=field) for end in ends]
        except VeredaError as error:
            if not is_shipped(ends):
                raise
            side = "origins" if field == "from" else "destinations"
            remedy = f"Its own {side} are not in {self.network.area.name}: give others."
            raise InputError(field, profile.name, remedy) from error

    def _seek(self, end: Endpoint, *, field: str) -> Sought:
        """Nodes nearest to an end; those of recent ends are kept."""
        key = json.dumps([end.name, end.demand, end.entry, end.at, end.path], default=dict)
        with self._lock:
            sought = self._sought_ends.get(key)
        if sought is None:
            sought = seek(self.network, end, field=field)
            with self._lock:
                self._sought_ends[key] = sought
        return sought

    def _band(
        self,
        scenario: Scenario,
        costed: CostedNetwork,
        errand: Errand,
        *,
        threads: int,
        hours_above_best: float,
    ) -> Band:
        """Band of an errand, from a kept tree or from two trees that guide each other.

        Parameters
        ----------
        threads
            Number of threads for the only errand of a scenario, 0 for a scenario with several
            errands.
        hours_above_best
            Hours above the best path beyond which arcs are left out of the band.
        """
        start, slack = errand.part, scenario.slack
        once = bool(threads) and scenario.slack_hours is None
        inbound = costed.tree_to(errand.destinations, once=once)
        origins = costed.origin_nodes(start.nodes)
        if inbound is not None:
            best = float(inbound.label[costed.arcs.layout.places(origins)].min())
            if scenario.slack_hours is not None:
                slack = as_share(scenario.slack_hours, best)
        destinations, ending = costed.destination_nodes(errand.destinations)
        ends = Ends(origins=origins, destinations=destinations, ending=ending)
        arcs, weights = costed.arcs, costed.weights
        try:
            if inbound is not None:
                return find_band(
                    arcs, weights, ends, slack=slack, inbound=inbound,
                    hours_above_best=hours_above_best,
                )  # fmt: skip
            return find_corridor(
                arcs, weights, ends, slack=slack, hours_above_best=hours_above_best, threads=threads
            )
        except InputError as error:
            raise InputError(error.field, start.name, error.remedy) from error
