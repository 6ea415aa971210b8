"""Figures of how the service runs, in the format of Prometheus at ``/metrics``.

Labels are of few values: routes as templates, methods and statuses of HTTP, states of jobs.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from geodata.errors import VeredaError
from service.jobs.queue import queue_of
from service.jobs.records import records_of
from service.state import State, current
from service.web.metrics.metrics import metrics_of
from service.web.operations import Record, content, operation
from service.web.replies.replies import JSON, json_reply
from service.web.requests.query import Query

if TYPE_CHECKING:
    from service.jobs.records import JobRecords

_ALIVE = "alive"
logger = logging.getLogger(__name__)
blueprint = Blueprint("metrics", __name__)


def _figures() -> bytes:
    """All figures, those of the other processes too."""
    registry = CollectorRegistry()
    registry.register(metrics_of(current_app))
    registry.register(_Jobs(records_of()))
    return generate_latest(registry)


class _Jobs(Collector):
    """Jobs by state, and how long the queue is, as the records say."""

    def __init__(self, records: JobRecords) -> None:
        self._records = records

    def collect(self) -> Iterable[Metric]:
        """The figures now; while records cannot be read, only that they cannot."""
        try:
            counts, alive = self._records.counts(), float(self._records.worked())
        except (OSError, sqlite3.Error) as error:
            # What the processes count is most wanted while something is wrong.
            logger.error("no figures of jobs: %s", error)
            yield _readable(0.0)
            return
        yield _readable(1.0)
        jobs = GaugeMetricFamily("vereda_jobs", "Jobs on this network by state", labels=("state",))
        for state, count in counts.items():
            jobs.add_metric((state,), count)
        yield jobs
        yield GaugeMetricFamily("vereda_queue_length", "Jobs that wait", value=counts["accepted"])
        yield GaugeMetricFamily("vereda_queue_alive", "Whether jobs are worked on", value=alive)


def _readable(value: float) -> Metric:
    text = "Whether the records of jobs can be read"
    return GaugeMetricFamily("vereda_jobs_readable", text, value=value)


@blueprint.get("/ready")
def ready() -> Response:
    """Whether the service can do all that it offers: the network is there, jobs are worked on."""
    Query(request.args)
    state = current()
    queue = _queue()
    record = {
        "status": "ready" if queue == _ALIVE else "not ready",
        "network": state.network.digest[:12],
        "queue": queue,
    }
    response = json_reply(record)
    response.status_code = 200 if queue == _ALIVE else 503
    response.headers["Cache-Control"] = "no-store"
    return response


def _queue() -> str:
    """What the queue of jobs lacks to work."""
    try:
        queue_of().reach()
        worked = records_of().worked()
    except (OSError, sqlite3.Error, VeredaError):
        return "the queue cannot be reached; jobs are kept, and wait"
    return _ALIVE if worked else "nobody works on jobs; start `vereda work`"


@blueprint.get("/metrics")
def figures() -> Response:
    """Figures for Prometheus."""
    Query(request.args)
    response = Response(_figures(), content_type=CONTENT_TYPE_PLAIN_0_0_4)
    response.headers["Cache-Control"] = "no-store"
    return response


def paths(state: State) -> Record:
    """OpenAPI paths of this module."""
    contents = content("text/plain", {"type": "string"})
    status = {200: content(JSON), 304: None, 503: content(JSON)}
    return {
        "/ready": {"get": operation("Service", "ready", "Whether all parts work", status)},
        "/metrics": {
            "get": operation("Service", "metrics", "Figures for Prometheus", {200: contents})
        },
    }
