"""Commands for scenarios: the corridors of one, files that describe some, and batches of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from cli.scenarios.batch import batch_command
    from cli.scenarios.corridors import corridors_command
    from cli.scenarios.scenario import scenario_group

__all__ = [
    "batch_command",
    "corridors_command",
    "scenario_group",
]

__getattr__, __dir__ = offer(__name__)
