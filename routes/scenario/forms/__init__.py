"""Forms of what files and requests write: scenarios, their sweeps, and changes to a profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from routes.scenario.forms.scenario_file import FiledScenario, ScenarioFile
    from routes.scenario.forms.scenario_form import (
        Inputs,
        Name,
        ScenarioForm,
        parse_ends,
    )
    from routes.scenario.forms.scenario_template import TEMPLATE

__all__ = [
    "TEMPLATE",
    "FiledScenario",
    "Inputs",
    "Name",
    "ScenarioFile",
    "ScenarioForm",
    "parse_ends",
]

__getattr__, __dir__ = offer(__name__)
