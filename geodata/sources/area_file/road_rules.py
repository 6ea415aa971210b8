"""Rules of roads: what their tags and classes stand for on the network, and how fast they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from geodata.entries.forms import Form, Source, read_form, refuse
from geodata.entries.spelling import suggestion
from geodata.errors import DataError
from geodata.formats.text.toml import parse_toml

RoadClassName = Literal[
    "primary", "secondary", "tertiary", "local", "track", "path", "crossing", "ferry"
]
ROAD_CLASSES: tuple[str, ...] = RoadClassName.__args__  # type: ignore[attr-defined]
"""Classes of the road links of a network."""
SURFACES = ("paved", "mixed", "unpaved")


class Kmh(Form):
    """A speed."""

    kmh: Annotated[float, Field(ge=0.5, le=200)]
    source: Source


class Speeds(Form):
    """Speeds of a class of roads by surface, on level ground."""

    paved: Kmh | None = None
    mixed: Kmh | None = None
    unpaved: Kmh | None = None


class RoadClass(Form):
    """What a value of a file stands for on the network."""

    into: Annotated[RoadClassName, Field(alias="class")]
    mode: Literal["road", "trail"] = "road"
    source: Source


class Passing(Form):
    """Whether something on a road can be passed, and how long that takes."""

    passable: bool = True
    minutes: Annotated[float, Field(ge=0, le=10_000)] = 0.0
    source: Source


class Ferry(Form):
    """How fast a ferry is where it says neither, and how long one waits for it."""

    kmh: Annotated[float, Field(ge=0.5, le=200)]
    wait_minutes: Annotated[float, Field(ge=0, le=10_000)] = 0.0
    source: Source


class Slowed(Form):
    """Share of the speed that is left."""

    factor: Annotated[float, Field(gt=0, le=2)]
    source: Source


class SurfaceOf(Form):
    """What a surface of a file is on the network."""

    into: Annotated[Literal["paved", "mixed", "unpaved"], Field(alias="surface")]
    source: Source


class Season(Form):
    """What a season changes on the road."""

    ford: Passing | None = None
    paved: Slowed | None = None
    mixed: Slowed | None = None
    unpaved: Slowed | None = None


class Reach(Form):
    """Assumed local roads to places that a table of numbered roads leaves out."""

    people: Annotated[int, Field(ge=0)] = 1000
    km: Annotated[float, Field(ge=0, le=1000)] = 20.0
    within: dict[str, Annotated[float, Field(ge=0, le=1000)]] = Field(default_factory=dict)
    source: Source


class Roads(Form):
    """``[roads]``: classes, speeds and rules; what is left out is as ``roads.toml`` has it.

    Parameters
    ----------
    classes
        Class and mode on the network by value of ``highway``, or of the class of a file.
    speeds
        By class of the network and surface.
    ford, ferry, barriers, access
        Delays and closures; barriers and access by OpenStreetMap's value.
    surfaces, untagged
        Surface by OpenStreetMap's value; and by class of the network where none is said.
    posted
        Share of a speed limit at which paved roads are driven.
    season, seasons
        The one that holds, if any; and what each changes.
    islands
        What becomes of roads that nothing joins to the largest piece: kept apart (they still
        meet the mesh), joined where they end within `join_m`, or dropped.
    number
        Pattern of a road's number at the beginning of its name.
    reach
        Assumed local roads, for a table of numbered roads only.
    """

    classes: dict[str, RoadClass]
    speeds: dict[RoadClassName, Speeds]
    ford: Passing
    ferry: Ferry
    barriers: dict[str, Passing] = Field(default_factory=dict)
    access: dict[str, Passing] = Field(default_factory=dict)
    surfaces: dict[str, SurfaceOf] = Field(default_factory=dict)
    untagged: dict[RoadClassName, SurfaceOf] = Field(default_factory=dict)
    posted: Slowed
    season: str | None = None
    seasons: dict[str, Season] = Field(default_factory=dict)
    islands: Literal["keep", "join", "drop"] = "keep"
    join_m: Annotated[float, Field(ge=0, le=10_000)] = 50.0
    number: str | None = None
    reach: Reach

    @field_validator("number")
    @classmethod
    def _pattern(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            try:
                re.compile(pattern)
            except re.error as error:
                raise refuse(f"It is no regular expression: {error}.") from None
        return pattern

    @model_validator(mode="after")
    def _season(self) -> Self:
        if self.season is not None and self.season not in self.seasons:
            guess = suggestion(self.season, self.seasons)
            remedy = f"{guess}Give one of: {', '.join(self.seasons)}."
            raise refuse(remedy, at=".season", value=self.season)
        return self

    def speed(self, road_class: str, surface: str) -> float:
        """Kilometres an hour on level ground, in the season that holds.

        A surface without a speed of its own has that of the nearest surface that has one.

        Raises
        ------
        DataError
            When the class has no speed at all.
        """
        speeds = self.speeds.get(road_class)  # type: ignore[call-overload]
        for each in (surface, *_NEXT_SURFACES[surface]):
            own = getattr(speeds, each, None)
            if own is not None:
                return float(own.kmh * self._factor(surface))
        field = f"roads.speeds.{road_class}"
        raise DataError(
            field, None, 'Give a speed, such as paved = { kmh = 50.0, source = "..." }.'
        )

    def _factor(self, surface: str) -> float:
        slowed = getattr(self.seasons[self.season], surface) if self.season else None
        return slowed.factor if slowed else 1.0

    @property
    def fords(self) -> Passing:
        """What a ford costs in the season that holds."""
        season = self.seasons[self.season] if self.season else None
        return (season.ford if season else None) or self.ford


_NEXT_SURFACES = {
    "paved": ("mixed", "unpaved"),
    "mixed": ("unpaved", "paved"),
    "unpaved": ("mixed", "paved"),
}


def laid_over(rules: Mapping[str, Any], own: Any) -> Any:
    """Tables laid over each other; a value that has a source is replaced as a whole."""
    if not isinstance(own, dict) or "source" in rules:
        return own
    merged = dict(rules)
    for key, value in own.items():
        known = rules.get(key)
        merged[key] = laid_over(known, value) if isinstance(known, dict) else value
    return merged


@cache
def road_rules() -> Mapping[str, Any]:
    """The rules of roads where a file says nothing else."""
    content = files("geodata.sources.area_file").joinpath("roads.toml").read_bytes()
    return parse_toml(content, field="roads.toml")


def default_roads() -> Roads:
    """The rules of roads where a file says nothing else."""
    return read_form(Roads, road_rules())
