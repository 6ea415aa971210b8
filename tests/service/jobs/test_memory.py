"""Limits on memory and time of a process, whatever a request asks for."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from flask import Flask

from service.app import create_app
from service.server.connections import MOST_GATHERED_BYTES, PatientWorker
from service.server.gunicorn import overdue
from service.state import state_of
from service.web.logs.in_hand import InHand, RequestsInHand, name_request, note_answer
from service.web.requests.request import LONGEST_LINE

GREEDY = """
from service.jobs.memory import bound_memory
bound_memory(64)
small = bytearray(40 << 20)
try:
    large = bytearray(400 << 20)
except MemoryError:
    print("refused")
"""


def test_a_process_that_wants_too_much_is_refused_it() -> None:
    run = subprocess.run([sys.executable, "-c", GREEDY], capture_output=True, text=True, check=True)
    assert run.stdout == "refused\n"


def test_a_request_that_wants_too_much_is_told_so(app: Flask) -> None:
    other = create_app(state_of(app).settings, like=app)

    def greedy() -> None:
        raise MemoryError

    other.add_url_rule("/greedy", view_func=greedy)
    answer = other.test_client().get("/greedy")
    assert (answer.status_code, answer.json["field"]) == (503, "memory")
    assert answer.headers["Retry-After"]


def test_hands_tell_what_is_overdue() -> None:
    hands = RequestsInHand(places=2, threads=3)
    # As long as lines that are answered may be.
    line = "GET /a?b=\u00e9" + "x" * (LONGEST_LINE - 12)
    with hands.holding(1, line):
        name_request("some-id")
        (request,) = hands.of(1)
        assert request.identity == "some-id" and request.request == line
        assert not hands.of(0) and not request.answered
        time.sleep(0.02)
        assert overdue(hands.of(1), 0.01) and not overdue(hands.of(1), 60)
        note_answer()
        (request,) = hands.of(1)
        assert request.identity == "some-id" and request.answered
        assert not overdue(hands.of(1), 0.01)
    assert hands.of(1) == []
    hands.clear(1)
    with hands.holding(None, "GET /"):
        name_request("other")
    assert overdue([InHand("", "GET /", 5.0)], 4)


def test_no_process_is_ended_since_the_clock_was_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that wakes up, or is told the time, is hours ahead at once."""
    hands = RequestsInHand(places=1, threads=1)
    now = time.time()
    with hands.holding(0, "GET /"):
        monkeypatch.setattr(time, "time", lambda: now + 7200)
        assert not overdue(hands.of(0), 60)


class Connection:
    """What a worker knows of a connection."""

    def __init__(self, size: int, counted: int = 0) -> None:
        self.gathered, self.counted = bytearray(size), counted


def test_slow_clients_hold_so_much_and_no_more() -> None:
    worker = object.__new__(PatientWorker)
    slow = []
    while not worker._too_much(fresh := Connection(1 << 20)):
        worker._count(fresh, len(fresh.gathered))
        slow.append(fresh)
    assert len(slow) == MOST_GATHERED_BYTES >> 20
    # A request without a body is let in all the same.
    assert not worker._too_much(Connection(2000))
    for each in slow:
        worker._count(each, 0)
    assert worker.gathered_bytes == 0
