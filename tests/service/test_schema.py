"""The OpenAPI document against the service: nothing undocumented, no fault, whatever is sent."""

from __future__ import annotations

import gc
import json
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from service.app import create_app
from service.settings import Settings
from service.state import state_of

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance,
          response_schema_conformance]  # fmt: skip
BODY = {"profile": "migrants-north", "from": ["Tela"], "to": ["Tapachula"]}
JSON = "application/json"
COLLECTIONS = ("roads", "corridors", "posts")


@pytest.fixture(scope="module")
def open_app(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """A service where many jobs may wait; a worker counts as alive."""
    jobs = tmp_path_factory.mktemp("asked") / "jobs"
    told = Settings(network=Path("unread"), jobs=jobs, jobs_waiting=10**6)
    return create_app(told, state=state_of(app))


@pytest.fixture
def asked(open_app: Flask) -> FlaskClient:
    return open_app.test_client()


@pytest.fixture
def api(open_app: Flask) -> Any:
    state_of(open_app).ledger.sign_on(1)
    return schemathesis.openapi.from_wsgi("/api", open_app)


# The client of schemathesis leaves files that are sent to the collector of garbage.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_every_answer_is_as_documented(api: Any, open_app: Flask) -> None:
    """All operations, with what their schemas allow and with what they forbid.

    Collections have the same operations; those of three stand for all.
    """
    wrong: dict[str, str] = {}
    for found in api.get_all_operations():
        operation = found.ok()
        parts = operation.path.split("/")
        if parts[1] == "collections" and len(parts) > 2 and parts[2] not in COLLECTIONS:
            continue
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            state_of(open_app).ledger.sign_on(1)
            try:
                ask(operation.as_strategy(generation_mode=mode))
            except Unsatisfiable:
                # An operation without parameters has nothing that could be wrong.
                continue
            except Exception as error:
                several = getattr(error, "exceptions", [error])
                wrong[f"{operation.label} {mode.name}"] = "; ".join(str(e)[:400] for e in several)
    gc.collect()
    assert not wrong, "\n".join(f"{name}: {text}" for name, text in wrong.items())


def ask(strategy: SearchStrategy[Any]) -> None:
    @seed(1)
    @settings(
        max_examples=5, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=strategy)
    def check(case: Any) -> None:
        # The client that is used within a process does not unpack what is compressed.
        case.call_and_validate(checks=CHECKS, headers={"Accept-Encoding": "identity"})

    check()


PROFILE: dict[str, Any] = {
    "name": "own", "title": "One's own",
    "modes": {"road": {"rate": 1, "source": "test"}, "transfer": {"rate": 1, "source": "test"}},
    "weights": {name: {"value": 0, "source": "test"} for name in ("remoteness", "weakness")},
    "fees": {name: {"hours": 1, "source": "test"}
             for name in ("formal", "informal", "port", "landing", "mouth", "bank")},
    "choice": {"theta": {"value": 1, "source": "test"}},
    "origins": [{"name": "a", "at": {"layer": "place", "name": "Tela"}, "source": "test",
                 "demand": 1}],
    "destinations": [{"name": "b", "at": {"layer": "point", "x": -92.26, "y": 14.91},
                      "source": "test", "entry": 0}],
}  # fmt: skip


def spoilt(**changes: Any) -> dict[str, Any]:
    return {"profile": {**PROFILE, **changes}}


def end(**at: Any) -> list[dict[str, Any]]:
    return [{"name": "a", "at": at, "source": "test", "demand": 1}]


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"form": ["Tela"]}, "form", "Did you mean 'from'?"),
    ({"Slack": 0.1}, "Slack", "slack"),
    ({"profile": "cocaine"}, "profile", "cocaine-north"),
    ({"profile": "../../etc/passwd"}, "profile", "There are"),
    ({"profile": 5}, "profile", "the name of a shipped profile"),
    ({"profile": None}, "profile", "the name of a shipped profile"),
    ({"from": "Tela"}, "from", "a list"),
    ({"from": [5]}, "from.0", "a text"),
    ({"from": [""]}, "from.0", "not empty"),
    ({"from": [" "]}, "from", "leave it out"),
    ({"from": ["x" * 201]}, "from.0", "at most 200"),
    ({"from": ["Tela"] * 51}, "from", "at most 50"),
    ({"from": ["-70,15"]}, "from", "inside borderlands"),
    ({"from": ["nan,nan"]}, "from", "LON,LAT"),
    ({"from": ["1e999,14"]}, "from", ""),
    ({"from": ["'; DROP TABLE jobs; --"]}, "from", "No place"),
    ({"from": ["<script>alert(1)</script>"]}, "from", "No place"),
    ({"from": ["$(reboot)", "`reboot`"]}, "from", "No place"),
    ({"from": ["{{7*7}}"]}, "from", "No place"),
    ({"from": ["Tela\u0000"]}, "from", ""),
    ({"via": ["../../../etc/passwd"]}, "via", ""),
    ({"via": ["Izabal"] * 4}, "via", "at most 3"),
    ({"avoid": ["nowhere"]}, "avoid", ""),
    ({"close": [None]}, "close.0", "a text"),
    ({"strengthen": ["Corinto"]}, "strengthen", "NAME=HOURS"),
    ({"strengthen": ["Corinto=nan"]}, "strengthen", "NAME=HOURS"),
    ({"strengthen": ["Corinto=-1"]}, "strengthen", ""),
    ({"slack": "0.1"}, "slack", "a number"),
    ({"slack": True}, "slack", "a number"),
    ({"slack": -0.1}, "slack", "0 or more"),
    ({"slack": 1.5}, "slack", "at most"),
    ({"slack_hours": -1}, "slack_hours", "0 or more"),
    ({"slack_hours": 1e9}, "slack_hours", "at most"),
    ({"alternatives": 9}, "alternatives", "at most 8"),
    ({"alternatives": 2, "from": ["Tela", "Tocoa"]}, "alternatives", "one origin"),
    ({"alternatives": 2, "draws": 20}, "alternatives", "draws"),
    ({"draws": -1}, "draws", "0 or more"),
    ({"draws": 1}, "draws", "two at least"),
    ({"draws": 2.5}, "draws", "whole number"),
    ({"seed": 2**40}, "seed", "at most"),
    ({"limit": 0}, "limit", "1 or more"),
    (spoilt(name=""), "profile.name", "not empty"),
    (spoilt(titel="x"), "profile.titel", "Did you mean 'title'?"),
    (spoilt(modes={"plane": {"rate": 1, "source": "x"}}), "profile.modes.plane", "road"),
    (spoilt(modes={}), "profile.modes", "one at least"),
    (spoilt(modes={"road": {"rate": 1}}), "profile.modes.road", "source"),
    (spoilt(modes={"road": {"rate": -1, "source": "x"}}), "profile.modes.road.rate", "0 or more"),
    (spoilt(modes={"road": 5}), "profile.modes.road", "an object"),
    (spoilt(weights={}), "profile.weights", "remoteness"),
    (spoilt(fees=[]), "profile.fees", "an object"),
    (spoilt(choice={}), "profile.choice", "theta or best_share"),
    (spoilt(origins=[]), "profile.origins", ""),
    (spoilt(origins=[5]), "profile.origins.0", "an object"),
    (spoilt(origins=end()), "profile.origins.0.at", "a layer"),
    (spoilt(origins=end(layer="moon")), "profile.origins.0.at", "a layer"),
    (spoilt(origins=end(layer="point", x="1", y=2)), "profile.origins.0.at", "a layer"),
    (spoilt(origins=end(layer="place", name="Nowhereville")), "from", "No place"),
    (spoilt(origins=end(layer="port", name="Nowhereville")), "from", "nothing of this kind"),
    (spoilt(origins=end(layer="points", coordinates=[[0]])), "profile.origins.0.at.coordinates.0",
     "at least 2"),
    (spoilt(origins=end(layer="point", x=-170, y=80)), "from", ""),
    (spoilt(pairs=[{"origin": "z", "destination": "b", "demand": 1}]), "profile.pairs[0].origin",
     "One of"),
    (spoilt(pairs=5), "profile.pairs", "a list"),
]  # fmt: skip


