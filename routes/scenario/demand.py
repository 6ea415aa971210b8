"""Demand: where flow begins and may end, and how much of it goes between which ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from geodata.entries.spelling import require_text
from geodata.errors import InputError, require_all, require_kind
from routes.scenario.keys.place_form import read_place
from routes.scenario.keys.ranges import HOURS, MEAN_PORTION, PART

PINNED = "nodes"
"""Layer of ends whose nodes are fixed; no file, request or record has such ends."""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where a share of the flow begins, or may end.

    Parameters
    ----------
    name
        Name in tables and on maps.
    at
        A layer of the network with keys that narrow it; see `routes.scenario.keys.place_form`.
    demand
        Share of the flow that begins here; unused for destinations.
    entry
        Cost of ending here in risk-adjusted hours, for what lies beyond; unused for origins.
    path
        Path of the keys that a user wrote, such as ``origins[0]``, which errors name; empty for
        an end from a text, or of a profile that comes with Vereda.

    Raises
    ------
    InputError
        When demand or entry lie outside their range, `at` has a key that is wrong, or something is
        of another kind.

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
        name = require_text(self.name, field="name")
        remedy = "Give a layer and what narrows it, such as {'layer': 'port', 'country': 'XA'}."
        require_kind(self.at, Mapping, field=f"{name}.at", remedy=remedy)
        at = self.at if self.at.get("layer") == PINNED else read_place(self.at, field=name)
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "at", at)
        object.__setattr__(self, "demand", PART.check(f"{name}.demand", self.demand))
        object.__setattr__(self, "entry", HOURS.check(f"{name}.entry", self.entry))

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
        When the demand lies outside its range, or a name is no text.
    """

    origin: str
    destination: str
    demand: float

    def __post_init__(self) -> None:
        for side in ("origin", "destination"):
            name = require_text(getattr(self, side), field=f"pair.{side}")
            object.__setattr__(self, side, name)
        object.__setattr__(self, "demand", PART.check("pair.demand", self.demand))

    def record(self) -> dict[str, Any]:
        """The pair as a JSON object."""
        return {"origin": self.origin, "destination": self.destination, "demand": self.demand}


@dataclass(frozen=True, kw_only=True)
class Share:
    """Share of the flow of one origin that goes to the cheapest of some destinations, by name.

    Raises
    ------
    InputError
        When the share lies outside its range, there is no destination, or a name is no text.

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
        names = tuple(require_text(name, field="share.destinations") for name in names)
        object.__setattr__(self, "destinations", names)
        object.__setattr__(self, "origin", require_text(self.origin, field="share.origin"))
        object.__setattr__(self, "share", MEAN_PORTION.check("share.share", self.share))

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
    """Shares of other origins: the mean of those of some demand, weighted by it.

    One too small to be a share is left out: beside the others no digit shows it.
    """
    sent: dict[frozenset[str], float] = {}
    named: dict[frozenset[str], tuple[str, ...]] = {}
    for each in demands:
        group = frozenset(each.destinations)
        named.setdefault(group, each.destinations)
        sent[group] = sent.get(group, 0.0) + each.demand
    total = sum(sent.values())
    means = {named[group]: demand / total for group, demand in sent.items()}
    return tuple(
        Share(origin=origin.name, destinations=names, share=share)
        for origin in origins
        for names, share in means.items()
        if share in MEAN_PORTION
    )
