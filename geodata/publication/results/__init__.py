"""Results: the directory of one, written complete or not at all, and read again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.publication.results.publish import ComputedResult, slack_text
    from geodata.publication.results.reading import (
        HANDED_OUT,
        RECORD,
        ServedResult,
        read_density,
        read_layer,
        read_nearness,
        read_record,
        read_result,
        read_results,
        require_network,
        scenario_title,
    )
    from geodata.publication.results.result_files import OUTPUTS, RESULT, VALIDATION, Output

__all__ = [
    "HANDED_OUT",
    "OUTPUTS",
    "RECORD",
    "RESULT",
    "VALIDATION",
    "ComputedResult",
    "Output",
    "ServedResult",
    "read_density",
    "read_layer",
    "read_nearness",
    "read_record",
    "read_result",
    "read_results",
    "require_network",
    "scenario_title",
    "slack_text",
]

__getattr__, __dir__ = offer(__name__)
