"""Scenarios that take long: records, queue, worker; OGC API - Processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from service.jobs.memory import bound_memory
    from service.jobs.queue import open_queue, queue_of
    from service.jobs.records import JobRecords, records_of
    from service.jobs.worker import WELL, Worker, ending, work_apart

__all__ = [
    "WELL",
    "JobRecords",
    "Worker",
    "bound_memory",
    "ending",
    "open_queue",
    "queue_of",
    "records_of",
    "work_apart",
]

__getattr__, __dir__ = offer(__name__)
