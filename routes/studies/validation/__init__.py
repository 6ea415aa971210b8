"""How a result compares with the record of events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from routes.studies.validation.answers import Answer
    from routes.studies.validation.capture_curve import (
        ON,
        Placed,
        ValidationCells,
        place,
        study_ground,
    )
    from routes.studies.validation.findings import COLUMNS, record
    from routes.studies.validation.null_models import BLIND, null_surfaces
    from routes.studies.validation.place_findings import place_record
    from routes.studies.validation.place_test import PlaceTest, Surfaces, compare_at_places
    from routes.studies.validation.places import place_events
    from routes.studies.validation.spatial_bootstrap import require_blocks
    from routes.studies.validation.validation import MODEL, Validation, validate

__all__ = [
    "BLIND",
    "COLUMNS",
    "MODEL",
    "ON",
    "Answer",
    "PlaceTest",
    "Placed",
    "Surfaces",
    "Validation",
    "ValidationCells",
    "compare_at_places",
    "null_surfaces",
    "place",
    "place_events",
    "place_record",
    "record",
    "require_blocks",
    "study_ground",
    "validate",
]

__getattr__, __dir__ = offer(__name__)
