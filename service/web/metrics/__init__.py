"""Metrics: what processes count, in memory that they share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from service.web.metrics.metrics import (
        count_broken,
        count_death,
        count_fault,
        measure_computing,
        metrics_of,
        register_metrics,
    )

__all__ = [
    "count_broken",
    "count_death",
    "count_fault",
    "measure_computing",
    "metrics_of",
    "register_metrics",
]

__getattr__, __dir__ = offer(__name__)