def test_a_profile_of_ones_own_is_answered(asked: FlaskClient) -> None:
    answer = asked.post("/corridors", json={"profile": PROFILE})
    assert answer.status_code == 200, answer.text
    assert answer.json["scenario"]["profile"] == "own"


@pytest.mark.parametrize(("body", "field", "words"), WRONG)
def test_what_the_schema_forbids_is_refused(
    asked: FlaskClient, body: dict[str, Any], field: str, words: str
) -> None:
    answer = asked.post("/corridors", json={**BODY, **body} if "profile" not in body else body)
    refused(answer, 400)
    assert answer.json["field"] == field
    assert words in answer.json["remedy"]


def refused(answer: Any, status: int) -> None:
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == status
    assert "Traceback" not in answer.text and "site-packages" not in answer.text


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"null", 400),
        (b'"text"', 400),
        (b'{"slack": NaN}', 400),
        (b'{"slack": -Infinity}', 400),
        (b'{"slack": 1e999}', 400),
        (b'{"slack": 0.1, "slack": 0.2}', 400),
        (b'{"profile": {"name": "a", "name": "b"}}', 400),
        (b'{"from": ["\\ud800"]}', 400),
        (b'{"from": ["\xff"]}', 400),
        (b'\xef\xbb\xbf{"slack": 0.1}', 400),
        (b"[" * 100_000, 400),
        (b'{"a":' * 5000, 400),
        (b'{"seed": ' + b"9" * 5000 + b"}", 400),
        (b'{"slack": 0.1} {}', 400),
        (b"{'slack': 0.1}", 400),
        (json.dumps({"from": ["x" * (1 << 20)]}).encode(), 413),
    ],
)
def test_what_is_no_json_is_refused(asked: FlaskClient, data: bytes, status: int) -> None:
    refused(asked.post("/corridors", data=data, content_type=JSON), status)


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
     "application/xml", "application/json; charset=latin-1", "application/geo+json", ""],
)  # fmt: skip
def test_what_is_sent_as_something_else_is_refused(asked: FlaskClient, kind: str) -> None:
    refused(asked.post("/corridors", data=b"{}", content_type=kind), 415)


