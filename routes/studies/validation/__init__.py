"""How a result compares with the record of events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from routes.studies.validation.capture_curve import ON, place, study_ground
    from routes.studies.validation.findings import COLUMNS, record
    from routes.studies.validation.null_models import BLIND, null_surfaces
    from routes.studies.validation.validation import MODEL, Validation, validate

__all__ = [
    "BLIND",
    "COLUMNS",
    "MODEL",
    "ON",
    "Validation",
    "null_surfaces",
    "place",
    "record",
    "study_ground",
    "validate",
]

__getattr__, __dir__ = offer(__name__)
