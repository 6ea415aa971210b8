"""Tokens: made, listed, revoked, expired; what each scope opens; what is open without."""

from __future__ import annotations

import json
import logging
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from cli.main import vereda
from geodata.errors import DataError, InputError
from service.access.guard import scope_of
from service.access.tokens import Tokens, add, read_tokens, revoke
from service.app import create_app
from service.state import Settings
from service.web.logs.logs import LogLines, cleaned

Serve = Callable[..., FlaskClient]
CHANGES = """
import sys
from pathlib import Path
from service.access.tokens import add, revoke
path, place = Path(sys.argv[1]), sys.argv[2]
for number in range(12):
    add(path, f"{place}-{number}", scopes=["read"], days=1)
    if number % 2:
        revoke(path, f"{place}-{number}")
"""
BODY = {"profile": "migrants-north", "from": ["Tela"], "to": ["Tapachula"], "draws": 20}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tokens.json"


@pytest.fixture
def serve(app: Flask, tmp_path: Path) -> Serve:
    def make(**settings: Any) -> FlaskClient:
        options = Settings(
            network=Path("unread"), jobs=tmp_path / "jobs", **{"limit_seconds": 600.0, **settings}
        )
        return create_app(options, like=app).test_client()

    return make


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


def test_only_hashes_are_kept_for_the_eyes_of_the_owner(file: Path) -> None:
    token, text = add(file, "desk", scopes=["read", "compute"], days=30)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert text.rsplit("_", 1)[-1] not in file.read_text()
    assert Tokens(file).find(text) == token
    with pytest.raises(LookupError, match="not known"):
        Tokens(file).find(text[:-1] + ("A" if text[-1] != "A" else "B"))
    for wrong in ("", "vrd__", token.id, token.hash, f"vrd_{token.id}_", "Ñ" * 60):
        with pytest.raises(LookupError):
            Tokens(file).find(wrong)


def test_a_name_is_the_same_with_its_accents_behind_their_letters(file: Path) -> None:
    apart, composed = "Jose\u0301", "Jos\u00e9"
    assert add(file, apart, scopes=["read"], days=1)[0].name == composed
    with pytest.raises(InputError, match="one of this name"):
        add(file, composed, scopes=["read"], days=1)
    assert revoke(file, apart).name == composed
    assert read_tokens(file) == []


def test_scopes_include_the_lesser_ones(file: Path) -> None:
    token, _ = add(file, "desk", scopes=["compute"], days=1)
    assert [token.allows(scope) for scope in ("read", "compute", "admin")] == [True, True, False]


@pytest.mark.parametrize(
    ("name", "scopes", "days", "field"),
    [
        ("desk", ["write"], 1, "scopes"),
        ("desk", [], 1, "scopes"),
        ("a\nb", ["read"], 1, "name"),
        ("  ", ["read"], 1, "name"),
        ("taken ", ["read"], 1, "name"),
        ("0123456789ab", ["read"], 1, "name"),
        ("desk", ["read"], 0, "expires"),
        ("desk", ["read"], float("nan"), "expires"),
        ("taken", ["read"], 1, "name"),
    ],
)
def test_wrong_tokens_are_not_made(
    file: Path, name: str, scopes: list[str], days: float, field: str
) -> None:
    add(file, "taken", scopes=["read"], days=1)
    with pytest.raises(InputError) as raised:
        add(file, name, scopes=scopes, days=days)
    assert raised.value.field == field


@pytest.mark.parametrize(
    "change",
    [{"name": 7}, {"name": "a\nb"}, {"name": ""}, {"id": 7}, {"hash": ["0"] * 64}, {"scopes": [[]]},
     {"created": "x"}, {"created": -1e300}, {"expires": 1e400}, {"expires": 1e15},
     {"expires": float("nan")}, {"other": 1}],
)  # fmt: skip
def test_a_token_of_another_form_is_refused(file: Path, change: dict[str, object]) -> None:
    add(file, "desk", scopes=["read"], days=1)
    (row,) = json.loads(file.read_text())["tokens"]
    file.write_text(json.dumps({"tokens": [{**row, **change}]}))
    for use in (lambda: Tokens(file), lambda: add(file, "other", scopes=["read"], days=1)):
        with pytest.raises(DataError, match="no file of tokens"):
            use()


