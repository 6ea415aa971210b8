"""The running service under the same requests, and under what is no request at all."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from tests.properties.requests.grammar import Grammar
from tests.properties.requests.verdict import faults
from tests.properties.requests.wire import CHUNKED, answer, exchange, odd, plain, timed
from tests.support.servers.running import Running, wait_for

SECONDS = 15.0
"""Time of a usual run."""
PIECE = 1500
"""Requests, at most, of a usual run."""
CLIENTS = 4
LIMIT = 2.0
"""Seconds that the service allows itself, waiting for a thread included."""
SLOWEST = LIMIT + 28
"""Seconds that an answer takes at most, on a machine that others keep busy."""
REFUSED = frozenset({501, 503, 504})
"""Statuses from 500 on that refuse with a reason; 501 is for codings that nobody knows."""


@pytest.fixture(scope="module")
def running(network_dir: Path, result_dir: Path, tmp_path_factory) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("socket")
    options = ("--network", str(network_dir), "--result", str(result_dir), "--workers", "2")
    service = Running(home, *options, VEREDA_LIMIT_SECONDS=str(LIMIT), VEREDA_JOBS_WAITING="4")
    yield service
    service.kill()


@pytest.mark.trials
def test_a_running_service_outlives_all_that_is_sent(running: Running, request) -> None:
    times = request.config.getoption("--campaign")
    port = urlsplit(running.url).port
    with urlopen(f"{running.url}/api") as reply:
        document = json.load(reply)
    grammar = Grammar(document, {"name": ["out"], "result": ["out"], "featureId": ["1"]})
    grammar.seed = time.time_ns() if times > 1 else 1
    print(f"seed {grammar.seed}")
    wait_for(lambda: running.children()["working"], seconds=60)
    before = running.children()
    counts: Counter[str] = Counter()

    def send(number: int) -> list[str]:
        chance, sent = Random(f"wire {grammar.seed} {number}"), grammar.request(number)
        sound = chance.random() < 0.6
        pieces = [plain(sent)] if sound else odd(chance, sent)
        back, seconds = timed(port, pieces, leaving=chance.random() < 0.05, ending=not sound)
        label = f"request {number}: {sent.curl(running.url)[:600] if sound else pieces!r:.600}"
        if back is None:
            return [f"no end of an answer; {label}"]
        try:
            got = answer(back)
        except ValueError as error:
            return [f"{error}; {label}"]
        counts[str(got.status) if got else "no answer"] += 1
        if got is None or (got.status >= 500 and got.status in REFUSED):
            return []
        wrong = [f"status {got.status}; {label}"] if got.status >= 500 else []
        if sound:
            wrong += [f"{fault}; {label}" for fault in faults(sent, got, most_seconds=SLOWEST)]
        return wrong + ([f"took {seconds:.0f} s; {label}"] if seconds > SLOWEST else [])

    failures: list[str] = []
    begun, number = time.monotonic(), 0
    with ThreadPoolExecutor(CLIENTS) as clients:
        while number < PIECE * times and time.monotonic() - begun < SECONDS * times:
            for wrong in clients.map(send, range(number, number + 100)):
                for text in wrong:
                    print(text, flush=True)
                failures += wrong
            number += 100
    print(f"{number} requests, {time.monotonic() - begun:.0f} s, {dict(sorted(counts.items()))}")
    assert not failures, "\n".join(failures[:20])
    assert running.children() == before, "a process has ended"
    assert running.ask("/health")[0] == 200
    assert '"trace"' not in running.log.read_text()


@pytest.mark.parametrize(
    "body",
    [
        b'e\r\n{"slack": 0.1}',
        b'-1\r\n{"sla\r\n0\r\n\r\n',
        b"5;a\x00b\r\n{}   \r\n0\r\n\r\n",
        b'e\r\n{"slack": 0.1}x\r\n0\r\n\r\n',
        b'e\r\n{"slack": 0.1}\r\n0\r\nX: y\r\nContent-Length: 3\r\n\r\n',
        b"fffffffffffffffffffff\r\n",
    ],
)
def test_a_broken_body_is_the_fault_of_its_sender(running: Running, body: bytes) -> None:
    port = int(urlsplit(running.url).port or 0)
    # What follows on the connection is no request: nobody knows where one would begin.
    follows = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    back = exchange(port, [CHUNKED.replace(b"Connection: close\r\n", b"") + body, follows])
    assert back
    got = answer(back)
    assert got
    assert got.status == 400
    assert got.header("Content-Type") == "application/problem+json"
    assert b" 200 " not in back
