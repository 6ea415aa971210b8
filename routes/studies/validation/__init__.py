"""How a result compares with the record of events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from routes.studies.validation.cell_test.findings import record
    from routes.studies.validation.cell_test.validation import MODEL, Validation, validate
    from routes.studies.validation.null_models import BLIND, null_surfaces
    from routes.studies.validation.place_test.answers import Answer
    from routes.studies.validation.place_test.place_findings import place_record
    from routes.studies.validation.place_test.place_test import (
        PlaceTest,
        Surfaces,
        compare_at_places,
    )
    from routes.studies.validation.place_test.places import place_events
    from routes.studies.validation.sample import COLUMNS
    from routes.studies.validation.spatial_bootstrap import require_blocks
    from routes.studies.validation.validation_cells import (
        ON,
        Placed,
        ValidationCells,
        place,
        study_ground,
    )

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
