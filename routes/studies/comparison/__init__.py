"""Comparison: results side by side, and what moved from where to where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from routes.studies.comparison.comparison import (
        Comparison,
        compare_scenarios,
        compared,
    )
    from routes.studies.comparison.displacement import (
        Books,
        Displacement,
        check_books,
    )
    from routes.studies.comparison.likeness import (
        differences,
        require_alike,
        require_version,
        shared_draws,
    )
    from routes.studies.comparison.paired_draws import (
        LEAST_DRAWS,
        SharedDraws,
        certainty,
    )
    from routes.studies.comparison.passage import (
        TOLERANCE,
        Passage,
        countries_of,
        imbalance,
    )

__all__ = [
    "LEAST_DRAWS",
    "TOLERANCE",
    "Books",
    "Comparison",
    "Displacement",
    "Passage",
    "SharedDraws",
    "certainty",
    "check_books",
    "compare_scenarios",
    "compared",
    "countries_of",
    "differences",
    "imbalance",
    "require_alike",
    "require_version",
    "shared_draws",
]

__getattr__, __dir__ = offer(__name__)
