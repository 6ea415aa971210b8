"""The form of a scenario file: one scenario, or several that share keys, or a grid of them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from geodata.entries.forms import Text, refuse
from geodata.publication.result_directory import Output
from routes.scenario.scenario_form import ScenarioForm

USUAL_OUTPUTS: tuple[Output, ...] = (
    "corridors", "segments", "gateways", "admin", "package", "density",
)  # fmt: skip
"""What is written of each scenario of a batch, which seldom wants a map of each."""


def _once(outputs: list[Output]) -> list[Output]:
    for place, name in enumerate(outputs):
        if name in outputs[:place]:
            raise refuse("It is there twice; give it once.", at=f"[{place}]", value=name)
    return outputs


class FiledScenario(ScenarioForm):
    """A scenario of a file."""

    name: Text | None = None
    network: Text | None = None
    outputs: Annotated[list[Output], AfterValidator(_once)] = Field(
        default_factory=lambda: list(USUAL_OUTPUTS), min_length=1
    )


class ScenarioFile(FiledScenario):
    """A file: keys that its scenarios share, each of which changes some; and values to try."""

    scenarios: list[dict[str, Any]] | None = Field(default=None, alias="scenario", min_length=1)
    grid: dict[str, Any] | None = Field(default=None, min_length=1)
