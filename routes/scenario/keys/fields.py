"""Fields of a scenario: the meaning, default and bounds of each, defined once.

The command line, ``GET /corridors``, the body of a request, a job and the OpenAPI document read
them here. Nothing heavy is imported, so that ``--help`` is quick.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from routes.search.slack import MAX_SLACK, SLACK_REMEDY

Default = TypeVar("Default")


@dataclass(frozen=True, kw_only=True)
class NumberField(Generic[Default]):
    """A field with a number.

    Parameters
    ----------
    meaning
        Description with unit, as users read it.
    default
        Value when the field is left out.
    most
        Largest value in a request; the least is zero. None when a setting of the service bounds it.
    remedy
        Remedy for a value out of bounds, where the bounds alone say too little.
    """

    meaning: str
    default: Default
    most: float | None = None
    remedy: str = ""


@dataclass(frozen=True, kw_only=True)
class NamesField:
    """A field with names, which may be left out.

    Parameters
    ----------
    meaning
        Description, as users read it.
    most
        Largest number of names in a request.
    """

    meaning: str
    most: int


_THING = "Gateway, place, district, country, mode or sea zone (sea:W,S,E,N)"
PROFILE = "cocaine-north"
"""Name of the profile when a scenario names none."""
SLACK = NumberField(
    meaning="How much dearer than the best a path may be, as a share of it.",
    default=0.15,
    most=MAX_SLACK,
    remedy=SLACK_REMEDY,
)
SLACK_HOURS = NumberField(
    meaning="The same in risk-adjusted hours, instead of slack.", default=None, most=1000.0
)
VIA = NamesField(meaning=f"{_THING} that every path must pass; in order.", most=3)
AVOID = NamesField(meaning=f"{_THING} that no path may pass.", most=16)
CLOSE = NamesField(meaning=f"{_THING} that is closed.", most=16)
STRENGTHEN = NamesField(
    meaning=f"Make a {_THING[0].lower()}{_THING[1:]} dearer: NAME=HOURS or NAME=xFACTOR.", most=16
)
ALTERNATIVES = NumberField(
    meaning="Further ways between one origin and one destination, without via.", default=0, most=8
)
DRAWS = NumberField(
    meaning="Draws for 5-95 % intervals, at most; 100 take some minutes.", default=0
)
MOST_DRAWS = 100_000
"""Largest number of draws in a command or a file; a service has a setting."""
SEED = NumberField(meaning="Seed of the draws.", default=1, most=2**31 - 1)
