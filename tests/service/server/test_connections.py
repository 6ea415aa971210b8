"""Connections: each is left to a process that has few, and none waits for the others."""

from __future__ import annotations

import math
import socket
import time

import pytest
from gunicorn.workers.gthread import ThreadWorker

from service.server.connections import PatientWorker, Shares


def test_a_process_in_place_of_another_is_counted_anew() -> None:
    shares = Shares(most=2)
    first, second, third = shares.take(), shares.take(), shares.take()
    assert (first, second, third) == (0, 1, None)
    shares.tell(first, 3)
    shares.tell(third, 9)
    assert shares.above_least(first)
    assert not shares.above_least(second) and not shares.above_least(third)
    shares.free(second)
    assert not shares.above_least(first)
    assert shares.take() == second
    assert shares.above_least(first)


def test_nobody_waits_for_a_process_that_is_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    shares = Shares(most=2)
    busy, stuck = shares.take(), shares.take()
    shares.tell(busy, 1)
    later = time.monotonic() + 4
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert not shares.above_least(busy)
    shares.stir(stuck)
    assert shares.above_least(busy)


def test_a_connection_is_left_to_others_without_stopping_the_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each round of the loop looks once, and in the end takes it up."""
    worker = object.__new__(PatientWorker)
    worker.place, worker._first_look, worker._last_look = 0, -math.inf, -math.inf
    worker.shares = Shares(most=2)
    for count in (2, 1):
        worker.shares.tell(worker.shares.take(), count)
    now, naps, taken = time.monotonic(), [], []
    monkeypatch.setattr(time, "monotonic", lambda: now + sum(naps))
    monkeypatch.setattr(time, "sleep", naps.append)
    monkeypatch.setattr(ThreadWorker, "accept", lambda worker, listener: taken.append(listener))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        for _ in range(2):
            rounds = 0
            while not taken:
                worker.accept(listener)
                rounds += 1
            assert 10 < rounds < 50 and max(naps) < 0.01 and taken.pop() is listener
