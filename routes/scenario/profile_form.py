"""The form of a flow profile: the keys of its TOML file, and of a profile in a request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import ConfigDict, Discriminator, FailFast, Field, Tag, model_validator

from geodata.entries.forms import OURS, Form, Latitude, Longitude, Source, Text, refuse
from routes.scenario.range_check import InRange
from routes.scenario.ranges import DEMAND, HOURS, RATE, SHARE, THETA, WEIGHT

MOST_ENDS = 50
"""Origins, or destinations, at most."""
MOST_POINTS = 500
"""Points of one origin or destination at most."""
MOST_IN_ALL = 2500
"""Points of all origins, or of all destinations, at most."""


class Rate(Form):
    """Risk-adjusted hours that an hour of travel costs."""

    rate: Annotated[float, InRange(RATE)]
    source: Source


class Weight(Form):
    """How much dearer full state presence makes an hour."""

    value: Annotated[float, InRange(WEIGHT)]
    source: Source


class Fee(Form):
    """Hours that passing a gateway costs."""

    hours: Annotated[float, InRange(HOURS)]
    source: Source


class Theta(Form):
    """Dispersion of the choice among corridors, per risk-adjusted hour."""

    value: Annotated[float, InRange(THETA)]
    source: Source


class BestShare(Form):
    """Share of the flow that the best corridor is agreed to carry."""

    value: Annotated[float, InRange(SHARE)]
    source: Source


class Section(Form):
    """Values by name, each with its source."""

    def entries(self) -> Iterator[tuple[str, float, str]]:
        """Name, value and source of each that is given."""
        for name in type(self).model_fields:
            entry = getattr(self, name)
            if entry is not None:
                value, source = (getattr(entry, key) for key in type(entry).model_fields)
                yield name, value, source

    def values(self) -> dict[str, float]:
        """Values by name."""
        return {name: value for name, value, _ in self.entries()}


class Modes(Section):
    """Modes allowed; one that is left out is closed."""

    road: Rate | None = None
    trail: Rate | None = None
    river: Rate | None = None
    sea: Rate | None = None
    transfer: Rate | None = None
    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.values():
            modes = ", ".join(type(self).model_fields)
            raise refuse(f"Allow one at least of: {modes}.")
        return self


class Weights(Section):
    """Weights of the scores."""

    remoteness: Weight
    weakness: Weight


class Fees(Section):
    """Fees by kind of gateway."""

    formal: Fee
    informal: Fee
    port: Fee
    landing: Fee
    mouth: Fee
    bank: Fee


class Choice(Section):
    """How flow spreads over corridors: exactly one of the two."""

    theta: Theta | None = None
    best_share: BestShare | None = None
    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.values()) != 1:
            raise refuse("Give either theta or best_share.")
        return self


class Where(Form):
    """A layer of the network, and what narrows it."""

    layer: str

    def record(self) -> dict[str, Any]:
        """The keys that are given."""
        return self.model_dump(exclude_none=True)


AnyWhere = TypeVar("AnyWhere", bound=Where)


def _in_order(where: AnyWhere) -> AnyWhere:
    """A place between bounds, of which the lower do not lie above the upper.

    A west of more than 0 may have its east across the antimeridian, below 0; that is for an area
    to tell.
    """
    for lower, upper in (("south", "north"), ("west", "east")):
        least, most = (getattr(where, key) for key in (lower, upper))
        if least is None or most is None or (lower == "west" and least > 0 > most):
            continue
        if least > most:
            remedy = f"Give no more than {upper}, {most:g}."
            raise refuse(remedy, at=f".{lower}", value=least)
    return where


class Sea(Where):
    """The open sea, or its nodes along one edge of the area, between bounds in degrees."""

    layer: Literal["sea"]
    edge: Literal["south", "north", "west", "east"] | None = None
    south: Latitude | None = None
    north: Latitude | None = None
    west: Longitude | None = None
    east: Longitude | None = None
    _bounds = model_validator(mode="after")(_in_order)


class Border(Where):
    """Just across the land border of a country, with all its neighbours or beside one."""

    layer: Literal["border"]
    country: Text
    beside: Text | None = None
    south: Latitude | None = None
    north: Latitude | None = None
    west: Longitude | None = None
    east: Longitude | None = None
    _bounds = model_validator(mode="after")(_in_order)


def _kind(value: object) -> str | None:
    return "<text>" if isinstance(value, str) else "<list>" if isinstance(value, list) else None


Several = Annotated[
    Annotated[Text, Tag("<text>")]
    | Annotated[list[Text], Field(min_length=1, max_length=MOST_ENDS), Tag("<list>")],
    Discriminator(
        _kind,
        custom_error_type=OURS,
        custom_error_message="Give a text, or a list of texts.",
    ),
]


class Airstrip(Where):
    """Airstrips of a country or of districts."""

    layer: Literal["airstrip"]
    admin1: Several | None = None
    country: Text | None = None


class Gate(Where):
    """Ports or crossings of a country or of districts, or one by name."""

    layer: Literal["port", "crossing"]
    name: Text | None = None
    admin1: Several | None = None
    country: Text | None = None


class Town(Where):
    """Places of a country or of districts, or one by name."""

    layer: Literal["place"]
    name: Text | None = None
    admin1: Several | None = None
    country: Text | None = None


class Spot(Where):
    """A point in degrees."""

    layer: Literal["point"]
    x: Longitude
    y: Latitude


class Spots(Where):
    """Some points, each [longitude, latitude]; any of them will do."""

    layer: Literal["points"]
    coordinates: Annotated[
        list[Annotated[list[Longitude], Field(min_length=2, max_length=2)]],
        Field(min_length=1, max_length=MOST_POINTS),
        FailFast(),
    ]


PLACES = (Sea, Border, Airstrip, Gate, Town, Spot, Spots)
_FORMS = {
    layer: form.__name__
    for form in PLACES
    for layer in form.model_fields["layer"].annotation.__args__  # type: ignore[union-attr]
}
LAYERS = tuple(_FORMS)
"""What an origin or destination may be."""


def _layer(value: Any) -> str | None:
    layer = value.get("layer") if isinstance(value, dict) else getattr(value, "layer", None)
    return f"<{_FORMS.get(layer)}>" if isinstance(layer, str) else None


Place = Annotated[
    Annotated[Sea, Tag("<Sea>")]
    | Annotated[Border, Tag("<Border>")]
    | Annotated[Airstrip, Tag("<Airstrip>")]
    | Annotated[Gate, Tag("<Gate>")]
    | Annotated[Town, Tag("<Town>")]
    | Annotated[Spot, Tag("<Spot>")]
    | Annotated[Spots, Tag("<Spots>")],
    Discriminator(
        _layer,
        custom_error_type=OURS,
        custom_error_message=f"Give {{table}} with a layer, one of: {', '.join(LAYERS)}.",
    ),
]
"""Where an end is."""


class Origin(Form):
    """Where a share of the flow begins."""

    name: Text
    demand: Annotated[float, InRange(DEMAND)]
    source: Source
    at: Place


class Destination(Form):
    """Where the flow may end, and what that costs in risk-adjusted hours."""

    name: Text
    entry: Annotated[float, InRange(HOURS)]
    source: Source
    at: Place


class PairDemand(Form):
    """Demand from one origin to one destination, both by name."""

    origin: Text
    destination: Text
    demand: Annotated[float, InRange(DEMAND)]


class ProfileForm(Form):
    """A flow profile."""

    name: Text
    title: Text
    flow: Text | None = Field(
        default=None, description="What flows: the title where it runs between other places"
    )
    modes: Modes
    weights: Weights
    fees: Fees
    choice: Choice
    origins: Annotated[list[Origin], Field(min_length=1, max_length=MOST_ENDS), FailFast()]
    destinations: Annotated[
        list[Destination], Field(min_length=1, max_length=MOST_ENDS), FailFast()
    ]
    pairs: Annotated[list[PairDemand], Field(max_length=MOST_ENDS * MOST_ENDS), FailFast()] = Field(
        default_factory=list
    )

    @model_validator(mode="after")
    def _ends(self) -> Self:
        """Ends have names of their own, pairs name them, and points are not too many."""
        for section in ("origins", "destinations"):
            ends: list[Origin | Destination] = getattr(self, section)
            _check_ends(section, ends, self.pairs)
            points = sum(len(getattr(end.at, "coordinates", ())) for end in ends)
            if points > MOST_IN_ALL:
                remedy = f"Give at most {MOST_IN_ALL:,} points in all."
                raise refuse(remedy, at=f".{section}", value=points)
        return self

    def sources(self) -> dict[str, str]:
        """Where every value comes from, by its path."""
        sections = ("modes", "weights", "fees", "choice")
        sources = {
            f"{section}.{name}": source
            for section in sections
            for name, _, source in getattr(self, section).entries()
        }
        for section in ("origins", "destinations"):
            ends = enumerate(getattr(self, section))
            sources |= {f"{section}[{place}]": end.source for place, end in ends}
        return sources


class RecordedEnd(Form):
    """An origin or a destination as results record it, whatever a user called it."""

    name: str
    demand: Annotated[float, InRange(DEMAND)]
    entry: Annotated[float, InRange(HOURS)]
    at: Place


class RecordedEnds(Form):
    """Ends of a flow, and demand by pair, as results record them."""

    origins: Annotated[list[RecordedEnd], Field(min_length=1), FailFast()]
    destinations: Annotated[list[RecordedEnd], Field(min_length=1), FailFast()]
    pairs: Annotated[list[PairDemand], FailFast()] = Field(default_factory=list)

    @model_validator(mode="after")
    def _ends(self) -> Self:
        _check_ends("origins", self.origins, self.pairs)
        _check_ends("destinations", self.destinations, self.pairs)
        return self


End = Origin | Destination | RecordedEnd


def _check_ends(section: str, ends: Sequence[End], pairs: Sequence[PairDemand]) -> None:
    """Refuse two ends of one name, and a pair whose end is none of them."""
    names, key = _names(ends, section), section.removesuffix("s")
    known = set(names)
    for place, pair in enumerate(pairs):
        name = getattr(pair, key)
        if name not in known:
            remedy = f"Give one of: {', '.join(names)}."
            raise refuse(remedy, at=f".pairs[{place}].{key}", value=name)


def _names(ends: Sequence[End], section: str) -> list[str]:
    """Names of ends, each of which has its own."""
    names: dict[str, None] = {}
    for place, end in enumerate(ends):
        if end.name in names:
            remedy = "Another one has this name; give it its own."
            raise refuse(remedy, at=f".{section}[{place}].name", value=end.name)
        names[end.name] = None
    return list(names)
