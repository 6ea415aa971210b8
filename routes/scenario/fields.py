"""What a scenario is asked with: of each field its meaning, default and bounds, said once.

The command line, ``GET /corridors``, the body of a request, a job and the OpenAPI document read
them here. Nothing heavy is imported: ``--help`` has to be quick.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from routes.search.slack import MAX_SLACK, SLACK_REMEDY

Default = TypeVar("Default")


@dataclass(frozen=True, kw_only=True)
class NumberField(Generic[Default]):
    """A number that a scenario may be asked with.

    Parameters
    ----------
    meaning
        What it is, with its unit, as users are told.
    default
        What holds when it is left out.
    most
        The largest that a request may give; the least is zero. None where a setting of the
        service bounds it.
    remedy
        What to give instead of one out of bounds, where the bounds alone say too little.
    """

    meaning: str
    default: Default
    most: float | None = None
    remedy: str = ""


@dataclass(frozen=True, kw_only=True)
class NamesField:
    """Names that a scenario may be asked with, none of them needed.

    Parameters
    ----------
    meaning
        What they are, as users are told.
    most
        How many a request may give.
    """

    meaning: str
    most: int


_THING = "Gateway, place, district, country, mode or sea zone (sea:W,S,E,N)"
PROFILE = "cocaine-north"
"""The profile when none is named."""
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
    meaning="Further ways between one origin and one destination.", default=0, most=8
)
DRAWS = NumberField(
    meaning="Draws for 5-95 % intervals, at most; 100 take some minutes.", default=0
)
MOST_DRAWS = 100_000
"""As many as a command or a file may ask for; a service has a setting."""
SEED = NumberField(meaning="Seed of the draws.", default=1, most=2**31 - 1)
