"""Limits on rate, body, pairs, slack and time; ids, headers and lines of requests."""

from __future__ import annotations

import json
import logging
import multiprocessing
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from geodata.errors import InputError
from service.access.rate_limits import USUAL, SharedMemory
from service.app import create_app
from service.corridors.answers import Answers, answers_of
from service.corridors.scenario_schema import read_question
from service.jobs.records import records_of
from service.state import Settings
from service.web.logs.logs import LogLines
from service.web.problems.problems import Refusal

Serve = Callable[..., FlaskClient]
SHORT = "profile=migrants-north&from=Tela&to=Tapachula"


@pytest.fixture
def serve(app: Flask, tmp_path: Path) -> Serve:
    def make(**settings: Any) -> FlaskClient:
        options = Settings(
            network=Path("unread"), jobs=tmp_path / "jobs", **{"limit_seconds": 600.0, **settings}
        )
        return create_app(options, like=app).test_client()

    return make


def test_too_many_requests_are_told_when_to_come_back(serve: Serve) -> None:
    client = serve(rate_read="3/minute")
    assert [client.get("/health").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = client.get("/health")
    assert refused.json["remedy"].startswith("Wait")
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    other = {"REMOTE_ADDR": "10.1.2.3"}
    assert client.get("/health", environ_overrides=other).status_code == 200


def test_computing_is_counted_apart(serve: Serve) -> None:
    client = serve(rate_compute="1/minute")
    assert client.post("/corridors", json={"form": []}).status_code == 400
    assert client.get("/corridors?form=x").status_code == 429
    assert client.get("/collections").status_code == 200


def test_where_others_may_ask_there_is_a_rate_by_itself(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(USUAL, "read", "3/minute")

    def codes(client: FlaskClient) -> list[int]:
        return [client.get("/health").status_code for _ in range(4)]

    assert codes(serve()) == [200] * 4
    assert codes(serve(host="0.0.0.0")) == [200, 200, 200, 429]


def test_requests_are_counted_while_redis_is_away(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    client = serve(rate_read="3/minute", counters="redis://127.0.0.1:1/0")
    assert [client.get("/health").status_code for _ in range(4)] == [200, 200, 200, 429]
    (record,) = [each for each in caplog.records if each.name == "service.access.rate_limits"]
    assert record.levelname == "WARNING" and "Redis cannot be reached" in record.getMessage()


def test_counters_in_redis_need_its_library(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.state.redis_addresses.find_spec", lambda name: None)
    with pytest.raises(InputError, match="vereda\\[redis\\]") as raised:
        serve(counters="redis://127.0.0.1:1/0")
    assert raised.value.field == "counters"


def test_behind_a_proxy_everybody_only_reads_without_tokens(serve: Serve) -> None:
    client = serve(proxies=1)
    assert client.get("/collections").status_code == 200
    for ask in (client.get("/corridors"), client.post("/corridors", json={}),
                client.post("/processes/corridors/execution", json={"inputs": {}})):  # fmt: skip
        assert ask.status_code == 403
        assert "vereda token add" in ask.json["remedy"]


def test_a_proxy_tells_who_asks_only_when_it_is_believed(serve: Serve) -> None:
    ahead = [{"X-Forwarded-For": f"10.0.0.{k}"} for k in range(3)]
    trusting, plain = serve(rate_read="1/minute", proxies=1), serve(rate_read="1/minute")
    assert [trusting.get("/health", headers=each).status_code for each in ahead] == [200] * 3
    assert [plain.get("/health", headers=each).status_code for each in ahead] == [200, 429, 429]


def _count(storage: SharedMemory, times: int) -> None:
    for _ in range(times):
        storage.incr("key", 60)


def test_processes_count_together() -> None:
    storage = SharedMemory()
    fork = multiprocessing.get_context("fork")
    crowd = [fork.Process(target=_count, args=(storage, 500)) for _ in range(3)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    assert storage.get("key") == 1500
    storage.clear("key")
    assert (storage.get("key"), storage.check()) == (0, True)


def test_counts_end_with_their_window_and_make_room_for_others() -> None:
    storage = SharedMemory()
    storage.incr("short", 0)
    assert storage.get("short") == 0
    for number in range(50_000):
        storage.incr(f"key {number}", 60)
    assert storage.get("key 49999") == 1
    assert storage.get_expiry("key 49999") > time.time() + 50
    storage.reset()
    assert storage.get("key 49999") == 0


def test_nobody_is_locked_out_by_a_clock_that_was_set_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    storage = SharedMemory()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 86_400)
    assert [storage.incr("key", 60) for _ in range(3)] == [1, 2, 3]
    monkeypatch.setattr(time, "time", lambda: now)
    assert [storage.incr("key", 60) for _ in range(2)] == [1, 2]
    assert storage.get_expiry("key") <= now + 60


def test_an_address_that_is_none_is_refused_without_its_password(serve: Serve) -> None:
    for address in ("redis://:hush@h:99999999/0", "redis://:hush@h/0?socket_timeout=soon"):
        with pytest.raises(InputError, match="no address of a Redis") as raised:
            serve(counters=address)
        assert "hush" not in str(raised.value)


def test_a_body_that_is_too_large_is_refused(serve: Serve) -> None:
    client = serve(body_limit=2000)
    refused = client.post("/corridors", json={"from": ["x" * 3000]})
    assert (refused.status_code, refused.mimetype) == (413, "application/problem+json")
    assert refused.json["type"] == "urn:problem-type:vereda:too-large"


@pytest.mark.parametrize(
    ("settings", "body", "field"),
    [
        ({"slack_limit": 0.1}, {"slack": 0.2}, "slack"),
        ({"slack_limit": 0.1}, {"slack": 0.1, "slack_hours": 5}, "slack_hours"),
        ({"draws_limit": 10}, {"draws": 11}, "draws"),
        ({"job_pairs": 3}, {"from": ["Tela", "Tocoa"], "to": ["Tapachula", "Flores"]}, "pairs"),
    ],
)
def test_more_than_is_allowed_is_refused(
    serve: Serve, settings: dict[str, Any], body: dict[str, Any], field: str
) -> None:
    refused = serve(**settings).post("/corridors", json=body)
    assert refused.status_code == 403
    assert refused.json["field"] == field


def test_slack_is_limited_for_maps_too(serve: Serve) -> None:
    assert serve(slack_limit=0.1).get(f"/corridors?{SHORT}&slack=0.2").status_code == 403


def test_an_answer_that_takes_too_long_is_stopped(app: Flask, tmp_path: Path) -> None:
    settings = Settings(
        network=Path("unread"), jobs=tmp_path / "jobs", limit_seconds=0.05, answers=1
    )
    client = create_app(settings, like=app).test_client()
    begun = time.monotonic()
    refused = client.get("/corridors?slack=0.4&profile=cocaine-north")
    assert time.monotonic() - begun < 60
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    assert "POST it as a job" in refused.json["remedy"]


def test_requests_have_ids(serve: Serve) -> None:
    client = serve()
    answer = client.get("/nowhere", headers={"X-Request-ID": "desk-7.a"})
    assert answer.headers["X-Request-ID"] == answer.json["request_id"] == "desk-7.a"
    for usual in ("4bf92f3577b34da6a3ce929d0e0e4736", "0af76519-16cd-43dd-8448-eb211c80319c"):
        answer = client.get("/nowhere", headers={"X-Request-ID": usual})
        assert answer.json["request_id"] == usual
    # The last would be hidden in the log, as a secret.
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    for wrong in ("a b", "x" * 65, "<script>", "", trace):
        answer = client.get("/nowhere", headers={"X-Request-ID": wrong})
        assert answer.json["request_id"] not in ("", wrong)
        assert answer.headers["X-Request-ID"] == answer.json["request_id"]


def test_requests_have_a_line(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="vereda.access"):
        serve().get("/collections/roads/items?limit=1", headers={"X-Request-ID": "here"})
    line = json.loads(LogLines(as_json=True).format(caplog.records[-1]))
    assert {"time", "level", "milliseconds", "bytes", "address"} <= line.keys()
    assert (line["route"], line["status"]) == ("/collections/<name>/items", 200)
    assert line["path"] == "/collections/roads/items?limit=1"
    assert "\n" not in LogLines(as_json=True).format(caplog.records[-1])


def test_metrics_count_by_route_and_not_by_path(serve: Serve) -> None:
    client = serve()
    for number in range(30):
        client.get(f"/collections/none{number}/items")
        client.get(f"/nowhere/{number}")
    client.get(f"/corridors?{SHORT}&slack=0.0123")
    client.open("/health", method="BREW")
    text = client.get("/metrics").text
    assert 'vereda_requests_total{method="GET",route="none",status="404"} 30.0' in text
    assert "none29" not in text
    assert 'method="other"' in text
    assert "vereda_corridor_seconds_count 1.0" in text
    for name in ("vereda_queue_length", 'vereda_jobs{state="failed"}', "vereda_queue_alive"):
        assert name in text


def test_the_service_is_ready_only_with_a_worker(serve: Serve) -> None:
    client = serve()
    assert client.get("/health").status_code == 200
    assert client.get("/ready").status_code == 503
    records_of(client.application).sign_on(1)
    assert client.get("/ready").json["queue"] == "alive"


def test_replies_are_secured(serve: Serve) -> None:
    for path in ("/collections", "/nowhere", "/jobs"):
        headers = serve().get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"] == "default-src 'none'"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert len(set(headers.keys())) == len(headers)


def test_a_long_reply_is_sent_in_pieces(serve: Serve) -> None:
    """Each has its time, so that a slow client gets the whole."""
    client = serve()
    long = client.get("/collections/links/items?limit=5000", buffered=False)
    pieces = list(long.response)
    assert len(pieces) > 2
    assert max(map(len, pieces)) <= 256 * 1024
    assert sum(map(len, pieces)) == int(long.headers["Content-Length"])


def test_only_so_many_long_questions_wait(app: Flask) -> None:
    answers = Answers(answers_of(app).router, most=4, most_waiting=1)
    question = read_question({"profile": "cocaine-north", "slack": 0.1})
    with answers._room(question), pytest.raises(Refusal, match="ask again in some seconds"):
        answers.answer(question)
    assert answers._rooms.acquire(blocking=False)
