"""The test on cells: whether events lie where flow is modelled more often than rules say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from routes.studies.validation.cell_test.capture_curve import rank_cells
    from routes.studies.validation.cell_test.findings import record
    from routes.studies.validation.cell_test.validation import MODEL, Validation, validate

__all__ = [
    "MODEL",
    "Validation",
    "rank_cells",
    "record",
    "validate",
]

__getattr__, __dir__ = offer(__name__)
