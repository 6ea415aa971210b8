"""Steps that every request and reply passes: parameters, bodies, errors, headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from service.web.content_policy import HTML, allow, secure
    from service.web.deadline import Deadline, check, clock, counted_from, register_clocks
    from service.web.lanes import Lane
    from service.web.metrics.metrics import (
        count_death,
        measure_computing,
        metrics_of,
        register_metrics,
    )
    from service.web.operations import (
        MEDIA_TYPE,
        Record,
        content,
        in_path,
        operation,
        parameter,
        readable,
        shared,
    )
    from service.web.requests.hosts import base, register_hosts
    from service.web.requests.query import MOST, MOST_DIGITS, PAGE, USUAL, Query, read_number
    from service.web.requests.request import LONGEST_LINE, ComposedRequest

__all__ = [
    "HTML",
    "LONGEST_LINE",
    "MEDIA_TYPE",
    "MOST",
    "MOST_DIGITS",
    "PAGE",
    "USUAL",
    "ComposedRequest",
    "Deadline",
    "Lane",
    "Query",
    "Record",
    "allow",
    "base",
    "check",
    "clock",
    "content",
    "count_death",
    "counted_from",
    "in_path",
    "measure_computing",
    "metrics_of",
    "operation",
    "parameter",
    "read_number",
    "readable",
    "register_clocks",
    "register_hosts",
    "register_metrics",
    "secure",
    "shared",
]

__getattr__, __dir__ = offer(__name__)
