"""No request is too odd: hundreds of thousands of them, made by chance from `/api`.

``--campaign N`` makes a run N times as long as the usual one. Each fault is told with the line
that sends its request again.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from flask import Flask

from service.app import create_app
from service.server.gunicorn import prepare
from service.state import Settings, state_of
from tests.properties.requests.grammar import Grammar
from tests.properties.requests.inprocess import Traces, ask
from tests.properties.requests.verdict import faults

SECONDS = 25.0
"""Time of the processor that a usual run takes at most: a busy machine asks no less."""
PIECE = 8000
"""Requests, at most, of a usual run: the same ones each time where they fit in its time."""
LIMIT = 2.0
"""Seconds that the service allows itself."""
SLOWEST = LIMIT + 3
"""Seconds of a processor that an answer takes at most: layers of tiles and files are not cut."""


@pytest.fixture(scope="module")
def app(network_dir: Path, result_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    jobs = tmp_path_factory.mktemp("campaign") / "jobs"
    bounds = {"limit_seconds": LIMIT, "jobs_waiting": 4}
    app = create_app(Settings(network=network_dir, result=(result_dir,), jobs=jobs, **bounds))
    # As a server does before it answers: a new checkout has nothing compiled.
    prepare(app)
    return app


@pytest.fixture(scope="module")
def behind_proxy(app: Flask) -> Flask:
    """The same service, where a proxy says who asks and by which name."""
    settings = replace(state_of(app).settings, proxies=1, rate_read="", rate_compute="")
    return create_app(settings, like=app)


@pytest.fixture(scope="module")
def grammar(app: Flask) -> Grammar:
    client = app.test_client()
    known: dict[str, list[str]] = {"featureId": ["1", "0", "c1"], "jobID": ["x"], "name": ["out"]}
    for each in client.get("/collections").json["collections"]:
        items = client.get(f"/collections/{each['id']}/items?limit=3").json["features"]
        known["featureId"] += [str(item["id"]) for item in items]
    known["after"] = known["featureId"]
    known["result"] = ["out"]
    known["set"] = ["network", "results"]
    return Grammar(client.get("/api").json, known)


def test_no_request_is_too_odd(app: Flask, behind_proxy: Flask, grammar: Grammar, request) -> None:
    times = request.config.getoption("--campaign")
    # The usual run is the same one each time; longer ones go where none has been.
    if times > 1:
        grammar = replace(grammar, seed=time.time_ns())
    print(f"seed {grammar.seed}")
    traces = Traces()
    logging.getLogger("service").addHandler(traces)
    failures: dict[tuple[str, str], str] = {}
    counts: Counter[int] = Counter()
    begun, number = time.process_time(), 0
    while number < PIECE * times and time.process_time() - begun < SECONDS * times:
        sent, traces.last = grammar.request(number), ""
        number += 1
        try:
            got = ask(behind_proxy if number % 4 == 0 else app, sent)
            wrong = [*faults(sent, got, most_seconds=SLOWEST)]
            counts[got.status] += 1
        except Exception as error:
            wrong = [f"{type(error).__name__}: {error}"]
        for fault in wrong:
            key = (fault, traces.last)
            if key not in failures:
                failures[key] = f"request {number - 1}: {fault}; {traces.last}\n  {sent.curl()}"
                print(failures[key], flush=True)
        if number % 20_000 == 0:
            spent = time.process_time() - begun
            print(f"{number} requests, {spent:.0f} s, {dict(counts)}", flush=True)
    logging.getLogger("service").removeHandler(traces)
    print(f"{number} requests, {time.process_time() - begun:.0f} s, {dict(sorted(counts.items()))}")
    assert not failures, "\n".join(failures.values())
    assert counts[200] > 0.2 * number
    assert counts[400] > 0.1 * number


def test_every_operation_is_asked(app: Flask, grammar: Grammar) -> None:
    """Some take so long that chance comes to them seldom."""
    for operation in grammar.operations:
        sent = grammar.random(Random("once"), operation)
        wrong = [*faults(sent, ask(app, sent), most_seconds=SLOWEST)]
        assert not wrong, (wrong, sent.curl())
