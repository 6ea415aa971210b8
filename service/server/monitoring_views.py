"""Figures of how the service runs, in the format of Prometheus at ``/metrics``.

Labels are of few values: routes as templates, methods and statuses of HTTP, states of jobs.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from geodata.errors import VeredaError
from service.server.scratch import FIGURES
from service.state import State, current
from service.web.operations import Record, content, operation
from service.web.query import Query
from service.web.replies.replies import JSON, json_reply

if TYPE_CHECKING:
    from service.jobs.records import Ledger

_KEY = "vereda-metrics"
_ALIVE = "alive"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "DELETE"})
blueprint = Blueprint("metrics", __name__)


class Metrics:
    """Figures of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "vereda_requests", "Requests answered", ("route", "method", "status"),
            registry=self.registry,
        )  # fmt: skip
        self.seconds = Histogram(
            "vereda_request_seconds", "Time to answer", ("route",), buckets=_SECONDS,
            registry=self.registry,
        )  # fmt: skip
        self.computing = Histogram(
            "vereda_corridor_seconds", "Time of computing corridors live", buckets=_SECONDS,
            registry=self.registry,
        )  # fmt: skip

        self.deaths = Counter(
            "vereda_process_deaths", "Processes that died", ("kind", "how"),
            registry=self.registry,
        )  # fmt: skip
        for how in ("SIGKILL", "SIGSEGV", "SIGABRT"):
            self.deaths.labels("answering", how)

    def answered(self, response: Response) -> Response:
        """Count a request that was answered."""
        route = request.url_rule.rule if request.url_rule else "none"
        method = request.method if request.method in _METHODS else "other"
        self.requests.labels(route, method, str(response.status_code)).inc()
        if "begun" in g:
            self.seconds.labels(route).observe(time.perf_counter() - g.begun)
        return response

    def text(self, ledger: Ledger) -> bytes:
        """All figures, those of the other processes too."""
        registry = self.registry
        if os.environ.get(FIGURES):
            registry = CollectorRegistry()
            MultiProcessCollector(registry)
        jobs = CollectorRegistry()
        jobs.register(_Jobs(ledger))
        return generate_latest(registry) + generate_latest(jobs)


class _Jobs(Collector):
    """Jobs by state, and how long the queue is, as the records say."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def collect(self) -> Iterable[Metric]:
        """The figures now."""
        counts = self._ledger.counts()
        jobs = GaugeMetricFamily("vereda_jobs", "Jobs by state", labels=("state",))
        for state, count in counts.items():
            jobs.add_metric((state,), count)
        yield jobs
        yield GaugeMetricFamily("vereda_queue_length", "Jobs that wait", value=counts["accepted"])
        alive = float(self._ledger.worked())
        yield GaugeMetricFamily("vereda_queue_alive", "Whether jobs are worked on", value=alive)


def register_metrics(app: Flask) -> None:
    """Count all requests of an application."""
    metrics = Metrics()
    app.extensions[_KEY] = metrics
    app.after_request(metrics.answered)


def count_death(app: Flask, kind: str, how: str) -> None:
    """Note that a process died.

    Parameters
    ----------
    kind
        What it did: answering, or working.
    how
        Name of a signal, or an exit code.
    """
    metrics = app.extensions[_KEY]
    assert isinstance(metrics, Metrics)
    metrics.deaths.labels(kind, how).inc()


def measure_computing(seconds: float) -> None:
    """Note how long corridors took to compute."""
    metrics = current_app.extensions[_KEY]
    assert isinstance(metrics, Metrics)
    metrics.computing.observe(seconds)


@blueprint.get("/ready")
def ready() -> Response:
    """Whether the service can do all that it offers: the network is there, jobs are worked on."""
    Query(request.args)
    state = current()
    told = _queue(state)
    record = {
        "status": "ready" if told == _ALIVE else "not ready",
        "network": state.network.digest[:12],
        "queue": told,
    }
    response = json_reply(record)
    response.status_code = 200 if told == _ALIVE else 503
    response.headers["Cache-Control"] = "no-store"
    return response


def _queue(state: State) -> str:
    """What the queue of jobs is in want of."""
    try:
        state.queue.waiting()
    except (OSError, sqlite3.Error, VeredaError):
        return "the queue cannot be reached; jobs are kept, and wait"
    return _ALIVE if state.ledger.worked() else "nobody works on jobs; start `vereda work`"


@blueprint.get("/metrics")
def figures() -> Response:
    """Figures for Prometheus."""
    Query(request.args)
    metrics = current_app.extensions[_KEY]
    assert isinstance(metrics, Metrics)
    response = Response(metrics.text(current().ledger), content_type=CONTENT_TYPE_PLAIN_0_0_4)
    response.headers["Cache-Control"] = "no-store"
    return response


def paths(state: State) -> Record:
    """What this part serves."""
    told = content("text/plain", {"type": "string"})
    status = {200: content(JSON), 304: None, 503: content(JSON)}
    return {
        "/ready": {"get": operation("Service", "ready", "Whether all parts work", status)},
        "/metrics": {"get": operation("Service", "metrics", "Figures for Prometheus", {200: told})},
    }
