"""What is asked: profile, endpoints, edits; and what an arc then costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from routes.scenario.edits import (
        Closings,
        Edit,
        blame_closing,
        close,
        edited,
        parse_strengthening,
        read_edits,
    )
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
    )
    from routes.scenario.profile_form import ProfileForm
    from routes.scenario.profiles import (
        Endpoint,
        Pair,
        Profile,
        is_shipped,
        load_profile,
        parse_profile,
        profile_from,
        profile_names,
    )
    from routes.scenario.ranges import PROFILE_RANGES
    from routes.scenario.scenario import Scenario
    from routes.scenario.scenario_form import Inputs

__all__ = [
    "ALTERNATIVES",
    "AVOID",
    "CLOSE",
    "DRAWS",
    "PROFILE",
    "PROFILE_RANGES",
    "SEED",
    "SLACK",
    "SLACK_HOURS",
    "STRENGTHEN",
    "VIA",
    "Closings",
    "Edit",
    "Endpoint",
    "Inputs",
    "Pair",
    "Profile",
    "ProfileForm",
    "Scenario",
    "blame_closing",
    "close",
    "edited",
    "is_shipped",
    "load_profile",
    "parse_profile",
    "parse_strengthening",
    "profile_from",
    "profile_names",
    "read_edits",
]

__getattr__, __dir__ = offer(__name__)
