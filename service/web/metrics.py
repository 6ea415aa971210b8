"""Figures of an application: what each process counts, for `/metrics`."""

from __future__ import annotations

import time

from flask import Flask, Response, current_app, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram

_KEY = "vereda-metrics"


_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "DELETE"})


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
    metrics_of(app).deaths.labels(kind, how).inc()


def measure_computing(seconds: float) -> None:
    """Note how long corridors took to compute."""
    metrics_of(current_app).computing.observe(seconds)


def metrics_of(app: Flask) -> Metrics:
    """The figures of an application."""
    metrics = app.extensions[_KEY]
    assert isinstance(metrics, Metrics)
    return metrics