@pytest.mark.parametrize(
    "path",
    ["/jobs/../../etc/passwd", "/jobs/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "/jobs/' OR 1=1 --",
     "/jobs/x/results/..%2Fjobs.db", "/jobs/x/results/result.json", "/jobs/%00", "/jobs/.",
     "/static/../app.py", "/static/%2e%2e/app.py", "/collections/..%2f..%2fnetwork",
     "/tiles/../../etc/passwd", "/styles/..%2f..%2fapp.py", "/qgis/..%2f..%2fetc.qlr"],
)  # fmt: skip
def test_paths_lead_to_no_file(asked: FlaskClient, path: str) -> None:
    refused(asked.get(path), 404)


def test_a_job_gives_only_files_of_its_result(asked: FlaskClient) -> None:
    place = asked.post("/corridors", json={**BODY, "draws": 30}).headers["Location"]
    for name in ("jobs.db", "..%2F..%2Fjobs.db", "corridors.geojson", "corridors.qml", ""):
        answer = asked.get(f"{place.removeprefix('http://localhost')}/results/{name}")
        assert answer.status_code == 404


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST"])
@pytest.mark.parametrize("path", ["/collections", "/jobs", "/health", "/api"])
def test_wrong_methods_are_told_the_right_ones(asked: FlaskClient, path: str, method: str) -> None:
    answer = asked.open(path, method=method)
    refused(answer, 405)
    assert "GET" in answer.headers["Allow"]


def test_unknown_parameters_are_refused_everywhere(asked: FlaskClient) -> None:
    for path in ("/jobs", "/jobs/x", "/processes", "/processes/corridors", "/metrics", "/ready"):
        refused(asked.get(f"{path}?colour=red"), 400)
    refused(asked.post("/corridors?slack=0.1", json=BODY), 400)
