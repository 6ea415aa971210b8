"""Flow profiles: what moves, by which modes, from where to where, and what it shuns."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

from geodata.errors import DataError, InputError
from geodata.network import MODES
from geodata.spelling import suggestion
from routes.ranges import DEMAND, HOURS, RATE, SHARE, THETA, WEIGHT, Range

FEES = ("formal", "informal", "port", "landing", "mouth", "bank")
SECTIONS = ("name", "title", "modes", "weights", "fees", "choice", "origins", "destinations",
            "pairs")  # fmt: skip
WEIGHTS = ("remoteness", "weakness")
LAYERS: Mapping[str, tuple[str, ...]] = {
    "sea": ("edge", "south", "north", "west", "east"),
    "airstrip": ("admin1", "country"),
    "port": ("admin1", "country", "name"),
    "crossing": ("admin1", "country", "name"),
    "border": ("country", "beside", "south", "north", "west", "east"),
    "place": ("name", "admin1", "country"),
    "point": ("x", "y"),
    "points": ("coordinates",),
}
"""What an origin or destination may be, and the keys that narrow it.

`points` is a list of ``[longitude, latitude]``; any of them will do."""
NEEDED: Mapping[str, tuple[str, ...]] = {
    "border": ("country",),
    "point": ("x", "y"),
    "points": ("coordinates",),
}
"""Keys that a layer cannot do without."""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where a share of the flow begins, or may end.

    Parameters
    ----------
    name
        Name in tables and on maps.
    at
        A layer of the network with keys that narrow it; see `LAYERS`.
    demand
        Share of the flow that begins here; unused for destinations.
    entry
        Cost of ending here in risk-adjusted hours, for what lies beyond; unused for origins.
    """

    name: str
    at: Mapping[str, Any]
    demand: float = 1.0
    entry: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Demand from one origin to one destination, both by name."""

    origin: str
    destination: str
    demand: float


@dataclass(frozen=True, kw_only=True)
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
    sources
        For every value, where it comes from, or "assumption".
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

    def between(
        self, origins: Sequence[Endpoint] = (), destinations: Sequence[Endpoint] = ()
    ) -> Profile:
        """The same flow between other places; those not given stay.

        Raises
        ------
        InputError
            When a place is given twice.
        """
        for field, ends in (("from", origins), ("to", destinations)):
            for place, end in enumerate(ends):
                if end.at in [other.at for other in ends[:place]]:
                    raise InputError(field, end.name, "It is given twice; give each place once.")
            if twice := _twice(ends):
                remedy = "Another place has this name; give one of them by its coordinates."
                raise InputError(field, twice, remedy)
        changed = bool(origins or destinations)
        return replace(
            self,
            origins=tuple(origins) or self.origins,
            destinations=tuple(destinations) or self.destinations,
            pairs=() if changed else self.pairs,
        )


@cache
def shipped() -> tuple[str, ...]:
    """Names of the profiles that come with Vereda."""
    files = resources.files("routes").joinpath("flows").iterdir()
    return tuple(sorted(f.name.removesuffix(".toml") for f in files if f.name.endswith(".toml")))


@cache
def load_profile(name: str) -> Profile:
    """A shipped profile by name.

    Raises
    ------
    InputError
        When there is no such profile; the message lists those there are.
    """
    if name not in shipped():
        remedy = f"{suggestion(name, shipped())}There are: {', '.join(shipped())}."
        raise InputError("profile", name, remedy)
    text = resources.files("routes").joinpath("flows", f"{name}.toml").read_text("utf-8")
    return parse_profile(text)


def parse_profile(text: str) -> Profile:
    """A profile from TOML.

    Raises
    ------
    DataError
        When a key is missing, unknown or of the wrong kind, or a value lacks its source.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataError("profile", str(error), "Mend the TOML syntax there.") from error
    return profile_of(data)


def profile_of(data: Mapping[str, Any]) -> Profile:
    """A profile from a table of the same keys as in TOML.

    Raises
    ------
    DataError
        As `parse_profile`.
    """
    _only(data, SECTIONS)
    sources: dict[str, str] = {}
    modes = _table(data, "modes", MODES, "rate", RATE, sources)
    if not modes:
        raise DataError("modes", {}, f"Allow one at least of: {', '.join(MODES)}.")
    theta, best_share = _choice(data, sources)
    origins = _endpoints(data, "origins", sources, number="demand")
    destinations = _endpoints(data, "destinations", sources, number="entry")
    return Profile(
        name=_text(data, "name"),
        title=_text(data, "title"),
        rates=modes,
        weights=_all(
            _table(data, "weights", WEIGHTS, "value", WEIGHT, sources), WEIGHTS, "weights"
        ),
        fees=_all(_table(data, "fees", FEES, "hours", HOURS, sources), FEES, "fees"),
        theta=theta,
        best_share=best_share,
        origins=origins,
        destinations=destinations,
        sources=sources,
        pairs=_pairs(data, origins, destinations),
    )


