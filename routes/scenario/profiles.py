"""Flow profiles: what moves, by which modes, from where to where, and what it shuns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from typing import Any

from geodata.borderlands.examples import EXAMPLES
from geodata.entries.forms import read_form
from geodata.entries.spelling import suggestion
from geodata.errors import InputError, require_all, require_kind
from geodata.formats.toml import parse_toml
from routes.phrases import number
from routes.scenario.profile_form import ProfileForm


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where a share of the flow begins, or may end.

    Parameters
    ----------
    name
        Name in tables and on maps.
    at
        A layer of the network with keys that narrow it; see `routes.scenario.profile_form.Place`.
    demand
        Share of the flow that begins here; unused for destinations.
    entry
        Cost of ending here in risk-adjusted hours, for what lies beyond; unused for origins.
    path
        Where a user wrote it, such as ``origins[0]``, for errors to tell; empty when it was given
        as a text or comes with Vereda.

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

    def key(self, name: str, *, field: str) -> str:
        """Path of a key of `at`, or of `at` itself; `field` when it was not written with keys."""
        return f"{self.path}.at.{name}".rstrip(".") if self.path else field

    def wrong(self, name: str, value: object, remedy: str, *, field: str) -> InputError:
        """The error that a key of `at` is wrong; of the end as a text when it has no keys."""
        shown = value if self.path else self.name
        return InputError(self.key(name, field=field), shown, remedy)

    def record(self) -> dict[str, Any]:
        """It, as JSON."""
        return {
            "name": self.name,
            "at": dict(self.at),
            "demand": self.demand,
            "entry": self.entry,
        }


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Demand from one origin to one destination, both by name."""

    origin: str
    destination: str
    demand: float

    def record(self) -> dict[str, Any]:
        """It, as JSON."""
        return {"origin": self.origin, "destination": self.destination, "demand": self.demand}


@dataclass(frozen=True, kw_only=True, repr=False)
class Profile:
    """A flow profile.

    Parameters
    ----------
    rates
        Risk-adjusted hours an hour of travel costs, by mode; a mode left out is closed.
    weights
        `remoteness` and `weakness`: how much dearer full state presence makes an hour.
    fees
        Hours by kind of gateway.
    theta
        Dispersion of the choice among corridors, per risk-adjusted hour; None when it follows
        from `best_share`.
    best_share
        Share of each origin's flow that the best corridor is agreed to carry.
    pairs
        Demand by origin and destination; empty when flow goes to any destination.
    flow
        What flows: its title between other places; empty when `title` will do there. It decides
        nothing, and results do not record it.
    sources
        For every value, where it comes from, or "assumption".

    Examples
    --------
    >>> from routes import load_profile
    >>> load_profile("cocaine-north")
    <Profile cocaine-north: 3 origins, 5 destinations>
    >>> load_profile("cocaine-north").rates["sea"]
    1.8
    """

    name: str
    title: str
    rates: Mapping[str, float]
    weights: Mapping[str, float]
    fees: Mapping[str, float]
    theta: float | None
    origins: tuple[Endpoint, ...]
    destinations: tuple[Endpoint, ...]
    sources: Mapping[str, str]
    best_share: float | None = None
    pairs: tuple[Pair, ...] = ()
    flow: str = field(default="", compare=False)

    def __repr__(self) -> str:
        """What flows and between how many ends: all values would fill a notebook."""
        starts = number(len(self.origins), "origin")
        return f"<Profile {self.name}: {starts}, {number(len(self.destinations), 'destination')}>"

    def between(
        self, origins: Sequence[Endpoint] = (), destinations: Sequence[Endpoint] = ()
    ) -> Profile:
        """The same flow between other places; those not given stay.

        Raises
        ------
        InputError
            When a place is given twice, or is no endpoint.

        Examples
        --------
        >>> from routes import load_profile, parse_end
        >>> trip = load_profile("migrants-north").between([parse_end("Tela")])
        >>> trip.origins[0].name
        'Tela'
        """
        remedy = f"Give endpoints in a list, such as [parse_end({EXAMPLES.origin!r})]."
        origins = require_all(origins, Endpoint, field="from", remedy=remedy)
        destinations = require_all(destinations, Endpoint, field="to", remedy=remedy)
        for side, ends in (("from", origins), ("to", destinations)):
            for place, end in enumerate(ends):
                if end.at in [other.at for other in ends[:place]]:
                    raise InputError(side, end.name, "It is given twice; give each place once.")
            if twice := _twice(ends):
                remedy = "Another place has this name; give one of them by its coordinates."
                raise InputError(side, twice, remedy)
        changed = bool(origins or destinations)
        left = (*(["origins["] if origins else []), *(["destinations["] if destinations else []))
        return replace(
            self,
            title=self.flow or self.title if changed else self.title,
            sources={
                path: source for path, source in self.sources.items() if not path.startswith(left)
            },
            origins=origins or self.origins,
            destinations=destinations or self.destinations,
            pairs=() if changed else self.pairs,
        )


