"""Connections: each is left to a process that has few, and none waits for the others."""

from __future__ import annotations

import math
import selectors
import socket
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress

import pytest
from flask import Flask
from gunicorn.config import Config
from gunicorn.workers.gthread import TConn, ThreadWorker
from prometheus_client import CollectorRegistry

from service.server.connections import PatientWorker, Shares
from service.web.metrics.metrics import metrics_of

EXPECTING = (
    b"POST /corridors HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n"
)


@pytest.fixture
def worker(app: Flask) -> Iterator[PatientWorker]:
    """A process without threads, as far as its loop needs it."""
    made = object.__new__(PatientWorker)
    made.place, made.wsgi = None, app
    made.handed, made.parting = {}, {}
    made.pending_conns, made.keepalived_conns = deque(), deque()
    made.nr_conns = 0
    with selectors.DefaultSelector() as made.poller:
        yield made


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The two ends of a connection: ours, and that of the client."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def come(worker: PatientWorker, ours: socket.socket) -> TConn:
    """A connection that the loop takes up."""
    conn = TConn(Config(), ours, ("127.0.0.1", 1), ("127.0.0.1", 2))
    worker.nr_conns += 1
    worker.enqueue_req(conn)
    return conn


def test_a_client_that_reads_nothing_is_encouraged_in_vain(
    worker: PatientWorker, pair: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = pair
    ours.setblocking(False)
    with suppress(BlockingIOError):
        while True:
            ours.send(bytes(4096))
    theirs.sendall(EXPECTING)
    conn = come(worker, ours)
    assert list(worker.pending_conns) == [conn] and worker.nr_conns == 1
    assert bytes(conn.gathered) == EXPECTING


def test_a_connection_that_cannot_be_handled_is_closed_alone(
    worker: PatientWorker,
    pair: tuple[socket.socket, socket.socket],
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    ours, theirs = pair
    other, client = socket.socketpair()
    with other, client:
        waits, breaks = come(worker, other), come(worker, ours)
        theirs.sendall(b"G")
        client.sendall(b"G")
        registry = CollectorRegistry()
        registry.register(metrics_of(app))
        before = registry.get_sample_value("vereda_broken_connections_total")

        def fail(conn: TConn) -> bool:
            if conn is breaks:
                raise RuntimeError("odd")
            return False

        monkeypatch.setattr(worker, "_too_much", fail)
        worker.wait_for_and_dispatch_events(1)
        worker.wait_for_and_dispatch_events(0)
        assert list(worker.pending_conns) == [waits] and bytes(waits.gathered) == b"G"
        assert worker.nr_conns == 1 and theirs.recv(1) == b""
        assert before is not None
        assert registry.get_sample_value("vereda_broken_connections_total") == before + 1
        assert "odd" in caplog.text


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
