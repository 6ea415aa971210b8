"""Errands: the flow that leaves one place, with the destinations where it may end, and its band."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from geodata.computing.tasks import Check, in_order
from geodata.errors import InputError, NoPathError
from geodata.network.network import Network
from routes.corridors.band_lookup import BandLookup
from routes.corridors.choice.family_choice import FamilyChoice
from routes.corridors.loading import Demand, LoadedDemand, load_demand
from routes.scenario.costs.costed_network import CostedNetwork
from routes.scenario.edited_costs import Closings
from routes.scenario.ends.endpoints import Located, names_by_node
from routes.scenario.profiles import Profile
from routes.scenario.scenario import Scenario
from routes.search.band import Band, Ends, find_band, find_corridor
from routes.search.refusals import require_apart
from routes.search.slack import as_share


@dataclass(frozen=True, kw_only=True)
class Errand:
    """Flow from one place to some destinations.

    Parameters
    ----------
    part
        The place where the flow begins: an origin or a part of one.
    destinations
        Destinations where the flow may end.
    share
        Share of all flow that leaves the whole origin.
    fraction
        Share of the origin's flow that leaves this place.
    """

    part: Located
    destinations: Sequence[Located]
    share: float
    fraction: float

    def demand(self, profile: Profile) -> Demand:
        """The errand as a demand on the nodes of its band."""
        return Demand(
            origin=self.part.name,
            destinations=names_by_node(self.destinations),
            share=self.share * self.fraction,
            part=self.fraction,
            choice=FamilyChoice(
                model=profile.model, theta=profile.theta, best_share=profile.best_share
            ),
        )

    def require_apart(self, costed: CostedNetwork) -> None:
        """Refuse an origin that is a destination, as `band` does, without seeking a path.

        Raises
        ------
        InputError
            When the origin is a destination.
        """
        destinations, _ = costed.destination_nodes(self.destinations)
        origins = costed.origin_nodes(self.part.nodes)
        require_apart(origins, destinations, origin=self.part.name)

    def band(
        self, scenario: Scenario, costed: CostedNetwork, *, threads: int, hours_above_best: float
    ) -> Band:
        """Band of the errand, from a kept tree or from two trees that guide each other.

        Parameters
        ----------
        scenario, costed
            The scenario, and its arcs and costs.
        threads
            Number of threads for the only errand of a scenario, 0 for a scenario with several
            errands.
        hours_above_best
            Hours above the best path beyond which arcs are left out of the band.

        Raises
        ------
        InputError
            When the origin is a destination.
        NoPathError
            When no destination can be reached.
        """
        slack = scenario.slack
        once = bool(threads) and scenario.slack_hours is None
        inbound = costed.tree_to(self.destinations, once=once)
        origins = costed.origin_nodes(self.part.nodes)
        if inbound is not None and scenario.slack_hours is not None:
            best = float(inbound.label[costed.arcs.layout.places(origins)].min())
            slack = as_share(scenario.slack_hours, best)
        destinations, ending = costed.destination_nodes(self.destinations)
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
            raise InputError(error.field, self.part.name, error.remedy) from error


def errands_of(
    network: Network, profile: Profile, starts: Sequence[Located], ends: Sequence[Located]
) -> list[Errand]:
    """One errand for each part of each origin and the destinations that it sends flow to."""
    return [
        Errand(
            part=part,
            destinations=destinations,
            share=share,
            fraction=part.demand / start.demand,
        )
        for start, destinations, share in _demands(profile, starts, ends)
        for part in start.parts(network)
    ]


def load_errands(
    lookup: BandLookup,
    costed: CostedNetwork,
    errands: Sequence[Errand],
    scenario: Scenario,
    *,
    closings: Callable[[], Closings],
    detail: float,
    threads: int,
    check: Check,
) -> Iterator[LoadedDemand]:
    """The flow of each errand on the links and families of its band, in order.

    Parameters
    ----------
    lookup, costed
        What the nodes and links of a band belong to, and the arcs and costs of the scenario.
    closings
        Gives the closings of the scenario, which the error names when they leave no path.
    detail
        As in `routes.corridors.loading`; above 1, no family is spread over the links.
    threads
        Number of errands computed at the same time, or of threads for the only one.

    Raises
    ------
    InputError
        When an origin is a destination.
    NoPathError
        When an errand reaches no destination, see `CostedNetwork.no_path`.
    """
    tree_threads = threads if len(errands) == 1 else 0

    def load(errand: Errand) -> LoadedDemand:
        check()
        demand = errand.demand(scenario.profile)
        hours_above_best = demand.hours_sought() if detail > 1 else np.inf
        try:
            band = errand.band(
                scenario, costed, threads=tree_threads, hours_above_best=hours_above_best
            )
        except NoPathError as error:
            raise costed.no_path(errand.part, errand.destinations, closings()) from error
        return load_demand(lookup, band, demand, detail=detail, check=check)

    return in_order(load, errands, threads=threads)


def _demands(
    profile: Profile, starts: Sequence[Located], ends: Sequence[Located]
) -> Iterator[tuple[Located, Sequence[Located], float]]:
    """What flows from where to where: to the cheapest of some destinations."""
    demands = profile.demands()
    total = sum(each.demand for each in demands)
    start_of = {start.name: start for start in starts}
    end_of = {end.name: end for end in ends}
    for origin, names, demand in sorted(demands, key=lambda each: each.destinations):
        yield start_of[origin], [end_of[name] for name in names], demand / total
