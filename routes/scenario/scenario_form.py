"""The form of a scenario: what is asked, as a request or a file spells it."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import AfterValidator, Discriminator, Field, Tag, WithJsonSchema, model_validator

from geodata.borderlands.examples import EXAMPLES
from routes.scenario.forms import LONGEST_TEXT, OURS, Form, Line, refuse
from routes.scenario.profile_form import MOST_ENDS, ProfileForm
from routes.scenario.profiles import Profile, load_profile, profile_names, profile_of
from routes.search.band import MAX_SLACK

PROFILE = "cocaine-north"
SLACK = 0.15
MOST_HOURS = 1000.0
"""Slack in risk-adjusted hours at most."""
STOPS = 3
"""Things to be passed, at most."""
EDITS = 16
"""Things avoided, closed or strengthened at most, each."""
ALTERNATIVES = 8
"""Further ways between two ends at most."""
MOST_SEED = 2**31 - 1


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
Edited = Annotated[list[Name], Field(max_length=EDITS)]


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


class Inputs(Form):
    """What is asked; all of it may be left out."""

    profile: Flow = PROFILE
    origins: Ends = Field(
        default_factory=list, alias="from", json_schema_extra=_ends(EXAMPLES.port)
    )
    destinations: Ends = Field(
        default_factory=list, alias="to", json_schema_extra=_ends(EXAMPLES.destination)
    )
    slack: Annotated[float, Field(ge=0, le=MAX_SLACK)] = SLACK
    slack_hours: Annotated[float, Field(ge=0, le=MOST_HOURS)] | None = None
    via: Annotated[list[Name], Field(max_length=STOPS)] = Field(default_factory=list)
    avoid: Edited = Field(default_factory=list)
    close: Edited = Field(default_factory=list)
    strengthen: Edited = Field(
        default_factory=list, json_schema_extra={"example": [f"{EXAMPLES.crossing}=6"]}
    )
    alternatives: Annotated[int, Field(ge=0, le=ALTERNATIVES)] = 0
    draws: Annotated[int, Field(ge=0)] = 0
    seed: Annotated[int, Field(ge=0, le=MOST_SEED)] = 1

    @model_validator(mode="after")
    def _draws(self) -> Self:
        if self.draws == 1:
            remedy = "Give 0, or two at least; 100 make a fair interval."
            raise refuse(remedy, at=".draws", value=1)
        if self.draws and self.alternatives:
            remedy = "Alternatives have no intervals; leave them or the draws out."
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
