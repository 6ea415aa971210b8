"""Comparison: results side by side, and what moved from where to where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from routes.studies.comparison.comparison import Comparison, compare_scenarios
    from routes.studies.comparison.likeness import (
        differences,
        require_alike,
        require_version,
        shared_draws,
    )
    from routes.studies.comparison.paired_draws import LEAST_DRAWS, Draws

__all__ = [
    "LEAST_DRAWS",
    "Comparison",
    "Draws",
    "compare_scenarios",
    "differences",
    "require_alike",
    "require_version",
    "shared_draws",
]

__getattr__, __dir__ = offer(__name__)
