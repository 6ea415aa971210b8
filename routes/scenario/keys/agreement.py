"""Agreement of the parts of a flow: ends have their own names, pairs and shares go between ends.

Files, requests, records and profiles that are made in Python are checked here alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

OFF_ONE = 1e-6
"""Shares of an origin may add up to so much more or less than one."""


class Fault(NamedTuple):
    """A part that does not agree with the others: its path, its value and the remedy."""

    at: str
    value: object
    remedy: str


class Portion(NamedTuple):
    """Share of an origin's flow that goes to the cheapest of some destinations, all by name."""

    origin: str
    destinations: Sequence[str]
    share: float


class Parts(NamedTuple):
    """Names of the ends of a flow, and what goes between them.

    Parameters
    ----------
    origins, destinations
        Names of the ends.
    pairs
        Origin and destination of each demand.
    shares
        Shares of the flow of origins.
    goals
        Key under which a share has its destinations.
    apart
        Whether two shares of one origin may have no destination in common. In a file they may
        not; the mean of the shares of several origins may have one market in two groups.
    """

    origins: Sequence[str]
    destinations: Sequence[str]
    pairs: Sequence[tuple[str, str]]
    shares: Sequence[Portion]
    goals: str = "destinations"
    apart: bool = False

    def fault(self) -> Fault | None:
        """The first fault; none when the parts agree."""
        return next(self._faults(), None)

    def _faults(self) -> Iterator[Fault]:
        yield from _unnamed("origins", self.origins)
        yield from _unnamed("destinations", self.destinations)
        yield from self._unknown()
        if self.pairs and self.shares:
            remedy = "Give pairs or shares: both say where flow goes."
            yield Fault("shares", len(self.shares), remedy)
        yield from self._repeated()
        yield from self._sums()

    def _unknown(self) -> Iterator[Fault]:
        """Pairs and shares with an end that the flow does not have."""
        starts, ends = set(self.origins), set(self.destinations)
        for place, (origin, destination) in enumerate(self.pairs):
            if origin not in starts:
                yield _stranger(f"pairs[{place}].origin", origin, self.origins)
            if destination not in ends:
                yield _stranger(f"pairs[{place}].destination", destination, self.destinations)
        for place, each in enumerate(self.shares):
            if each.origin not in starts:
                yield _stranger(f"shares[{place}].origin", each.origin, self.origins)
            for name in each.destinations:
                if name not in ends:
                    at = f"shares[{place}].{self.goals}"
                    yield _stranger(at, name, self.destinations)

    def _repeated(self) -> Iterator[Fault]:
        """Destinations that stand twice in a share, and shares of one origin to the same ones."""
        names: set[tuple[str, str]] = set()
        groups: set[tuple[str, frozenset[str]]] = set()
        for place, (origin, destinations, _) in enumerate(self.shares):
            at, remedy = f"shares[{place}].{self.goals}", "give each once."
            if not self.apart:
                names.clear()
            for name in destinations:
                if (origin, name) in names:
                    yield Fault(at, name, f"{origin} has a share of it already; {remedy}")
                names.add((origin, name))
            group = (origin, frozenset(destinations))
            if group in groups:
                together = ", ".join(destinations)
                yield Fault(at, together, f"{origin} has a share of them already; {remedy}")
            groups.add(group)

    def _sums(self) -> Iterator[Fault]:
        """Shares of an origin that are not all of its flow."""
        sums: dict[str, float] = {}
        for each in self.shares:
            sums[each.origin] = sums.get(each.origin, 0.0) + each.share
        for origin, total in sums.items():
            if round(abs(total - 1), 9) > OFF_ONE:
                remedy = f"This is what the shares of {origin} add up to; let them add up to 1."
                yield Fault("shares", round(total, 9), remedy)


def _unnamed(section: str, names: Sequence[str]) -> Iterator[Fault]:
    """Ends without a name of their own; or no end at all."""
    if not names:
        yield Fault(section, (), "Give one at least.")
    before: set[str] = set()
    for place, name in enumerate(names):
        if name in before:
            remedy = "Another one has this name; give it its own."
            yield Fault(f"{section}[{place}].name", name, remedy)
        before.add(name)


def _stranger(at: str, name: str, names: Sequence[str]) -> Fault:
    return Fault(at, name, f"Give one of: {', '.join(names)}.")