@pytest.mark.parametrize(
    "text", ["", "[]", '{"tokens": [{"id": 1}]}', '{"tokens": 5}', "[" * 100_000]
)
def test_a_broken_file_is_refused_at_the_start(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(DataError, match="vereda token add"):
        Tokens(file)
    with pytest.raises(DataError, match="no such file"):
        Tokens(file.with_name("none"))


def test_what_is_no_plain_file_is_refused_and_not_waited_for(file: Path) -> None:
    os.mkfifo(file)
    with pytest.raises(DataError, match="It is a pipe"):
        read_tokens(file)
    for words in (["list"], ["add", "desk"], ["revoke", "desk"]):
        done = CliRunner().invoke(vereda, ["token", *words, "--tokens", str(file)])
        assert isinstance(done.exception, (DataError, InputError)), words
    with pytest.raises(DataError, match="It is a device"):
        read_tokens(Path(os.devnull))
    file.unlink()
    file.with_name("real.json").write_text('{"tokens": []}')
    file.symlink_to("real.json")
    assert read_tokens(file) == []


@pytest.mark.parametrize(
    "change",
    [
        {"hash": "\u00e9" * 64},
        {"id": ["list"]},
        {"id": 7},
        {"name": "desk\x1b[31m"},
        {"created": "today"},
        {"created": 1e300},
        {"expires": float("inf")},
        {"expires": float("nan")},
        {"scopes": "read"},
        {"scopes": [["read"]]},
        {"more": 1},
    ],
)
def test_tokens_of_others_making_are_refused(file: Path, change: dict[str, Any]) -> None:
    """Each of them would fail later, on the way of a request or of a list."""
    add(file, "desk", scopes=["read"], days=1)
    record = json.loads(file.read_text())
    record["tokens"][0].update(change)
    file.write_text(json.dumps(record))
    with pytest.raises(DataError, match="vereda token add"):
        read_tokens(file)


def test_a_file_nested_without_end_is_refused(file: Path) -> None:
    file.write_text("[" * 200_000)
    with pytest.raises(DataError, match="no file of tokens"):
        read_tokens(file)


def test_processes_that_change_tokens_together_lose_none(file: Path) -> None:
    places = [str(place) for place in range(4)]
    processes = [
        subprocess.Popen([sys.executable, "-c", CHANGES, str(file), place]) for place in places
    ]
    assert [process.wait() for process in processes] == [0] * len(places)
    names = {token.name for token in read_tokens(file)}
    assert names == {f"{place}-{number}" for place in places for number in range(0, 12, 2)}
    assert {stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()} == {0o600}


def test_a_file_that_a_link_leads_to_is_made(file: Path) -> None:
    link = file.with_name("link.json")
    link.symlink_to(file.name)
    add(link, "desk", scopes=["read"], days=1)
    assert link.is_symlink()
    assert [token.name for token in read_tokens(file)] == ["desk"]


def test_a_place_that_cannot_be_written_is_told(file: Path) -> None:
    nowhere = file.with_name("nowhere") / "tokens.json"
    for change in (lambda: add(nowhere, "desk", scopes=["read"], days=1),
                   lambda: revoke(nowhere, "desk")):  # fmt: skip
        with pytest.raises(InputError, match="name another file"):
            change()


def test_the_command_line_makes_lists_and_revokes(file: Path) -> None:
    def run(*words: str) -> str:
        done = CliRunner().invoke(vereda, ["--json", "token", *words, "--tokens", str(file)],
                                  catch_exceptions=False)  # fmt: skip
        assert done.exit_code == 0, done.output
        return done.output

    made = json.loads(run("add", "desk", "--scopes", "read, compute", "--expires", "2"))
    assert made["scopes"] == ["read", "compute"]
    (listed,) = json.loads(run("list"))["tokens"]
    assert listed["name"] == "desk" and made["token"] not in json.dumps(listed)
    Tokens(file).find(made["token"])
    run("revoke", "desk")
    assert read_tokens(file) == []
    missing = CliRunner().invoke(vereda, ["token", "revoke", "desk", "--tokens", str(file)])
    assert isinstance(missing.exception, InputError)


def test_a_file_that_is_not_there_has_no_list(file: Path) -> None:
    listing = CliRunner().invoke(vereda, ["token", "list", "--tokens", str(file)])
    assert isinstance(listing.exception, InputError)
    assert "There is no such file" in str(listing.exception)


def test_requests_need_a_token_of_the_right_scope(serve: Serve, file: Path) -> None:
    texts = {scope: add(file, scope, scopes=[scope], days=1)[1]
             for scope in ("read", "compute", "admin")}  # fmt: skip
    client = serve(tokens=file)
    for path in ("/collections", "/api", "/jobs", "/corridors", "/metrics", "/nowhere"):
        refused = client.get(path)
        assert refused.status_code == 401, path
        assert refused.mimetype == "application/problem+json"
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")
        assert "Authorization" in refused.json["remedy"]
    for path in ("/health", "/map", "/ready"):
        assert client.get(path).status_code in (200, 503), path
    assert client.get("/", headers={"Accept": "text/html"}).status_code == 200
    assert client.get("/", headers={"Accept": "application/json"}).status_code == 401
    read, compute, admin = (bearer(texts[scope]) for scope in ("read", "compute", "admin"))
    assert client.get("/collections", headers=read).status_code == 200
    assert client.get("/corridors", headers=read).status_code == 403
    assert client.post("/corridors", json=BODY, headers=read).status_code == 403
    assert client.get("/metrics", headers=compute).status_code == 403
    assert client.get("/metrics", headers=admin).status_code == 200
    made = client.post("/corridors", json=BODY, headers=compute)
    assert made.status_code == 201
    place = f"/jobs/{made.json['jobID']}"
    assert client.get(place, headers=read).status_code == 200
    assert client.delete(place, headers=read).status_code == 403
    assert client.delete(place, headers=compute).status_code == 200


def test_wrong_expired_and_revoked_tokens_are_refused(
    serve: Serve, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, text = add(file, "desk", scopes=["read"], days=1)
    client = serve(tokens=file)
    assert client.get("/collections", headers=bearer(text)).status_code == 200
    for header in (text, f"Basic {text}", "Bearer", f"Bearer {text}x", "Bearer ../../etc/passwd"):
        refused = client.get("/collections", headers={"Authorization": header})
        assert refused.status_code == 401, header
        assert text not in refused.text
    revoke(file, "desk")
    assert client.get("/collections", headers=bearer(text)).status_code == 401
    _, late = add(file, "late", scopes=["read"], days=1e-9)
    expired = client.get("/collections", headers=bearer(late))
    assert (expired.status_code, "expired" in expired.json["remedy"]) == (401, True)


def test_a_token_is_no_parameter(serve: Serve, file: Path) -> None:
    _, text = add(file, "desk", scopes=["read"], days=1)
    assert serve(tokens=file).get(f"/collections?token={text}").status_code == 401


def test_other_machines_may_only_read_without_tokens(serve: Serve) -> None:
    client = serve(host="0.0.0.0")
    assert client.get("/collections").status_code == 200
    for ask in (client.get("/corridors"), client.post("/corridors", json=BODY),
                client.delete("/jobs/x"), client.put("/collections")):  # fmt: skip
        assert ask.status_code == 403
        assert "vereda token add" in ask.json["remedy"]


def test_pages_of_others_may_write_only_where_tokens_are_asked_for(
    serve: Serve, file: Path
) -> None:
    add(file, "desk", scopes=["read"], days=1)
    preflight = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    without, with_tokens = serve(), serve(tokens=file)
    methods = "Access-Control-Allow-Methods"
    assert "POST" not in without.options("/corridors", headers=preflight).headers[methods]
    for origin in ("https://elsewhere.example", "null", "http://localhost:8000"):
        for ask in (without.post("/corridors", json=BODY, headers={"Origin": origin}),
                    without.delete("/jobs/x", headers={"Origin": origin})):  # fmt: skip
            assert ask.status_code == 403
            assert "vereda token add" in ask.json["remedy"]
        assert without.get("/collections", headers={"Origin": origin}).status_code == 200
    own = without.post("/corridors", json={"slack": 9}, headers={"Origin": "http://localhost"})
    assert own.status_code == 400
    # A name of another's that leads to this machine makes a page look like ours.
    rebound = {"Origin": "http://evil.example", "Host": "evil.example"}
    assert without.post("/corridors", json=BODY, headers=rebound).status_code == 403
    allowed = with_tokens.options("/corridors", headers=preflight)
    assert {"POST", "DELETE"} <= set(allowed.headers[methods].split(", "))
    assert "Authorization" in allowed.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/corridors", "compute"),
        ("HEAD", "//corridors/", "compute"),
        ("GET", "/tiles/roads/1/2/3.mvt", "read"),
        ("GET", "/metrics/", "admin"),
        ("OPTIONS", "/corridors", None),
        ("PATCH", "/health", "compute"),
        ("GET", "/map", None),
        ("GET", "/map/ground", "read"),
        ("GET", "/health/more", "read"),
        ("GET", "/static/map/page.js", None),
    ],
)
def test_what_requests_need(app: Flask, method: str, path: str, scope: str | None) -> None:
    with app.test_request_context("/"):
        assert scope_of(method, path) == scope


