"""Demand: where flow begins and may end, and how much of it goes between which ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from geodata.errors import InputError, require_all, require_kind
from routes.scenario.keys.ranges import HOURS, MEAN_PORTION, PART


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where a share of the flow begins, or may end.

    Parameters
    ----------
    name
        Name in tables and on maps.
    at
        A layer of the network with keys that narrow it; see `routes.scenario.keys.Place`.
    demand
        Share of the flow that begins here; unused for destinations.
    entry
        Cost of ending here in risk-adjusted hours, for what lies beyond; unused for origins.
    path
        Where a user wrote it, such as ``origins[0]``, for errors to tell; empty when it was given
        as a text or comes with Vereda.

    Raises
    ------
    InputError
        When demand or entry lie outside their range, or something is of another kind.

    Examples
    --------
    >>> from routes import load_profile
    >>> profile = load_profile("cocaine-north")
    >>> sorted(profile.origins[0].at), sum(origin.demand for origin in profile.origins)
    (['edge', 'layer', 'north', 'south'], 1.0)
    """

    name: str
    at: Mapping[str, Any]
    demand: float = 1.0
    entry: float = 0.0
    path: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        require_kind(self.name, str, field="name", remedy="Give a text.")
        remedy = "Give a layer and what narrows it, such as {'layer': 'port', 'country': 'XA'}."
        require_kind(self.at, Mapping, field=f"{self.name}.at", remedy=remedy)
        PART.check(f"{self.name}.demand", self.demand)
        HOURS.check(f"{self.name}.entry", self.entry)

    def record(self) -> dict[str, Any]:
        """The endpoint as a JSON object.

        Examples
        --------
        >>> from routes import parse_end
        >>> parse_end("a harbour").record()["at"]
        {'layer': 'place', 'name': 'a harbour'}
        """
        return {
            "name": self.name,
            "at": dict(self.at),
            "demand": self.demand,
            "entry": self.entry,
        }


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Demand from one origin to one destination, both by name.

    Raises
    ------
    InputError
        When the demand lies outside its range.
    """

    origin: str
    destination: str
    demand: float

    def __post_init__(self) -> None:
        PART.check("pair.demand", self.demand)

    def record(self) -> dict[str, Any]:
        """The pair as a JSON object."""
        return {"origin": self.origin, "destination": self.destination, "demand": self.demand}


@dataclass(frozen=True, kw_only=True)
class Share:
    """Share of the flow of one origin that goes to the cheapest of some destinations, by name.

    Raises
    ------
    InputError
        When the share lies outside its range, or there is no destination.

    Examples
    --------
    >>> from routes.scenario import Share
    >>> Share(origin="Port A", destinations=("Capital", "Border"), share=1.5)
    Traceback (most recent call last):
        ...
    geodata.errors.InputError: share.share: 1.5. Give a number from 1e-24 to 1.
    """

    origin: str
    destinations: tuple[str, ...]
    share: float

    def __post_init__(self) -> None:
        remedy = "Give names of destinations, one at least, in a tuple."
        names = require_all(self.destinations, str, field="share.destinations", remedy=remedy)
        if not names:
            raise InputError("share.destinations", None, remedy)
        object.__setattr__(self, "destinations", names)
        MEAN_PORTION.check("share.share", self.share)

    def record(self) -> dict[str, Any]:
        """The share as a JSON object."""
        return {
            "origin": self.origin,
            "destinations": list(self.destinations),
            "share": self.share,
        }


class Sending(NamedTuple):
    """Demand from one origin to the cheapest of some destinations, all by name."""

    origin: str
    destinations: tuple[str, ...]
    demand: float


def mean_shares(demands: Iterable[Sending], origins: Sequence[Endpoint]) -> tuple[Share, ...]:
    """Shares of other origins: the mean of those of some demand, weighted by it."""
    sent: dict[tuple[str, ...], float] = {}
    for each in demands:
        sent[each.destinations] = sent.get(each.destinations, 0.0) + each.demand
    total = sum(sent.values())
    return tuple(
        Share(origin=origin.name, destinations=names, share=demand / total)
        for origin in origins
        for names, demand in sent.items()
    )
