"""Orders: what the file of a study area asks for, and the downloads that it comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.sources.download.orders.jobs import Job, is_there, jobs_of, records_there
    from geodata.sources.download.orders.orders import (
        Order,
        extent_by_layers,
        extent_of,
        needs_layers,
        orders_of,
    )

__all__ = [
    "Job",
    "Order",
    "extent_by_layers",
    "extent_of",
    "is_there",
    "jobs_of",
    "needs_layers",
    "orders_of",
    "records_there",
]

__getattr__, __dir__ = offer(__name__)