@cache
def profile_names() -> tuple[str, ...]:
    """Names of the profiles that come with Vereda.

    Examples
    --------
    >>> from routes import profile_names
    >>> profile_names()
    ('cocaine-north', 'contraband-west', 'firearms-south', 'migrants-north')
    """
    files = resources.files("routes").joinpath("flows").iterdir()
    return tuple(sorted(f.name.removesuffix(".toml") for f in files if f.name.endswith(".toml")))


@cache
def load_profile(name: str) -> Profile:
    """A shipped profile by name.

    Raises
    ------
    InputError
        When there is no such profile; the message lists those there are.

    Examples
    --------
    >>> from routes import load_profile
    >>> sorted(load_profile("migrants-north").rates)
    ['river', 'road', 'trail', 'transfer']
    """
    remedy = (
        f"Give one of: {', '.join(profile_names())}; parse_profile reads one of your own from "
        "the text of its file."
    )
    require_kind(name, str, field="profile", remedy=remedy)
    if name not in profile_names():
        remedy = f"{suggestion(name, profile_names())}There are: {', '.join(profile_names())}."
        raise InputError("profile", name, remedy)
    text = resources.files("routes").joinpath("flows", f"{name}.toml").read_text("utf-8")
    form = read_form(ProfileForm, parse_toml(text, field="profile"))
    return profile_of(form, within=None)


def is_shipped(ends: Sequence[Endpoint]) -> bool:
    """Whether some ends are those that a shipped profile comes with, whatever else is changed."""
    shipped = map(load_profile, profile_names())
    return any(tuple(ends) in (each.origins, each.destinations) for each in shipped)


def parse_profile(text: str | bytes) -> Profile:
    """A profile from TOML.

    Raises
    ------
    DataError
        When a key is missing, unknown or of the wrong kind, or a value lacks its source.

    Examples
    --------
    >>> from routes import parse_profile
    >>> parse_profile("name = 7")
    Traceback (most recent call last):
        ...
    geodata.errors.DataError: name: 7. Give a text.
    """
    remedy = "Give the text of a TOML file, such as Path('mine.toml').read_text('utf-8')."
    require_kind(text, (str, bytes), field="profile", remedy=remedy)
    return profile_from(parse_toml(text, field="profile"))


def profile_from(tables: Mapping[str, Any]) -> Profile:
    """A profile from the tables of a TOML file.

    Raises
    ------
    DataError
        As `parse_profile`.
    """
    return profile_of(read_form(ProfileForm, tables))


def profile_of(form: ProfileForm, *, within: str | None = "") -> Profile:
    """A profile from the form that a user filled in.

    Parameters
    ----------
    within
        What stands before the paths of its keys where it was written; None when no user wrote it.
    """
    paths = {
        section: "" if within is None else f"{within}{section}[{{}}]"
        for section in ("origins", "destinations")
    }
    origins = [
        Endpoint(name=end.name, at=end.at.record(), demand=end.demand,
                 path=paths["origins"].format(place))
        for place, end in enumerate(form.origins)
    ]  # fmt: skip
    destinations = [
        Endpoint(name=end.name, at=end.at.record(), entry=end.entry,
                 path=paths["destinations"].format(place))
        for place, end in enumerate(form.destinations)
    ]  # fmt: skip
    pairs = [
        Pair(origin=pair.origin, destination=pair.destination, demand=pair.demand)
        for pair in form.pairs
    ]
    modes, weights, fees = form.modes.values(), form.weights.values(), form.fees.values()
    choice = form.choice.values()
    return Profile(
        name=form.name,
        title=form.title,
        flow=form.flow or "",
        rates=modes,
        weights=weights,
        fees=fees,
        theta=choice.get("theta"),
        best_share=choice.get("best_share"),
        origins=tuple(origins),
        destinations=tuple(destinations),
        sources=form.sources(),
        pairs=tuple(pairs),
    )


def _twice(ends: Sequence[Endpoint]) -> str | None:
    """A name that two ends have; pairs and tables tell ends by name."""
    seen: set[str] = set()
    for end in ends:
        if end.name in seen:
            return end.name
        seen.add(end.name)
    return None
