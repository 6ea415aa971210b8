"""Errands: what of a flow leaves one place, and where it may end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from geodata.network.network import Network
from routes.corridors.choice import Choice
from routes.corridors.loading import Demand
from routes.scenario.ends.endpoints import Located, names_by_node
from routes.scenario.profiles import Profile


@dataclass(frozen=True, kw_only=True)
class Errand:
    """Flow from one place to some destinations.

    Parameters
    ----------
    part
        The place, an origin or a part of one.
    destinations
        Where it may end.
    share
        Share of all flow that leaves the whole origin.
    fraction
        Share of that which leaves this place.
    """

    part: Located
    destinations: Sequence[Located]
    share: float
    fraction: float

    def demand(self, profile: Profile) -> Demand:
        """What it asks of its band."""
        return Demand(
            origin=self.part.name,
            destinations=names_by_node(self.destinations),
            share=self.share * self.fraction,
            part=self.fraction,
            choice=Choice(model=profile.model, theta=profile.theta, best_share=profile.best_share),
        )


def errands_of(
    network: Network, profile: Profile, starts: Sequence[Located], ends: Sequence[Located]
) -> list[Errand]:
    """What each part of each origin sends where."""
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
