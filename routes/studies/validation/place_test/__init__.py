"""The test at places: whether an answer tells events from towns away from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from routes.studies.validation.place_test.answers import Answer
    from routes.studies.validation.place_test.place_findings import place_record
    from routes.studies.validation.place_test.place_test import (
        PlaceTest,
        Surfaces,
        compare_at_places,
    )
    from routes.studies.validation.place_test.places import place_events

__all__ = [
    "Answer",
    "PlaceTest",
    "Surfaces",
    "compare_at_places",
    "place_events",
    "place_record",
]

__getattr__, __dir__ = offer(__name__)
