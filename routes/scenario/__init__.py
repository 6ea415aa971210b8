"""Scenarios: profile, endpoints and edits, and the cost of each arc that follows from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from routes.scenario.demand import Endpoint, Pair, Share
    from routes.scenario.edited_costs import Closings, blame_closing, edited, links_of
    from routes.scenario.edits import Edit, close, parse_strengthening, read_edits
    from routes.scenario.forms.scenario_file import FiledScenario, ScenarioFile
    from routes.scenario.forms.scenario_form import Inputs
    from routes.scenario.forms.scenario_template import TEMPLATE
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
    )
    from routes.scenario.keys.profile_form import ChoiceModel, ProfileForm
    from routes.scenario.keys.ranges import PROFILE_RANGES
    from routes.scenario.profiles import (
        Profile,
        is_shipped,
        load_profile,
        parse_profile,
        profile_from,
        profile_names,
    )
    from routes.scenario.scenario import Scenario
    from routes.scenario.via import stop_at

__all__ = [
    "ALTERNATIVES",
    "AVOID",
    "CLOSE",
    "DRAWS",
    "MOST_DRAWS",
    "PROFILE",
    "PROFILE_RANGES",
    "SEED",
    "SLACK",
    "SLACK_HOURS",
    "STRENGTHEN",
    "TEMPLATE",
    "VIA",
    "ChoiceModel",
    "Closings",
    "Edit",
    "Endpoint",
    "FiledScenario",
    "Inputs",
    "Pair",
    "Profile",
    "ProfileForm",
    "Scenario",
    "ScenarioFile",
    "Share",
    "blame_closing",
    "close",
    "edited",
    "is_shipped",
    "links_of",
    "load_profile",
    "parse_profile",
    "parse_strengthening",
    "profile_from",
    "profile_names",
    "read_edits",
    "stop_at",
]

__getattr__, __dir__ = offer(__name__)
