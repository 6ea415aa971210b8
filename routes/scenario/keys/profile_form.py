"""The form of a flow profile: the keys of its TOML file, and of a profile in a request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, FailFast, Field, model_validator

from geodata.entries.forms import Form, Source, Text, refuse
from routes.scenario.keys.agreement import Parts, Portion
from routes.scenario.keys.place_form import MOST_ENDS, AnyPlace, Place, Several
from routes.scenario.keys.range_check import InRange
from routes.scenario.keys.ranges import (
    DEMAND,
    HOURS,
    MEAN_PORTION,
    PART,
    PORTION,
    RATE,
    SHARE,
    THETA,
    WEIGHT,
)

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
    """Dispersion of the choice among corridors: per risk-adjusted hour in a logit, else no unit."""

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
            if isinstance(entry, Form):
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


ChoiceModel = Literal["logit", "scaled", "weibit"]
"""How a share falls with cost, see `routes.corridors.choice`."""


class Choice(Section):
    """How flow spreads over corridors: a model, and exactly one of the two others."""

    model: ChoiceModel = Field(
        default="logit",
        description="By hours above the best cost (logit), by their share of it (scaled), or by "
        "the ratio of costs (weibit)",
    )
    theta: Theta | None = None
    best_share: BestShare | None = None
    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["theta"]}, {"required": ["best_share"]}]}
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.values()) != 1:
            raise refuse("Give either theta or best_share.")
        return self


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


class DestinationShare(Form):
    """Share of an origin's flow that goes to a destination, or to the cheapest of several."""

    origin: Text
    destination: Several
    share: Annotated[float, InRange(PORTION)]
    source: Source

    def destinations(self) -> list[str]:
        """Names of the destinations."""
        return [self.destination] if isinstance(self.destination, str) else self.destination


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
    shares: Annotated[
        list[DestinationShare], Field(max_length=MOST_ENDS * MOST_ENDS), FailFast()
    ] = Field(default_factory=list)

    @model_validator(mode="after")
    def _agree(self) -> Self:
        """Pairs and shares go between ends with names of their own."""
        parts = Parts(
            origins=[end.name for end in self.origins],
            destinations=[end.name for end in self.destinations],
            pairs=[(pair.origin, pair.destination) for pair in self.pairs],
            shares=[Portion(each.origin, each.destinations(), each.share) for each in self.shares],
            goals="destination",
            apart=True,
        )
        if fault := parts.fault():
            raise refuse(fault.remedy, at=f".{fault.at}", value=fault.value)
        return self

    @model_validator(mode="after")
    def _few_points(self) -> Self:
        for section in ("origins", "destinations"):
            ends: list[Origin | Destination] = getattr(self, section)
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
        for section in ("origins", "destinations", "shares"):
            rows = enumerate(getattr(self, section))
            sources |= {f"{section}[{place}]": row.source for place, row in rows}
        return sources


class RecordedEnd(Form):
    """An origin or a destination as results record it, whatever a user called it."""

    name: str
    demand: Annotated[float, InRange(PART)]
    entry: Annotated[float, InRange(HOURS)]
    at: AnyPlace


class RecordedPair(Form):
    """Demand between two ends as results record it."""

    origin: str
    destination: str
    demand: Annotated[float, InRange(PART)]


class RecordedShare(Form):
    """Share of an origin's flow as results record it; of other origins it is a mean."""

    origin: str
    destinations: list[str] = Field(min_length=1)
    share: Annotated[float, InRange(MEAN_PORTION)]


class RecordedFlow(Form):
    """Ends of a flow, its demand by pair or share, and its choice, as results record them."""

    model: ChoiceModel = "logit"
    origins: Annotated[list[RecordedEnd], Field(min_length=1), FailFast()]
    destinations: Annotated[list[RecordedEnd], Field(min_length=1), FailFast()]
    pairs: Annotated[list[RecordedPair], FailFast()] = Field(default_factory=list)
    shares: Annotated[list[RecordedShare], FailFast()] = Field(default_factory=list)