def test_logs_never_hold_tokens(serve: Serve, file: Path, caplog: pytest.LogCaptureFixture) -> None:
    token, text = add(file, "desk", scopes=["read"], days=1)
    secret = text.removeprefix(f"vrd_{token.id}_")
    client = serve(tokens=file)
    with caplog.at_level(logging.INFO, logger="vereda.access"):
        client.get("/collections", headers=bearer(text))
        client.get(f"/collections?token={text}")
    for as_json in (True, False):
        lines = [LogLines(as_json=as_json).format(record) for record in caplog.records]
        assert len(lines) == 2
        assert not any(secret in line for line in lines)
        assert "desk" in lines[0]
    assert secret not in cleaned(f"Authorization: bearer {secret} and Bearer%20{secret}")


def test_whoever_guesses_tokens_is_counted(serve: Serve, file: Path) -> None:
    add(file, "desk", scopes=["read"], days=1)
    client = serve(tokens=file, rate_read="3/minute")
    statuses = [client.get("/collections", headers=bearer("vrd_x_y")).status_code for _ in range(5)]
    assert statuses == [401, 401, 401, 429, 429]


def test_no_line_of_a_log_is_forged() -> None:
    record = logging.makeLogRecord({"msg": "GET /x\n2026 info forged \x1b[31m", "path": "/\r"})
    text = LogLines(as_json=False).format(record)
    assert text.isprintable()
    assert "GET /x\\n2026 info forged \\x1b[31m path=/\\r" in text


