"""Flow profiles: origins, destinations, modes, and the costs that a flow avoids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, get_args

from geodata.entries.forms import read_form
from geodata.entries.spelling import require_text, suggestion
from geodata.errors import InputError, require_all, require_kind
from geodata.formats.text.toml import parse_toml
from routes.phrases import number
from routes.scenario.demand import Endpoint, Pair, Sending, Share, mean_shares
from routes.scenario.keys.agreement import Parts, Portion
from routes.scenario.keys.profile_form import ChoiceModel, ProfileForm
from routes.scenario.keys.profile_tables import TABLE_FORMS, checked_sources, checked_table
from routes.scenario.keys.ranges import SHARE, THETA

_PARTS: dict[str, type] = {
    "origins": Endpoint, "destinations": Endpoint, "pairs": Pair, "shares": Share,
}  # fmt: skip
"""What a profile has several of."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Profile:
    """A flow profile.

    Parameters
    ----------
    name, title
        Name in commands and records, and title on maps.
    rates
        Risk-adjusted hours an hour of travel costs, by mode; a mode left out is closed.
    weights
        `remoteness` and `weakness`: how much dearer full state presence makes an hour.
    fees
        Hours by kind of gateway.
    theta
        Dispersion of the choice among corridors: per risk-adjusted hour in a logit, else without
        a unit; None when it follows from `best_share`.
    model
        How the share of a corridor falls with its cost, see `routes.corridors.choice`.
    best_share
        Share of each origin's flow that the best corridor is agreed to carry.
    origins, destinations
        Where the flow begins, and where it may end.
    pairs
        Demand by origin and destination; empty when flow goes to the cheapest, or by shares.
    shares
        Shares of the flow of origins by destination, those of one adding up to one. The flow of
        an origin without goes to the cheapest destination of all.
    flow
        Title of the same flow between other places; empty when `title` suits there too. It has no
        effect on results, which do not record it.
    sources
        Source of every value, or "assumption".

    Raises
    ------
    InputError
        When a value lies outside its range (`routes.scenario.keys`), is missing or unknown, or is
        of another kind; when two ends have one name, a pair or share names no end, or the shares
        of an origin do not add up to one.

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
    model: ChoiceModel = "logit"
    pairs: tuple[Pair, ...] = ()
    shares: tuple[Share, ...] = ()
    flow: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        for name in ("name", "title", "flow"):
            self._set(name, require_text(getattr(self, name), field=name))
        for name in TABLE_FORMS:
            self._set(name, checked_table(name, getattr(self, name)))
        self._set("sources", checked_sources(self.sources))
        if (self.theta is None) == (self.best_share is None):
            raise InputError("theta", self.theta, "Give either theta or best_share.")
        if self.theta is not None:
            self._set("theta", THETA.check("theta", self.theta))
        if self.best_share is not None:
            self._set("best_share", SHARE.check("best_share", self.best_share))
        if self.model not in get_args(ChoiceModel):
            remedy = f"Give one of: {', '.join(get_args(ChoiceModel))}."
            raise InputError("model", self.model, remedy)
        for name, kind in _PARTS.items():
            remedy = f"Give each as {kind.__name__}, in a tuple."
            parts = require_all(getattr(self, name), kind, field=name, remedy=remedy)
            self._set(name, parts)
        self._agree()

    def _set(self, name: str, value: object) -> None:
        """Set a field of a profile that is being made; afterwards it is frozen."""
        object.__setattr__(self, name, value)

    def _agree(self) -> None:
        """Refuse ends, pairs and shares that do not agree with each other."""
        parts = Parts(
            origins=[end.name for end in self.origins],
            destinations=[end.name for end in self.destinations],
            pairs=[(pair.origin, pair.destination) for pair in self.pairs],
            shares=[Portion(each.origin, each.destinations, each.share) for each in self.shares],
        )
        if fault := parts.fault():
            raise InputError(*fault)

    def demands(self) -> tuple[Sending, ...]:
        """Demand of each origin, by the destinations of which it takes the cheapest.

        Examples
        --------
        >>> from routes import load_profile
        >>> demands = load_profile("cocaine-north").demands()
        >>> [(each.demand, len(each.destinations)) for each in demands]
        [(0.5, 5), (0.3, 5), (0.2, 5)]
        """
        if self.pairs:
            return tuple(Sending(pair.origin, (pair.destination,), pair.demand)
                         for pair in self.pairs)  # fmt: skip
        anywhere = (tuple(end.name for end in self.destinations), 1.0)
        fixed: dict[str, list[tuple[tuple[str, ...], float]]] = {}
        for each in self.shares:
            fixed.setdefault(each.origin, []).append((each.destinations, each.share))
        return tuple(
            Sending(origin.name, destinations, origin.demand * share)
            for origin in self.origins
            for destinations, share in fixed.get(origin.name, [anywhere])
        )

    def __repr__(self) -> str:
        """What flows and between how many ends: all values would fill a notebook."""
        starts = number(len(self.origins), "origin")
        return f"<Profile {self.name}: {starts}, {number(len(self.destinations), 'destination')}>"

    def between(
        self, origins: Sequence[Endpoint] = (), destinations: Sequence[Endpoint] = ()
    ) -> Profile:
        """The same flow between other places; ends that are not given stay as they are.

        Other origins send to the same destinations the mean of the shares of these, weighted by
        demand; to other destinations no share is fixed.

        Parameters
        ----------
        origins, destinations
            Other places to begin, and to end.

        Raises
        ------
        InputError
            When a place is listed twice, or an end is not an Endpoint.

        Examples
        --------
        >>> from routes import load_profile, parse_end
        >>> trip = load_profile("migrants-north").between([parse_end("A harbour")])
        >>> trip.origins[0].name
        'A harbour'
        """
        remedy = "Give endpoints in a list, such as [parse_end('NAME')]."
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
        left = (
            *(["shares["] if changed else []),
            *(["origins["] if origins else []),
            *(["destinations["] if destinations else []),
        )
        shares = () if destinations else self.shares
        if origins and shares:
            shares = mean_shares(self.demands(), origins)
        return self._with(
            title=self.flow or self.title if changed else self.title,
            sources={
                path: source for path, source in self.sources.items() if not path.startswith(left)
            },
            origins=origins or self.origins,
            destinations=destinations or self.destinations,
            pairs=() if changed else self.pairs,
            shares=shares,
        )

    def _with(self, **checked: object) -> Profile:
        """The same profile with other fields, each right by itself.

        Every live question makes one: what stays as it is is not checked again.
        """
        made = copy(self)
        for name in TABLE_FORMS:
            made._set(name, dict(getattr(self, name)))
        for name, value in checked.items():
            made._set(name, value)
        made._agree()
        return made


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

    Parameters
    ----------
    name
        One of `profile_names`.

    Raises
    ------
    InputError
        When there is no such profile; the message lists the shipped profiles.

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
    """Whether some ends are those of a shipped profile, even if other keys of it are changed."""
    shipped = map(load_profile, profile_names())
    return any(tuple(ends) in (each.origins, each.destinations) for each in shipped)


def parse_profile(text: str | bytes) -> Profile:
    """A profile from TOML.

    Parameters
    ----------
    text
        Content of a profile file.

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
        Prefix of the paths of its keys, as the user wrote them; None when no user wrote it.
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
    shares = [
        Share(origin=each.origin, destinations=tuple(each.destinations()), share=each.share)
        for each in form.shares
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
        model=form.choice.model,
        origins=tuple(origins),
        destinations=tuple(destinations),
        sources=form.sources(),
        pairs=tuple(pairs),
        shares=tuple(shares),
    )


def _twice(ends: Sequence[Endpoint]) -> str | None:
    """A name that two ends share; pairs and tables identify ends by name."""
    seen: set[str] = set()
    for end in ends:
        if end.name in seen:
            return end.name
        seen.add(end.name)
    return None
