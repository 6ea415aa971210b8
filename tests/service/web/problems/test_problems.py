"""Errors are problems, from one table, without traces; all replies may be read anywhere."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import BadRequest

from geodata.errors import DataError, InputError, NoPathError, VeredaError
from service.app import create_app
from service.corridors.answers import Answers
from service.state import Settings
from service.web.problems.problems import PROBLEMS, http_problem, unread_problem, vereda_problem
from service.web.problems.statuses import STATUSES, TITLES, UNREAD

MEMBERS = {"type", "title", "status", "detail", "instance"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/collections/nothing", 404),
        ("GET", "/collections/nothing/items", 404),
        ("GET", "/collections/nothing/schema", 404),
        ("GET", "/collections//items", 404),
        ("PUT", "/corridors", 405),
        ("DELETE", "/collections/roads/items", 405),
        ("GET", "/?colour=red", 400),
        ("GET", "/health?deep=1", 400),
        ("GET", "/api?f=yaml", 400),
    ],
)
@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "application/geo+json"])
def test_every_error_is_a_problem(
    client: FlaskClient, method: str, path: str, status: int, accept: str | None
) -> None:
    answer = client.open(path, method=method, headers={"Accept": accept} if accept else {})
    assert answer.status_code == answer.json["status"] == status
    assert answer.mimetype == "application/problem+json"
    assert set(answer.json) >= MEMBERS
    assert answer.json["instance"] == path
    assert "Accept" in answer.vary
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_wrong_method_is_told_the_right_ones(client: FlaskClient) -> None:
    assert "GET" in client.post("/collections").headers["Allow"]


def test_a_problem_is_of_the_kind_of_its_status(client: FlaskClient) -> None:
    """As documented: of those that are refused by HTTP itself, or before they are read, too."""
    assert client.get("/nowhere").json["type"] == "urn:problem-type:vereda:absent"
    assert client.put("/corridors").json["type"] == "about:blank"


def test_what_is_refused_unread_is_as_documented() -> None:
    def refused(status: int) -> dict[str, str]:
        return json.loads(unread_problem(status).get_data())

    assert refused(413)["type"] == "urn:problem-type:vereda:too-large"
    assert refused(413)["detail"].endswith(refused(413)["remedy"])
    assert refused(431)["type"] == "about:blank"
    assert refused(400)["type"] == "urn:problem-type:vereda:input"
    # Each says what is wrong and what to do.
    assert set(UNREAD) == {400, 413, 414, 417, 431, 500, 501, 503}
    for status in UNREAD:
        assert refused(status)["detail"]


def test_one_table_says_what_each_status_is() -> None:
    """Kinds of errors are of statuses in it, and each title is of a kind."""
    assert {kind.status for kind in PROBLEMS.values()} <= set(STATUSES)
    kinds = {kind.name for kind in PROBLEMS.values()} | {row.slug for row in STATUSES.values()}
    assert kinds >= set(TITLES)


def test_a_kind_has_one_title(app: Flask) -> None:
    """Whether an error of ours or of HTTP itself is of that kind."""
    with app.test_request_context("/"):
        ours, http = vereda_problem(InputError("x", 1, "Mend it.")), http_problem(BadRequest())
    assert ours.json["type"] == http.json["type"] and ours.json["title"] == http.json["title"]


def test_the_table_covers_the_family() -> None:
    assert set(PROBLEMS) >= set(VeredaError.__subclasses__())
    assert all(issubclass(kind, VeredaError) for kind in PROBLEMS)
    assert [PROBLEMS[kind].status for kind in (InputError, NoPathError, DataError)] == [
        400, 404, 500
    ]  # fmt: skip


def test_bad_data_is_our_fault(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def spoilt(*_: object, **__: object) -> None:
        raise DataError("from", {"layer": "port"}, "The network holds nothing of this kind.")

    monkeypatch.setattr(Answers, "answer", spoilt)
    answer = client.get("/corridors")
    assert answer.status_code == 500
    assert answer.json["value"] == {"layer": "port"}


def test_a_fault_is_logged_with_its_trace_and_told_without(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the secret cause")

    monkeypatch.setattr(Answers, "answer", broken)
    with caplog.at_level(logging.ERROR):
        answer = client.get("/corridors")
    assert answer.status_code == 500
    assert answer.mimetype == "application/problem+json"
    assert "secret" not in answer.text
    assert "the secret cause" in caplog.text


def test_other_origins_may_read_everything(client: FlaskClient) -> None:
    for path in ("/", "/api", "/collections/places/items", "/nowhere"):
        answer = client.get(path, headers={"Origin": "https://elsewhere.example"})
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert {"Link", "ETag"} <= set(answer.headers["Access-Control-Expose-Headers"].split(", "))
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    preflight = client.options(
        "/corridors",
        headers={"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "GET"},
    )
    assert preflight.status_code == 200
    assert preflight.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert preflight.data == b""
    assert "Content-Type" not in preflight.headers


def test_a_missing_network_or_result_is_told_at_the_start(
    tmp_path: Path, network_dir: Path
) -> None:
    with pytest.raises(DataError, match=r"no network\.json here"):
        create_app(Settings(network=tmp_path))
    with pytest.raises(DataError, match=r"no result\.json here"):
        create_app(Settings(network=network_dir, result=(tmp_path,)))


def test_a_network_alone_is_served(network_dir: Path) -> None:
    app: Flask = create_app(Settings(network=network_dir))
    client = app.test_client()
    assert client.get("/health").json["result_of_this_network"] is None
    assert client.get("/collections/corridors").status_code == 404
    page = client.get("/", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "<svg" not in page.text