@pytest.mark.parametrize(
    "sign", ["\x7f", "\x9b31m", "\u202e", "\u2066", "\u2028", "\u200f", "\ud800"]
)
def test_no_sign_of_a_log_is_unseen(sign: str) -> None:
    """Nor may one colour a terminal of eight bits, or turn what stands beside it."""
    for as_json in (True, False):
        text = LogLines(as_json=as_json).format(logging.makeLogRecord({"msg": f"GET /{sign}x"}))
        assert text.isprintable()
        assert not as_json or json.loads(text)["message"] == f"GET /{sign}x"


def test_no_line_of_a_trace_is_taken_for_a_record() -> None:
    try:
        raise ValueError("no\n2026-01-01T00:00:00.000+00:00 info    GET / 200\x1b[2J")
    except ValueError:
        record = logging.makeLogRecord({"msg": "failed", "exc_info": sys.exc_info()})
    first, *others = LogLines(as_json=False).format(record).split("\n")
    assert first.endswith("failed")
    assert others and all(line.startswith("  ") and line.isprintable() for line in others)


def test_tokens_that_cannot_be_read_are_a_fault_of_the_service(
    serve: Serve, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever asks is told no more than that; the log tells the file."""
    _, text = add(file, "desk", scopes=["read"], days=1)
    client = serve(tokens=file)
    for spoil in (lambda: file.write_text("{"), file.unlink, lambda: os.mkfifo(file)):
        caplog.clear()
        spoil()
        refused = client.get("/collections", headers=bearer(text))
        assert refused.status_code == 503
        assert str(file) not in refused.text
        assert str(file) in caplog.text


def test_the_owner_of_the_file_stays(file: Path) -> None:
    if os.geteuid():
        pytest.skip("Only root gives files away")
    add(file, "desk", scopes=["read"], days=1)
    os.chown(file, 1234, 1234)
    revoke(file, "desk")
    assert (file.stat().st_uid, file.stat().st_gid) == (1234, 1234)
