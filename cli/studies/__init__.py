"""Commands for studies: alternatives, chokepoints, siting, strategies, validation and others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from cli.studies.alternatives import alternatives_command
    from cli.studies.chokepoints import chokepoints_command
    from cli.studies.compare import compare_command
    from cli.studies.sensitivity import sensitivity_command
    from cli.studies.site import site_command
    from cli.studies.strategy import strategy_command
    from cli.studies.validate import validate_command

__all__ = [
    "alternatives_command",
    "chokepoints_command",
    "compare_command",
    "sensitivity_command",
    "site_command",
    "strategy_command",
    "validate_command",
]

__getattr__, __dir__ = offer(__name__)
