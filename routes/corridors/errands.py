"""Errands: the flow that leaves one place, with the destinations where it may end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from geodata.network.network import Network
from routes.corridors.loading import Demand
from routes.scenario.ends.endpoints import Located, names_by_node
from routes.scenario.profiles import Profile


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
            theta=profile.theta,
            best_share=profile.best_share,
        )


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


def _demands(
    profile: Profile, starts: Sequence[Located], ends: Sequence[Located]
) -> Iterator[tuple[Located, Sequence[Located], float]]:
    """Origins, destinations and shares: by pair, or from each origin to any destination."""
    if not profile.pairs:
        total = sum(start.demand for start in starts)
        yield from ((start, ends, start.demand / total) for start in starts)
        return
    total = sum(pair.demand for pair in profile.pairs)
    start_of = {start.name: start for start in starts}
    end_of = {end.name: end for end in ends}
    for pair in sorted(profile.pairs, key=lambda pair: pair.destination):
        yield start_of[pair.origin], [end_of[pair.destination]], pair.demand / total
