"""The form of a scenario file: one scenario, or several that share keys, or a grid of them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from geodata.entries.forms import Text
from geodata.publication.results.result_files import OUTPUTS, Output
from routes.scenario.forms.scenario_form import ScenarioForm, once
from routes.scenario.keys.fields import DRAWS, MOST_DRAWS

USUAL_OUTPUTS: tuple[Output, ...] = tuple(each for each in OUTPUTS if each != "map")
"""Outputs of each scenario of a batch by default; a map of each is seldom needed."""


class FiledScenario(ScenarioForm):
    """A scenario of a file."""

    name: Text | None = None
    network: Text | None = None
    draws: Annotated[int, Field(ge=0, le=MOST_DRAWS)] = DRAWS.default
    outputs: Annotated[list[Output], AfterValidator(once)] = Field(
        default_factory=lambda: list(USUAL_OUTPUTS), min_length=1
    )


class ScenarioFile(FiledScenario):
    """A file: keys that its scenarios share, the scenarios with their own keys, and a grid."""

    scenarios: list[dict[str, Any]] | None = Field(default=None, alias="scenario", min_length=1)
    grid: dict[str, Any] | None = Field(default=None, min_length=1)
