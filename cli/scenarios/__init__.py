"""Scenario files, and the work of a batch of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from cli.scenarios.batch_work import Batch, Due
    from cli.scenarios.scenario_files import Networks, ScenarioSource, read_runs, sources_of

__all__ = [
    "Batch",
    "Due",
    "Networks",
    "ScenarioSource",
    "read_runs",
    "sources_of",
]

__getattr__, __dir__ = offer(__name__)
