"""The router: answers scenarios on one network and keeps the data that scenarios share."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np

from geodata.arrays import Float32Array
from geodata.computing.tasks import Check, computed_once, unhindered
from geodata.errors import InputError, require_kind
from geodata.network.network import Network
from routes.corridors.band_lookup import BandLookup
from routes.corridors.corridor import corridor_shares
from routes.corridors.errands import errands_of, load_errands
from routes.corridors.loading import SPREAD_SHARE, Flow
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
from routes.scenario.costs.kept_costs import KeptCosts
from routes.scenario.edited_costs import Closings, blame_closing
from routes.scenario.ends.endpoints import Located, require_distinct, settle_all, settling_fault
from routes.scenario.ends.kept_ends import KeptEnds
from routes.scenario.ends.usable_nodes import Footing
from routes.scenario.profiles import Profile
from routes.scenario.scenario import Scenario
from routes.search.arcs import Arcs
from routes.search.network_arcs import network_arcs


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
        self._kept = KeptCosts(network)
        self._ends = KeptEnds(network)

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
        """Compute what all scenarios share, before several threads need it at the same time.

        Examples
        --------
        >>> from routes import Router, load_network
        >>> Router(load_network("network")).prepare()
        """
        _ = self.impedance, self._band_lookup, self.arcs.layout.forward, self.arcs.layout.backward

    def cost(self, profile: Profile | Draw) -> Float32Array:
        """Generalised cost of each arc for a profile, or for a draw of one; shape (m,).

        Parameters
        ----------
        profile
            The profile; a mode without a rate is closed, and its arcs cost infinitely much.

        Examples
        --------
        >>> from routes import Router, load_network, load_profile
        >>> router = Router(load_network("network"))
        >>> cost = router.cost(load_profile("migrants-north"))
        >>> len(cost) == len(router.arcs.head)
        True
        """
        return self.impedance.cost(profile)

    def check(self, scenario: Scenario, *, check: Check = unhindered) -> None:
        """Look up every name in a scenario without answering it.

        Parameters
        ----------
        scenario
            The question.
        check
            Called before each look-up; an exception that it raises ends the work.

        Raises
        ------
        InputError
            When an end or a name in an edit is wrong, or when an origin is a destination.

        Examples
        --------
        >>> from routes import Router, Scenario, load_network, load_profile
        >>> router = Router(load_network("network"))
        >>> router.check(Scenario(profile=load_profile("migrants-north")))
        """
        starts, ends = self.ends(scenario, check=check)
        costed = self._costed(scenario, None, check=check)
        for errand in errands_of(self.network, scenario.profile, starts, ends):
            errand.require_apart(costed)

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
        scenario
            The question.
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

        Examples
        --------
        >>> from routes import Router, Scenario, load_network, load_profile
        >>> router = Router(load_network("network"))
        >>> flow, places = router.flow(Scenario(profile=load_profile("migrants-north")))
        >>> round(sum(corridor.usage for corridor in flow.corridors), 3)
        1.0
        """
        check()
        starts, ends = self.ends(scenario, check=check)
        check()
        costed = self._costed(scenario, cost, check=check)
        loads = load_errands(
            self._band_lookup, costed, errands_of(self.network, scenario.profile, starts, ends),
            scenario, closings=lambda: self._closings(scenario, check), detail=detail,
            threads=threads or self.threads, check=check,
        )  # fmt: skip
        flow = Flow(arcs=self.arcs, links=len(self.network.links))
        for load in loads:
            flow.add(load)
        return flow, [end.record(self.network) for end in (*starts, *ends)]

    def brief(self, scenario: Scenario, *, check: Check = unhindered) -> CorridorAnswer:
        """Corridors and gateways of a scenario; see `flow` for what is raised.

        Parameters
        ----------
        scenario
            The question.
        check
            Function called every few milliseconds; an exception that it raises ends the work.

        Examples
        --------
        >>> from routes import Router, Scenario, load_network, load_profile
        >>> router = Router(load_network("network"))
        >>> answer = router.brief(Scenario(profile=load_profile("migrants-north")))
        >>> answer.corridors["rank"].head(3).tolist()
        [1, 2, 3]
        """
        flow, ends = self.flow(scenario, detail=np.inf, check=check)
        check()
        return self._listed(scenario, flow, ends)

    def run(self, scenario: Scenario, *, check: Check = unhindered) -> Result:
        """Corridors, usage, nearness and exposure of a scenario; see `flow` for what is raised.

        Parameters
        ----------
        scenario
            The question.
        check
            Function called every few milliseconds; an exception that it raises ends the work.

        Examples
        --------
        >>> from routes import Router, Scenario, load_network, load_profile
        >>> router = Router(load_network("network"))
        >>> result = router.run(Scenario(profile=load_profile("migrants-north")))
        >>> result.gateways["rank"].head(3).tolist()
        [1, 2, 3]
        """
        flow, ends = self.flow(scenario, check=check)
        near = self.nearness(scenario, check=check)
        network, answer = self.network, self._listed(scenario, flow, ends)
        corridors = answer.corridors
        gateways, near_gateways = list_gateways(network, answer.gateways, near.gateway)
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
            scenario=scenario,
            provenance=answer.provenance | {"nearness": nearness_record()},
        )

    def _listed(self, scenario: Scenario, flow: Flow, ends: list[dict[str, Any]]) -> CorridorAnswer:
        """Corridors and gateways of a flow, and where it came from."""
        network = self.network
        listed = corridor_table(network, self.arcs, flow.corridors, least=SHOWN_USAGE)
        return CorridorAnswer(
            listed=listed,
            passed=gateway_usage(network, corridor_shares(flow.corridors)),
            provenance=provenance(network, scenario, flow, listed, ends),
        )

    def nearness(self, scenario: Scenario, *, check: Check = unhindered) -> Nearness:
        """How near to the best a path through each thing comes; see `flow` for what is raised.

        Parameters
        ----------
        scenario
            The question.
        check
            Function called every few milliseconds; an exception that it raises ends the work.

        Examples
        --------
        >>> from routes import Router, Scenario, load_network, load_profile
        >>> router = Router(load_network("network"))
        >>> near = router.nearness(Scenario(profile=load_profile("migrants-north")))
        >>> len(near.gateway.nearness) == len(router.network.gateways)
        True
        """
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
        if cost is not None:
            return CostedNetwork.of(self.network, self.arcs, cost, scenario, check=check)
        return self._kept.of(self.arcs, self.cost, scenario, check=check)

    def ends(
        self, scenario: Scenario, *, check: Check = unhindered
    ) -> tuple[list[Located], list[Located]]:
        """Origins and destinations of a scenario, at nodes that its flow may use.

        Parameters
        ----------
        scenario
            The question.
        check
            Called before each look-up; an exception that it raises ends the work.

        Raises
        ------
        InputError
            When an end or a name in an edit is wrong, when two origins or two destinations are the
            same place, or when the flow can use no node near an end.

        Examples
        --------
        >>> from routes import Router, Scenario, load_network, load_profile
        >>> router = Router(load_network("network"))
        >>> starts, ends = router.ends(Scenario(profile=load_profile("migrants-north")))
        >>> all(len(end.nodes) for end in (*starts, *ends))
        True
        """
        require_question(self, scenario)
        profile, network = scenario.profile, self.network
        ends = self._ends.seek(profile, profile.destinations, field="to")
        starts = self._ends.seek(profile, profile.origins, field="from")
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
        """Nodes where the flow of a scenario may begin and end.

        Parameters
        ----------
        scenario
            The question.

        Examples
        --------
        >>> from routes import Router, Scenario, load_network, load_profile
        >>> router = Router(load_network("network"))
        >>> router.footing(Scenario(profile=load_profile("migrants-north"))).modes
        ('road', 'trail', 'river', 'transfer')
        """
        return self._costed(scenario, None).footing

    def _closings(self, scenario: Scenario, check: Check) -> Closings:
        """Closings of a scenario."""
        return Closings(
            network=self.network, arcs=self.arcs, free=self.cost(scenario.profile),
            edits=scenario.edits, check=check,
        )  # fmt: skip
