"""The OpenAPI document against the service: nothing undocumented, no fault, whatever is sent."""

from __future__ import annotations

import gc
import json
import shutil
import tomllib
import warnings
from collections import Counter
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from routes.scenario.profiles import load_profile, profile_names
from service.app import create_app
from service.corridors.scenario_schema import read_question
from service.jobs.records import JobRecords, records_of
from service.jobs.runner import results_of, too_long
from service.state import Settings, state_of

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance,
          response_schema_conformance]  # fmt: skip
BODY = {"profile": "migrants-north", "from": ["Tela"], "to": ["Tapachula"]}
JSON = "application/json"
EXAMPLES = 14
"""Cases of each operation, and as many of those that its schema forbids."""


@pytest.fixture(scope="module")
def open_app(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """A service where many jobs may wait; a worker counts as alive."""
    jobs = tmp_path_factory.mktemp("asked") / "jobs"
    options = Settings(network=Path("unread"), jobs=jobs, jobs_waiting=10**6, limit_seconds=600.0)
    return create_app(options, like=app)


@pytest.fixture
def visitor(open_app: Flask) -> FlaskClient:
    return open_app.test_client()


@pytest.fixture
def api(open_app: Flask) -> Any:
    records_of(open_app).sign_on(1)
    return schemathesis.openapi.from_wsgi("/api", open_app)


@pytest.fixture
def sent_files() -> Iterator[None]:
    """The client of schemathesis leaves files that are sent to the collector of garbage."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()


@pytest.mark.trials
@pytest.mark.usefixtures("sent_files")
def test_every_answer_is_as_documented(api: Any, open_app: Flask) -> None:
    """All operations of all collections, with what their schemas allow and what they forbid."""
    wrong: dict[str, str] = {}
    answered: dict[str, Counter[int]] = {}
    for operation in (result.ok() for result in api.get_all_operations()):
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            if mode is GenerationMode.NEGATIVE and not restricted(operation):
                continue
            records_of(open_app).sign_on(1)
            statuses = answered.setdefault(f"{operation.label} {mode.name}", Counter())
            try:
                ask(operation, mode, statuses)
            except Exception as error:
                several = getattr(error, "exceptions", [error])
                wrong[f"{operation.label} {mode.name}"] = "; ".join(str(e)[:400] for e in several)
    assert not wrong, "\n".join(f"{name}: {text}" for name, text in wrong.items())
    for name in collections(open_app):
        for part in ("", "/schema", "/queryables", "/sortables"):
            assert answered[f"GET /collections/{name}{part} POSITIVE"][200]
        assert answered[f"GET /collections/{name}/items POSITIVE"][200], name
        assert answered[f"GET /collections/{name}/items NEGATIVE"][400], name


def collections(app: Flask) -> list[str]:
    listed = app.test_client().get("/collections").json["collections"]
    return [each["id"] for each in listed]


def restricted(operation: Any) -> bool:
    """Whether anything that is sent to an operation can be wrong: a text in a path cannot."""
    free = {"type": "string"}
    parameters = [each.definition["schema"] for each in operation.iter_parameters()]
    return bool(operation.body) or any(schema != free for schema in parameters)


def ask(operation: Any, mode: GenerationMode, statuses: Counter[int]) -> None:
    """Send some cases of an operation, other ones to each of those with the same parameters."""

    @seed(crc32(f"{operation.label} {mode.name}".encode()))
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        # The client that is used within a process does not unpack what is compressed.
        answer = case.call_and_validate(checks=CHECKS, headers={"Accept-Encoding": "identity"})
        statuses[answer.status_code] += 1

    check()


def send(api: Any, path: str, *, method: str = "GET", **more: Any) -> Any:
    """The answer to one question, held against the document."""
    case = api[path][method].Case(**more)
    answer = case.call(headers={"Accept-Encoding": "identity"})
    # What became of a job that failed is told with a status of its own.
    case.validate_response(answer, checks=CHECKS[1:] if answer.status_code == 504 else CHECKS)
    return answer


def test_features_that_are_there_are_as_documented(api: Any, open_app: Flask) -> None:
    """Chance finds no feature by its id: all collections, by what their own features hold."""
    for name in collections(open_app):
        path = f"/collections/{name}/items"
        (first,) = send(api, path, query={"limit": 1}).json()["features"]
        crs = open_app.test_client().get(f"/collections/{name}").json["crs"]
        properties = {key: value for key, value in first["properties"].items() if value is not None}
        queries: list[dict[str, Any]] = [
            {"bbox": "-89,15,-88,16"}, {"datetime": "2020-01-01/.."}, {"sortby": "-id"},
            {"filter": f"id = '{first['id']}'"}, {"crs": crs[-1]}, {"offset": 1},
            *({key: value} for key, value in properties.items() if not isinstance(value, bool)),
        ]  # fmt: skip
        for query in queries:
            answer = send(api, path, query={**query, "limit": 5})
            assert answer.status_code == 200, (name, query, answer.text)
        one = send(api, f"{path}/{{featureId}}", path_parameters={"featureId": first["id"]})
        assert one.json()["id"] == first["id"]


@pytest.mark.usefixtures("sent_files")
def test_jobs_in_every_state_are_as_documented(api: Any, open_app: Flask, result_dir: Path) -> None:
    records, jobs = records_of(open_app), state_of(open_app).settings.jobs
    for state, status in (("accepted", 404), ("running", 404), ("successful", 200),
                          ("failed", 504), ("dismissed", 410)):  # fmt: skip
        identity = job_that_is(state, records, jobs, result_dir)
        parameters = {"path_parameters": {"jobID": identity}}
        assert send(api, "/jobs/{jobID}", **parameters).json()["status"] == state
        assert send(api, "/jobs/{jobID}/results", **parameters).status_code == status
        for name in ("corridors", "bands", "result.json", "density.tif"):
            named = {"path_parameters": {"jobID": identity, "name": name}}
            assert send(api, "/jobs/{jobID}/results/{name}", **named).status_code == status
        listed = send(api, "/jobs", query={"status": state, "limit": 1})
        assert listed.json()["jobs"][0]["jobID"] == identity
        answer = send(api, "/jobs/{jobID}", method="DELETE", **parameters)
        assert answer.status_code == (410 if state == "dismissed" else 200)


def job_that_is(state: str, records: JobRecords, jobs: Path, result: Path) -> str:
    """A job in this state; one that is done has a real result."""
    identity = records.enter(state, {"network": "", "scenario": {}}, most=10**6)[0].id
    begun = state in ("running", "successful", "failed") and records.claim(identity)
    if begun and state == "successful":
        shutil.copytree(result, results_of(jobs, identity))
        records.succeed(begun, 1)
    if begun and state == "failed":
        records.fail(begun, too_long(5.0))
    if state == "dismissed":
        records.dismiss(identity)
    return identity


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


@pytest.mark.parametrize("name", profile_names())
def test_a_shipped_profile_may_be_sent_as_ones_own(name: str) -> None:
    text = resources.files("routes").joinpath("flows", f"{name}.toml").read_text("utf-8")
    assert read_question({"profile": tomllib.loads(text)}).scenario.profile == load_profile(name)


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
    ({"from": [5]}, "from[0]", "a text"),
    ({"from": [""]}, "from[0]", "not empty"),
    ({"from": [" "]}, "from[0]", "leave it out"),
    ({"from": ["x" * 201]}, "from[0]", "at most 200"),
    ({"from": ["Tela"] * 51}, "from", "at most 50"),
    ({"from": ["-70,15"]}, "from", "inside borderlands"),
    ({"from": ["nan,nan"]}, "from", "LON,LAT"),
    ({"from": ["1e999,14"]}, "from", ""),
    ({"from": ["'; DROP TABLE jobs; --"]}, "from", "No place"),
    ({"from": ["<script>alert(1)</script>"]}, "from", "No place"),
    ({"from": ["$(reboot)", "`reboot`"]}, "from", "No place"),
    ({"from": ["{{7*7}}"]}, "from", "No place"),
    ({"from": ["Tela\u0000"]}, "from[0]", "control characters"),
    ({"via": ["../../../etc/passwd"]}, "via", ""),
    ({"from": ["Tela", "Tela"]}, "from[1]", "once"),
    ({"from": ["Tela", " Tela"]}, "from[1]", "once"),
    ({"via": ["Izabal"] * 4}, "via", "at most 3"),
    ({"avoid": ["nowhere"]}, "avoid", ""),
    ({"close": [None]}, "close[0]", "a text"),
    ({"strengthen": ["Corinto"]}, "strengthen", "NAME=HOURS"),
    ({"strengthen": ["Corinto=nan"]}, "strengthen", "NAME=HOURS"),
    ({"strengthen": ["Corinto=-1"]}, "strengthen", ""),
    ({"slack": "0.1"}, "slack", "a number"),
    ({"slack": True}, "slack", "a number"),
    ({"slack": -0.1}, "slack", "between 0 and 1"),
    ({"slack": 1.5}, "slack", "between 0 and 1"),
    ({"slack_hours": -1}, "slack_hours", "0 or more"),
    ({"slack_hours": 1e9}, "slack_hours", "at most"),
    ({"alternatives": 9}, "alternatives", "at most 8"),
    ({"alternatives": 2, "from": ["Tela", "Tocoa"]}, "alternatives", "one origin"),
    ({"alternatives": 2, "draws": 20}, "alternatives", "draws"),
    ({"alternatives": 2, "from": ["Tela"], "to": ["Tapachula"], "via": ["Corinto"]},
     "alternatives", "or via out"),
    ({"draws": -1}, "draws", "0 or more"),
    ({"draws": 1}, "draws", "two at least"),
    ({"draws": 2.5}, "draws", "whole number"),
    ({"seed": 2**40}, "seed", "at most"),
    ({"limit": 0}, "limit", "1 or more"),
    (spoilt(name=""), "profile.name", "not empty"),
    (spoilt(name=" \u00a0"), "profile.name", "not empty"),
    (spoilt(title=" "), "profile.title", "not empty"),
    (spoilt(titel="x"), "profile.titel", "Did you mean 'title'?"),
    (spoilt(modes={"plane": {"rate": 1, "source": "x"}}), "profile.modes.plane", "road"),
    (spoilt(modes={}), "profile.modes", "one at least"),
    (spoilt(modes={"road": {"rate": 1}}), "profile.modes.road.source", "missing"),
    (spoilt(modes={"road": {"rate": -1, "source": "x"}}), "profile.modes.road.rate",
     "Give 0, or a number from 0.001"),
    (spoilt(modes={"road": 5}), "profile.modes.road", "an object"),
    (spoilt(weights={}), "profile.weights.remoteness", "missing"),
    (spoilt(fees=[]), "profile.fees", "an object"),
    (spoilt(choice={}), "profile.choice", "theta or best_share"),
    (spoilt(choice={**PROFILE["choice"], "model": "probit"}), "profile.choice.model", "weibit"),
    (spoilt(origins=[]), "profile.origins", ""),
    (spoilt(origins=[5]), "profile.origins[0]", "an object"),
    (spoilt(origins=end()), "profile.origins[0].at", "a layer"),
    (spoilt(origins=end(layer="moon")), "profile.origins[0].at", "a layer"),
    (spoilt(origins=end(layer="point", x="1", y=2)), "profile.origins[0].at.x", "a number"),
    (spoilt(origins=end(layer="place", name="Nowhereville")), "profile.origins[0].at.name",
     "No place"),
    (spoilt(origins=end(layer="port", name="Nowhereville")), "profile.origins[0].at.name",
     "No port there has this name"),
    (spoilt(origins=end(layer="airstrip", admin1=["HN-GD", "ZZ-QQ"])),
     "profile.origins[0].at.admin1[1]", "no such district"),
    (spoilt(origins=end(layer="sea", south=17, north=15)), "profile.origins[0].at.south",
     "no more than north, 15"),
    (spoilt(origins=end(layer="points", coordinates=[[0]])), "profile.origins[0].at.coordinates[0]",
     "at least 2"),
    (spoilt(origins=end(layer="point", x=-170, y=80)), "profile.origins[0].at", ""),
    (spoilt(pairs=[{"origin": "z", "destination": "b", "demand": 1}]), "profile.pairs[0].origin",
     "one of"),
    (spoilt(pairs=5), "profile.pairs", "a list"),
    (spoilt(shares=[{"origin": "a", "destination": "b", "share": 0.4, "source": "x"}]),
     "profile.shares", "let them add up to 1"),
]  # fmt: skip


def test_a_profile_of_ones_own_is_answered(visitor: FlaskClient) -> None:
    answer = visitor.post("/corridors", json={"profile": PROFILE})
    assert answer.status_code == 200, answer.text
    assert answer.json["scenario"]["profile"] == "own"


@pytest.mark.parametrize(("body", "field", "words"), WRONG)
def test_what_the_schema_forbids_is_refused(
    visitor: FlaskClient, body: dict[str, Any], field: str, words: str
) -> None:
    answer = visitor.post("/corridors", json={**BODY, **body} if "profile" not in body else body)
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
        (b'{"slack": ' + b"9" * 5000 + b"}", 400),
        (b'{"seed": -' + b"9" * 101 + b"}", 400),
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
def test_what_is_no_json_is_refused(visitor: FlaskClient, data: bytes, status: int) -> None:
    answer = visitor.post("/corridors", data=data, content_type=JSON)
    refused(answer, status)
    # Words of Python's for programmers.
    assert "int_max_str" not in answer.text and len(answer.text) < 4000


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
     "application/xml", "application/json; charset=latin-1", "application/geo+json", ""],
)  # fmt: skip
def test_what_is_sent_as_something_else_is_refused(visitor: FlaskClient, kind: str) -> None:
    refused(visitor.post("/corridors", data=b"{}", content_type=kind), 415)


@pytest.mark.parametrize(
    "path",
    ["/jobs/../../etc/passwd", "/jobs/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "/jobs/' OR 1=1 --",
     "/jobs/x/results/..%2Fjobs.db", "/jobs/x/results/result.json", "/jobs/%00", "/jobs/.",
     "/static/../app.py", "/static/%2e%2e/app.py", "/collections/..%2f..%2fnetwork",
     "/tiles/../../etc/passwd", "/styles/..%2f..%2fapp.py", "/qgis/..%2f..%2fetc.qlr"],
)  # fmt: skip
def test_paths_lead_to_no_file(visitor: FlaskClient, path: str) -> None:
    refused(visitor.get(path), 404)


def test_a_job_gives_only_files_of_its_result(visitor: FlaskClient) -> None:
    place = visitor.post("/corridors", json={**BODY, "draws": 30}).headers["Location"]
    for name in ("jobs.db", "..%2F..%2Fjobs.db", "corridors.geojson", "corridors.qml", ""):
        answer = visitor.get(f"{place.removeprefix('http://localhost')}/results/{name}")
        assert answer.status_code == 404


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST"])
@pytest.mark.parametrize("path", ["/collections", "/jobs", "/health", "/api"])
def test_wrong_methods_are_told_the_right_ones(
    visitor: FlaskClient, path: str, method: str
) -> None:
    answer = visitor.open(path, method=method)
    refused(answer, 405)
    assert "GET" in answer.headers["Allow"]


def test_unknown_parameters_are_refused_everywhere(visitor: FlaskClient) -> None:
    for path in ("/jobs", "/jobs/x", "/processes", "/processes/corridors", "/metrics", "/ready"):
        refused(visitor.get(f"{path}?colour=red"), 400)
    refused(visitor.post("/corridors?slack=0.1", json=BODY), 400)
