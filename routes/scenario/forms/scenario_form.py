"""The form of a scenario in a request or a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Self, TypeVar

from pydantic import AfterValidator, Discriminator, Field, Tag, WithJsonSchema, model_validator

from geodata.entries.forms import LONGEST_TEXT, OURS, Form, Line, refuse
from geodata.errors import VeredaError
from routes.scenario.demand import Endpoint
from routes.scenario.edits import read_edits
from routes.scenario.ends.end_text import parse_end
from routes.scenario.forms.profile_changes import ProfileChanges
from routes.scenario.keys.fields import (
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
from routes.scenario.keys.place_form import MOST_ENDS
from routes.scenario.keys.profile_form import ProfileForm
from routes.scenario.profiles import Profile, load_profile, profile_names, profile_of
from routes.scenario.scenario import Scenario
from routes.search.slack import MAX_SLACK


def _stripped(text: str) -> str:
    text = text.strip()
    if not text:
        raise refuse("Give a name or LON,LAT, or leave it out.")
    return text


def once(names: list[AnyText]) -> list[AnyText]:
    """Refuse a text that is there twice."""
    places: dict[AnyText, int] = {}
    for place, name in enumerate(names):
        if places.setdefault(name, place) != place:
            raise refuse("It is given twice; give each once.", at=f"[{place}]", value=name)
    return names


AnyText = TypeVar("AnyText", bound=str)
Name = Annotated[Line, AfterValidator(_stripped)]
Ends = Annotated[list[Name], AfterValidator(once)]
FewEnds = Annotated[
    list[Name],
    Field(max_length=MOST_ENDS),
    AfterValidator(once),
]


def _own(value: Any) -> str | None:
    if isinstance(value, str):
        return "<shipped>"
    if isinstance(value, ProfileChanges) or (isinstance(value, dict) and "base" in value):
        return "<changed>"
    return "<own>" if isinstance(value, dict | ProfileForm) else None


_PROFILE = (
    "the name of a shipped profile, a profile of one's own as an object, or changes to one, whose "
    "name is their base"
)
Flow = Annotated[
    # A name is looked up, so that the error suggests the nearest ones, and not checked against the
    # list in the schema.
    Annotated[
        str,
        Field(max_length=LONGEST_TEXT),
        WithJsonSchema({"type": "string", "enum": list(profile_names())}),
        Tag("<shipped>"),
    ]
    | Annotated[ProfileForm, Tag("<own>")]
    | Annotated[ProfileChanges, Tag("<changed>")],
    Discriminator(
        _own,
        custom_error_type=OURS,
        custom_error_message=f"Give {_PROFILE}.",
    ),
    Field(description=_PROFILE),
]


def _ends(name: str) -> Any:
    """The field of pydantic for ends, under their public name."""
    return Field(default_factory=list, alias=name, json_schema_extra={"uniqueItems": True})


def _number(field: NumberField[Any]) -> Any:
    """The field of pydantic for a number."""
    return Field(ge=0, le=field.most, description=field.meaning)


_SLACK = Field(description=SLACK.meaning, json_schema_extra={"minimum": 0, "maximum": MAX_SLACK})
"""The bounds are here for the schema only; `_sound` checks them with a better message."""


def _sound(slack: float) -> float:
    if not 0 <= slack <= MAX_SLACK:
        raise refuse(SLACK.remedy)
    return slack


def _names(field: NamesField) -> Any:
    """The field of pydantic for a list of names that may be left out."""
    return Field(default_factory=list, description=field.meaning)


def _few(field: NamesField) -> Any:
    return Field(max_length=field.most)


def parse_ends(texts: Sequence[str], *, field: str) -> tuple[Endpoint, ...]:
    """Origins or destinations, each as one text.

    Raises
    ------
    InputError
        When a text is neither a point, a name nor a collection.
    """
    return tuple(parse_end(text, field=field) for text in texts)


class ScenarioForm(Form):
    """A flow and how it is to go; all of it may be left out."""

    profile: Flow = PROFILE
    origins: Ends = _ends("from")
    destinations: Ends = _ends("to")
    slack: Annotated[float, _SLACK, AfterValidator(_sound)] = SLACK.default
    slack_hours: Annotated[float, _number(SLACK_HOURS)] | None = SLACK_HOURS.default
    via: list[Name] = _names(VIA)
    avoid: list[Name] = _names(AVOID)
    close: list[Name] = _names(CLOSE)
    strengthen: list[Name] = _names(STRENGTHEN)
    draws: Annotated[int, _number(DRAWS)] = DRAWS.default
    seed: Annotated[int, _number(SEED)] = SEED.default

    @model_validator(mode="after")
    def _enough_draws(self) -> Self:
        if self.draws == 1:
            remedy = "Give 0, or two at least; 100 make a fair interval."
            raise refuse(remedy, at=".draws", value=1)
        return self

    def flow(self, *, read_profile: Callable[[str], Profile] = load_profile) -> Profile:
        """The profile: a named one, a changed one, or one that is written out in full.

        Raises
        ------
        VeredaError
            Any error of `read_profile` for a name.
        """
        if isinstance(self.profile, str):
            return read_profile(self.profile)
        if isinstance(self.profile, ProfileChanges):
            try:
                return self.profile.of(read_profile(self.profile.base))
            except VeredaError as error:
                raise type(error)("profile.base", error.value, error.remedy) from error
        return profile_of(self.profile, within="profile.")

    def scenario(
        self,
        *,
        read_profile: Callable[[str], Profile] = load_profile,
        read_ends: Callable[..., tuple[Endpoint, ...]] = parse_ends,
    ) -> Scenario:
        """The scenario of the form.

        Parameters
        ----------
        read_profile
            Function from a name to a profile; by default, the shipped profiles.
        read_ends
            Function from texts and the name of their `field` to ends; by default, files are not
            read.

        Raises
        ------
        InputError
            When a text is wrong by itself; names are looked up later.
        """
        return Scenario(
            profile=self.flow(read_profile=read_profile).between(
                read_ends(self.origins, field="from"), read_ends(self.destinations, field="to")
            ),
            slack=self.slack,
            slack_hours=self.slack_hours,
            via=tuple(self.via),
            edits=read_edits(avoid=self.avoid, shut=self.close, strengthen=self.strengthen),
        )


class Inputs(ScenarioForm):
    """What a request asks; all of it may be left out."""

    # Fewer names than in a file, because a request may come from anybody.
    origins: FewEnds = _ends("from")
    destinations: FewEnds = _ends("to")
    via: Annotated[list[Name], _few(VIA)] = _names(VIA)
    avoid: Annotated[list[Name], _few(AVOID)] = _names(AVOID)
    close: Annotated[list[Name], _few(CLOSE)] = _names(CLOSE)
    strengthen: Annotated[list[Name], _few(STRENGTHEN)] = _names(STRENGTHEN)
    alternatives: Annotated[int, _number(ALTERNATIVES)] = ALTERNATIVES.default

    @model_validator(mode="after")
    def _together(self) -> Self:
        if self.draws and self.alternatives:
            remedy = "Alternatives have no intervals; leave them or the draws out."
            raise refuse(remedy, at=".alternatives", value=self.alternatives)
        if self.alternatives and not (len(self.origins) == len(self.destinations) == 1):
            remedy = "Give one origin and one destination with it, or leave it out."
            raise refuse(remedy, at=".alternatives", value=self.alternatives)
        if self.alternatives and self.via:
            remedy = "Alternatives pass where they like; leave them or via out."
            raise refuse(remedy, at=".alternatives", value=self.alternatives)
        return self
