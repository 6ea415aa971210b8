"""The form of a scenario: what is asked, as a request or a file spells it."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import AfterValidator, Discriminator, Field, Tag, WithJsonSchema, model_validator

from geodata.borderlands.examples import EXAMPLES
from geodata.entries.forms import LONGEST_TEXT, OURS, Form, Line, refuse
from routes.scenario.edits import read_edits
from routes.scenario.ends.end_text import parse_end
from routes.scenario.fields import (
    ALTERNATIVES,
    AVOID,
    CLOSE,
    DRAWS,
    PROFILE,
    SEED,
    SLACK,
    SLACK_HOURS,
    STRENGTHEN,
    VIA,
    NamesField,
    NumberField,
)
from routes.scenario.place_form import MOST_ENDS
from routes.scenario.profile_form import ProfileForm
from routes.scenario.profiles import Profile, load_profile, profile_names, profile_of
from routes.scenario.scenario import Scenario
from routes.search.slack import MAX_SLACK


def _stripped(text: str) -> str:
    text = text.strip()
    if not text:
        raise refuse("Give a name or LON,LAT, or leave it out.")
    return text


def _once(names: list[str]) -> list[str]:
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        if places.setdefault(name, place) != place:
            raise refuse("It is given twice; give each place once.", at=f"[{place}]", value=name)
    return names


Name = Annotated[Line, AfterValidator(_stripped)]
Ends = Annotated[
    list[Name],
    Field(max_length=MOST_ENDS),
    AfterValidator(_once),
]


def _own(value: Any) -> str | None:
    if isinstance(value, str):
        return "<shipped>"
    return "<own>" if isinstance(value, dict | ProfileForm) else None


_PROFILE = "the name of a shipped profile, or a profile of one's own as an object"
Flow = Annotated[
    # A name is looked up with the nearest in mind, rather than held against a list.
    Annotated[
        str,
        Field(max_length=LONGEST_TEXT),
        WithJsonSchema({"type": "string", "enum": list(profile_names())}),
        Tag("<shipped>"),
    ]
    | Annotated[ProfileForm, Tag("<own>")],
    Discriminator(
        _own,
        custom_error_type=OURS,
        custom_error_message=f"Give {_PROFILE}.",
    ),
    Field(description=_PROFILE),
]


def _ends(example: str) -> dict[str, Any]:
    return {"uniqueItems": True, "example": [example]}


def _number(field: NumberField[Any]) -> Any:
    """The field of pydantic for a number."""
    return Field(ge=0, le=field.most, description=field.meaning)


_SLACK = Field(description=SLACK.meaning, json_schema_extra={"minimum": 0, "maximum": MAX_SLACK})
"""Its bounds stand here for the schema alone: `_sound` says more than they would."""


def _sound(slack: float) -> float:
    if not 0 <= slack <= MAX_SLACK:
        raise refuse(SLACK.remedy)
    return slack


def _names(field: NamesField, example: str) -> Any:
    """The field of pydantic for a list of names that may be left out."""
    return Field(
        default_factory=list,
        max_length=field.most,
        description=field.meaning,
        json_schema_extra={"example": [example]},
    )


class Inputs(Form):
    """What is asked; all of it may be left out."""

    profile: Flow = PROFILE
    origins: Ends = Field(
        default_factory=list, alias="from", json_schema_extra=_ends(EXAMPLES.port)
    )
    destinations: Ends = Field(
        default_factory=list, alias="to", json_schema_extra=_ends(EXAMPLES.destination)
    )
    slack: Annotated[float, _SLACK, AfterValidator(_sound)] = SLACK.default
    slack_hours: Annotated[float, _number(SLACK_HOURS)] | None = SLACK_HOURS.default
    via: list[Name] = _names(VIA, EXAMPLES.water)
    avoid: list[Name] = _names(AVOID, "sea")
    close: list[Name] = _names(CLOSE, EXAMPLES.crossing)
    strengthen: list[Name] = _names(STRENGTHEN, f"{EXAMPLES.crossing}=6")
    alternatives: Annotated[int, _number(ALTERNATIVES)] = ALTERNATIVES.default
    draws: Annotated[int, _number(DRAWS)] = DRAWS.default
    seed: Annotated[int, _number(SEED)] = SEED.default

    @model_validator(mode="after")
    def _together(self) -> Self:
        if self.draws == 1:
            remedy = "Give 0, or two at least; 100 make a fair interval."
            raise refuse(remedy, at=".draws", value=1)
        if self.draws and self.alternatives:
            remedy = "Alternatives have no intervals; leave them or the draws out."
            raise refuse(remedy, at=".alternatives", value=self.alternatives)
        if self.alternatives and not (len(self.origins) == len(self.destinations) == 1):
            remedy = "Give one origin and one destination with it, or leave it out."
            raise refuse(remedy, at=".alternatives", value=self.alternatives)
        return self

    def flow(self) -> Profile:
        """The profile: one that is shipped, or one's own.

        Raises
        ------
        InputError
            When none of this name is shipped.
        """
        if isinstance(self.profile, str):
            return load_profile(self.profile)
        return profile_of(self.profile, within="profile.")

    def scenario(self) -> Scenario:
        """The scenario that is asked for.

        Raises
        ------
        InputError
            When a text is wrong by itself; names are looked up later.
        """
        origins = (parse_end(text, field="from") for text in self.origins)
        destinations = (parse_end(text, field="to") for text in self.destinations)
        return Scenario(
            profile=self.flow().between(tuple(origins), tuple(destinations)),
            slack=self.slack,
            slack_hours=self.slack_hours,
            via=tuple(self.via),
            edits=read_edits(avoid=self.avoid, shut=self.close, strengthen=self.strengthen),
        )
