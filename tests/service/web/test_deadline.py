"""Clocks: whatever is asked, the work on it ends with its time, waiting included."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from service.features import bulk_views as bulk
from service.web.deadline import Deadline, counted_from
from service.web.problems.problems import Refusal
from tests.support.servers.running import Running, wait_for

LONG_AGO = 3600.0
"""Seconds, more than the tests' own service allows."""


@pytest.mark.parametrize(
    "path",
    [
        "/corridors?from=Tela&to=Tapachula&slack=0.0321",
        "/collections/roads/items?filter=name='x'",
        "/collections/roads/items?sortby=name",
        "/tiles/network/9/128/233.mvt",
        "/bulk/ports.fgb",
    ],
)
def test_time_runs_from_when_a_request_is_here(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """However long it waited for a thread."""
    # What other tests have had written is answered at once, and rightly so.
    monkeypatch.setattr(bulk, "_STORE", bulk.Store())
    with counted_from(time.monotonic() - LONG_AGO):
        refused = client.get(path)
    assert (refused.status_code, refused.json["field"]) == (503, "time")
    assert refused.headers["Retry-After"]
    with client.get(path) as answer:
        assert answer.status_code in (200, 204)


def test_a_clock_ends_what_nobody_waits_for_and_what_is_late() -> None:
    Deadline(60.0).check()
    with pytest.raises(Refusal, match="time: '5 s'"):
        Deadline(5.0, begun=time.monotonic() - 6).check()


@pytest.fixture(scope="module")
def running(network_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    options = ("--network", str(network_dir), "--job-workers", "0", "--threads", "1")
    home = tmp_path_factory.mktemp("clocks")
    service = Running(home, *options, VEREDA_LIMIT_SECONDS="2")
    yield service
    service.kill()


def connected(service: Running, sent: str) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", int(service.url.rsplit(":", 1)[1])), 60)
    client.sendall(sent.replace("\n", "\r\n").encode())
    return client


@pytest.mark.trials
def test_clients_that_stay_after_their_answer_hold_nobody_up(running: Running) -> None:
    with ExitStack() as clients:
        for _ in range(40):
            sent = "GET /health HTTP/1.1\nHost: x\nConnection: close\n\n"
            client = clients.enter_context(connected(running, sent))
            assert client.recv(99).startswith(b"HTTP/1.1 200 ")
        begun = time.monotonic()
        assert running.ask("/health")[0] == 200
        # Each of them stays for two seconds at most, all at once.
        assert time.monotonic() - begun < 20
        while client.recv(999):
            pass
        wait_for(lambda: not client.recv(1), seconds=10)


def test_who_waits_for_a_thread_is_turned_away_in_time(running: Running) -> None:
    """The only thread there is waits for a client that does not read its long answer."""
    with ExitStack() as clients:
        slow = socket.socket()
        clients.enter_context(slow)
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(("127.0.0.1", int(running.url.rsplit(":", 1)[1])))
        slow.sendall(b"GET /collections/links/items?limit=10000 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert slow.recv(99).startswith(b"HTTP/1.1 200 ")
        for method in ("GET", "HEAD"):
            client = connected(running, f"{method} /health HTTP/1.1\nHost: x\n\n")
            clients.enter_context(client)
            begun, answer = time.monotonic(), b""
            while piece := client.recv(9999):
                answer += piece
            assert answer.startswith(b"HTTP/1.1 503 ")
            assert b"\r\nRetry-After: 5\r\n" in answer
            assert answer.endswith(b"\r\n\r\n") == (method == "HEAD")
            assert 1 < time.monotonic() - begun < 15


def test_a_refused_head_has_no_body(running: Running) -> None:
    for before in ("", "\n"):
        sent = f"{before}HEAD / HTTP/1.1\nHost: x\nExpect: x\nConnection: close\n\n"
        with connected(running, sent) as client:
            answer = b""
            while piece := client.recv(9999):
                answer += piece
        assert answer.startswith((b"HTTP/1.1 417 ", b"HTTP/1.1 400 "))
        assert answer.endswith(b"\r\n\r\n")
