"""Figures that the processes of an application count, for `/metrics`."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate

from flask import Flask, Response, current_app, g, request
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from service.web.metrics.shared_counts import Board

_KEY = "vereda-metrics"


_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "DELETE"})
_ENDS = (*(str(end) for end in _SECONDS), "+Inf")
_COUNTERS = {
    "vereda_requests": ("Requests answered", ("route", "method", "status")),
    "vereda_process_deaths": ("Processes that died", ("kind", "how")),
    "vereda_queue_faults": ("Turns of workers of the queue that failed", ()),
    "vereda_broken_connections": ("Connections closed by a fault of ours", ()),
}
_HISTOGRAMS = {
    "vereda_request_seconds": ("Time to answer", ("route",)),
    "vereda_corridor_seconds": ("Time of computing corridors live", ()),
}


class Metrics(Collector):
    """Figures of one application."""

    def __init__(self) -> None:
        self._take(Board(), 0)

    def share(self, processes: int) -> None:
        """Count together with processes that are yet to be forked, each of which is to `join`.

        Parameters
        ----------
        processes
            Largest number of processes.
        """
        # The last place is that of this process itself.
        self._take(Board(processes + 1, shared=True), processes)

    def join(self, place: int | None) -> None:
        """Count at a place of its own, in a process that was forked; alone without one."""
        if place is None:
            self._take(Board(), 0)
        else:
            self._own = self._board.tally(place)

    def _take(self, board: Board, place: int) -> None:
        self._board, self._own = board, board.tally(place)
        # These are there from the beginning, so that it is seen when they grow.
        for how in ("SIGKILL", "SIGSEGV", "SIGABRT"):
            for kind in ("answering", "job"):
                self._count("vereda_process_deaths", kind, how, times=0)
        for name in ("vereda_broken_connections", "vereda_queue_faults"):
            self._count(name, times=0)
        self._measure("vereda_corridor_seconds")

    def answered(self, response: Response) -> Response:
        """Count a request that was answered."""
        route = request.url_rule.rule if request.url_rule else "none"
        method = request.method if request.method in _METHODS else "other"
        self._count("vereda_requests", route, method, str(response.status_code))
        if "begun" in g:
            self._measure("vereda_request_seconds", route, seconds=time.perf_counter() - g.begun)
        return response

    def died(self, kind: str, how: str) -> None:
        """Count a process that died."""
        self._count("vereda_process_deaths", kind, how)

    def broke(self) -> None:
        """Count a connection that could not be handled."""
        self._count("vereda_broken_connections")

    def failed(self) -> None:
        """Count a turn of a worker that failed."""
        self._count("vereda_queue_faults")

    def computed(self, seconds: float) -> None:
        """Count corridors that were computed."""
        self._measure("vereda_corridor_seconds", seconds=seconds)

    def _count(self, name: str, *labels: str, times: float = 1) -> None:
        self._own.add((name, *labels), {0: times})

    def _measure(self, name: str, *labels: str, seconds: float | None = None) -> None:
        """Numbers of a histogram are how many fell between two ends each, and the sum."""
        amounts = (
            {} if seconds is None else {bisect_left(_SECONDS, seconds): 1.0, len(_ENDS): seconds}
        )
        self._own.add((name, *labels), amounts, size=len(_ENDS) + 1)

    def collect(self) -> Iterable[Metric]:
        """The figures now, of all processes."""
        sums = self._board.sums()
        for name, (description, labels) in _COUNTERS.items():
            counter = CounterMetricFamily(name, description, labels=labels)
            for key, (count,) in _of(sums, name):
                counter.add_metric(key, count)
            yield counter
        for name, (description, labels) in _HISTOGRAMS.items():
            histogram = HistogramMetricFamily(name, description, labels=labels)
            for key, (*counts, total) in _of(sums, name):
                buckets = list(zip(_ENDS, accumulate(counts), strict=True))
                histogram.add_metric(key, buckets, total)
            yield histogram


def _of(
    sums: dict[tuple[str, ...], list[float]], name: str
) -> Iterable[tuple[Sequence[str], list[float]]]:
    """Labels and numbers of one figure."""
    return ((key[1:], numbers) for key, numbers in sums.items() if key[0] == name)


def register_metrics(app: Flask) -> None:
    """Count all requests of an application."""
    metrics = Metrics()
    app.extensions[_KEY] = metrics
    app.after_request(metrics.answered)


def count_death(app: Flask, kind: str, how: str) -> None:
    """Note that a process died.

    Parameters
    ----------
    app
        The application whose figures count it.
    kind
        What it did: answering, working on the queue, or a job.
    how
        Cause: name of a signal, or an exit code.
    """
    metrics_of(app).died(kind, how)


def count_broken(app: Flask) -> None:
    """Note that a connection was closed, as the loop of its process failed on it."""
    metrics_of(app).broke()


def count_fault(app: Flask) -> None:
    """Note that a turn of a worker of the queue failed."""
    metrics_of(app).failed()


def measure_computing(seconds: float) -> None:
    """Note the time to compute corridors."""
    metrics_of(current_app).computed(seconds)


def metrics_of(app: Flask) -> Metrics:
    """The figures of an application."""
    metrics = app.extensions[_KEY]
    assert isinstance(metrics, Metrics)
    return metrics
