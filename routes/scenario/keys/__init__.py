"""Keys of profiles and scenarios: meaning, kind and range of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from routes.scenario.keys.agreement import Parts, Portion
    from routes.scenario.keys.fields import (
        ALTERNATIVES,
        AVOID,
        CLOSE,
        DRAWS,
        MOST_DRAWS,
        PROFILE,
        SEED,
        SLACK,
        SLACK_HOURS,
        STRENGTHEN,
        VIA,
        NamesField,
        NumberField,
    )
    from routes.scenario.keys.place_form import MOST_ENDS, read_place
    from routes.scenario.keys.profile_form import (
        Choice,
        ChoiceModel,
        Fee,
        Fees,
        Modes,
        ProfileForm,
        RecordedEnd,
        RecordedFlow,
        RecordedShare,
        Section,
        Weight,
        Weights,
    )
    from routes.scenario.keys.profile_tables import TABLE_FORMS, checked_sources, checked_table
    from routes.scenario.keys.ranges import (
        ARC,
        FACTOR,
        HOURS,
        MEAN_PORTION,
        PART,
        PROFILE_RANGES,
        RATE,
        SHARE,
        SPREAD,
        THETA,
        WEIGHT,
    )

__all__ = [
    "ALTERNATIVES",
    "ARC",
    "AVOID",
    "CLOSE",
    "DRAWS",
    "FACTOR",
    "HOURS",
    "MEAN_PORTION",
    "MOST_DRAWS",
    "MOST_ENDS",
    "PART",
    "PROFILE",
    "PROFILE_RANGES",
    "RATE",
    "SEED",
    "SHARE",
    "SLACK",
    "SLACK_HOURS",
    "SPREAD",
    "STRENGTHEN",
    "TABLE_FORMS",
    "THETA",
    "VIA",
    "WEIGHT",
    "Choice",
    "ChoiceModel",
    "Fee",
    "Fees",
    "Modes",
    "NamesField",
    "NumberField",
    "Parts",
    "Portion",
    "ProfileForm",
    "RecordedEnd",
    "RecordedFlow",
    "RecordedShare",
    "Section",
    "Weight",
    "Weights",
    "checked_sources",
    "checked_table",
    "read_place",
]

__getattr__, __dir__ = offer(__name__)
