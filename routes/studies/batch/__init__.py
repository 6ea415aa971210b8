"""Batches: many scenarios planned from files, and the figures reported of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from routes.studies.batch.figures import FIGURES, headline
    from routes.studies.batch.name_check import name_faults
    from routes.studies.batch.run import Run
    from routes.studies.batch.sweeps import Draft, outline_faults, sweep

__all__ = [
    "FIGURES",
    "Draft",
    "Run",
    "headline",
    "name_faults",
    "outline_faults",
    "sweep",
]

__getattr__, __dir__ = offer(__name__)