def _choice(data: Mapping[str, Any], sources: dict[str, str]) -> tuple[float | None, float | None]:
    """Dispersion, given or to be chosen: exactly one of theta and best_share."""
    spans = {"theta": THETA, "best_share": SHARE}
    choice = _table(data, "choice", tuple(spans), "value", spans, sources)
    theta, best_share = choice.get("theta"), choice.get("best_share")
    if (theta is None) == (best_share is None):
        raise DataError("choice", choice, "Give either theta or best_share.")
    return theta, best_share


def _pairs(
    data: Mapping[str, Any], origins: tuple[Endpoint, ...], destinations: tuple[Endpoint, ...]
) -> tuple[Pair, ...]:
    """Optional demand by origin and destination."""
    result = []
    for place, row in enumerate(data.get("pairs", [])):
        path = f"pairs[{place}]"
        if not isinstance(row, dict):
            raise DataError(path, row, "Give origin, destination and demand.")
        _only(row, ("origin", "destination", "demand"), f"{path}.")
        for key, ends in (("origin", origins), ("destination", destinations)):
            names = [end.name for end in ends]
            if row.get(key) not in names:
                raise DataError(f"{path}.{key}", row.get(key), f"One of: {', '.join(names)}.")
        demand = DEMAND.check(f"{path}.demand", row.get("demand"), error=DataError)
        result.append(Pair(origin=row["origin"], destination=row["destination"], demand=demand))
    return tuple(result)


def _only(table: Mapping[str, Any], allowed: tuple[str, ...], prefix: str = "") -> None:
    for key in table:
        if key not in allowed:
            raise DataError(f"{prefix}{key}", table[key], f"Allowed here: {', '.join(allowed)}.")


def _text(table: Mapping[str, Any], key: str, prefix: str = "") -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value:
        raise DataError(f"{prefix}{key}", value, "Give a text.")
    return value


def _table(
    data: Mapping[str, Any],
    section: str,
    allowed: tuple[str, ...],
    unit: str,
    span: Range | Mapping[str, Range],
    sources: dict[str, str],
) -> dict[str, float]:
    """A section whose entries are ``{ unit = number, source = text }``."""
    table = data.get(section)
    if not isinstance(table, dict):
        raise DataError(section, table, f"Give a table with: {', '.join(allowed)}.")
    _only(table, allowed, f"{section}.")
    values = {}
    for key, entry in table.items():
        path = f"{section}.{key}"
        if not isinstance(entry, dict):
            raise DataError(path, entry, f"Give {{ {unit} = number, source = text }}.")
        _only(entry, (unit, "source"), f"{path}.")
        own = span if isinstance(span, Range) else span[key]
        values[key] = own.check(f"{path}.{unit}", entry.get(unit), error=DataError)
        sources[path] = _text(entry, "source", f"{path}.")
    return values


def _all(values: dict[str, float], keys: tuple[str, ...], section: str) -> dict[str, float]:
    for key in keys:
        if key not in values:
            raise DataError(f"{section}.{key}", None, "The value is missing; give it.")
    return values


def _endpoints(
    data: Mapping[str, Any], section: str, sources: dict[str, str], *, number: str
) -> tuple[Endpoint, ...]:
    """Origins with their `demand`, or destinations with their `entry`."""
    rows = data.get(section)
    if not isinstance(rows, list) or not rows:
        raise DataError(section, rows, f"Give at least one [[{section}]].")
    result = []
    for place, row in enumerate(rows):
        path = f"{section}[{place}]"
        _only(row, ("name", "at", "source", number), f"{path}.")
        span = DEMAND if number == "demand" else HOURS
        value = span.check(f"{path}.{number}", row.get(number), error=DataError)
        name = _text(row, "name", f"{path}.")
        sources[path] = _text(row, "source", f"{path}.")
        at = _place(row.get("at"), f"{path}.at")
        result.append(Endpoint(name=name, at=at, **{number: value}))
        if _twice(result):
            raise DataError(f"{path}.name", name, "Another one has this name; give it its own.")
    return tuple(result)


def _twice(ends: Sequence[Endpoint]) -> str | None:
    """A name that two ends have; pairs and tables tell ends by name."""
    names = [end.name for end in ends]
    return next((name for name in names if names.count(name) > 1), None)


def _place(at: Any, path: str) -> Mapping[str, Any]:
    if not isinstance(at, dict) or at.get("layer") not in LAYERS:
        raise DataError(path, at, f"Give a table with layer, one of: {', '.join(LAYERS)}.")
    _only(at, ("layer", *LAYERS[at["layer"]]), f"{path}.")
    for key in NEEDED.get(at["layer"], ()):
        if key not in at:
            raise DataError(f"{path}.{key}", None, f"A {at['layer']} needs it; give it.")
    return at
