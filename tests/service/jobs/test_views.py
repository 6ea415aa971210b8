"""Jobs: accepted, worked on, shared, dismissed, bounded, and begun again after a crash."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from cli.main import vereda
from service.app import create_app
from service.corridors.answers import answers_of
from service.corridors.limits import limits_of
from service.jobs.job import JobRecord
from service.jobs.queue import queue_of
from service.jobs.records import records_of
from service.jobs.worker import Worker
from service.state import Settings, state_of

SHORT = {"profile": "migrants-north", "from": ["Tela"], "to": ["Tapachula"], "slack": 0.05}
LATER = {"Prefer": "respond-async"}
Serve = Callable[..., FlaskClient]


@pytest.fixture
def serve(app: Flask, tmp_path: Path) -> Serve:
    """Make a service with a directory of jobs of its own, on the network that was read before."""

    def make(**settings: Any) -> FlaskClient:
        options = Settings(
            network=Path("unread"), jobs=tmp_path / "jobs", **{"limit_seconds": 600.0, **settings}
        )
        return create_app(options, like=app).test_client()

    return make


def worker_of(client: FlaskClient) -> Worker:
    return Worker(answers_of(client.application).router, state_of(client.application).settings)


def ask(client: FlaskClient, **more: Any) -> str:
    """Make a job; its address."""
    answer = client.post("/corridors", json={**SHORT, **more}, headers=LATER)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["Location"]).removeprefix("http://localhost")


@pytest.mark.trials
@pytest.mark.parametrize("amount", ["x0", "x0.001"])
def test_ways_that_cost_nothing_have_one_answer_however_it_is_asked_for(
    serve: Serve, network_dir: Path, amount: str
) -> None:
    client, strengthen = serve(), f"road={amount}"
    body = {**SHORT, "strengthen": [strengthen]}
    answers = [client.get("/corridors", query_string={**body, "limit": 1000}).json,
               client.post("/corridors", json={**body, "limit": 1000}).json]  # fmt: skip
    place = ask(client, strengthen=[strengthen])
    assert worker_of(client).turn()
    answers.append(client.get(f"{place}/results/corridors").json)
    listed = [{each["properties"]["id"]: each["properties"]["usage"]
               for each in answer["features"]} for answer in answers]  # fmt: skip
    arguments = ["--json", "corridors", "--network", str(network_dir), "--slack", "0.05",
                 "--profile", SHORT["profile"], "--from", "Tela", "--to", "Tapachula",
                 "--strengthen", strengthen]  # fmt: skip
    output = CliRunner().invoke(vereda, arguments, catch_exceptions=False).stdout
    listed.append({each["id"]: each["usage"] for each in json.loads(output)["corridors"]})
    assert all(each == pytest.approx(listed[0], abs=1e-6) and each for each in listed)


def test_a_job_is_accepted_worked_on_and_gives_what_the_command_line_gives(
    serve: Serve, network_dir: Path, tmp_path: Path
) -> None:
    client = serve()
    body = {**SHORT, "draws": 2, "seed": 7}
    accepted = client.post("/corridors", json=body)
    assert accepted.status_code == 201
    place = accepted.headers["Location"].removeprefix("http://localhost")
    assert accepted.json["status"] == "accepted"
    assert client.get(f"{place}/results").status_code == 404
    assert worker_of(client).turn()
    status = client.get(place).json
    assert (status["status"], status["progress"]) == ("successful", 100)
    assert status["jobID"] in place and status["created"] <= status["finished"]
    assert any(link["rel"].endswith("/results") for link in status["links"])

    results = client.get(f"{place}/results").json
    assert {"corridors", "segments", "gateways", "admin", "bands"} <= results.keys()
    for name in ("segments", "bands", "corridors.gpkg", "map.png", "density.tif", "result.json"):
        href = results[name]["href"].removeprefix("http://localhost")
        assert client.get(href, buffered=True).status_code == 200, name
    corridors = client.get(f"{place}/results/corridors")
    assert corridors.mimetype == "application/geo+json"
    properties = corridors.json["features"][0]["properties"]
    assert properties["usage_low"] <= properties["usage_mean"] <= properties["usage_high"]
    headers = {"If-None-Match": corridors.headers["ETag"]}
    assert client.get(f"{place}/results/corridors", headers=headers).status_code == 304

    output = tmp_path / "cli"
    run = CliRunner().invoke(
        vereda,
        ["corridors", "--network", str(network_dir), "--profile", "migrants-north",
         "--from", "Tela", "--to", "Tapachula", "--slack", "0.05", "--draws", "2", "--seed", "7",
         "--output", str(output)],
        catch_exceptions=False,
    )  # fmt: skip
    assert run.exit_code == 0, run.output
    assert corridors.data == (output / "corridors.geojson").read_bytes()


def test_equal_questions_share_a_job_and_others_do_not(serve: Serve) -> None:
    client = serve()
    first = ask(client, draws=50, seed=1)
    assert ask(client, seed=1, draws=50) == first
    assert ask(client, draws=50, seed=1, limit=3) == first
    assert ask(client, draws=50, seed=2) != first
    assert client.get("/jobs").json["numberMatched"] == 2


def test_small_questions_are_answered_at_once_and_large_ones_are_not(serve: Serve) -> None:
    client = serve(pairs_limit=1)
    live = client.post("/corridors", json={**SHORT, "limit": 2})
    assert live.status_code == 200
    assert len(live.json["features"]) <= 2
    same = client.get("/corridors?profile=migrants-north&from=Tela&to=Tapachula&slack=0.05&limit=2")
    assert same.data == live.data
    assert client.post("/corridors", json={**SHORT, "from": ["Tela", "Tocoa"]}).status_code == 201
    refused = client.get("/corridors?profile=migrants-north&from=Tela&from=Tocoa&to=Tapachula")
    assert refused.status_code == 403
    assert "POST it as a job" in refused.json["remedy"]
    later = client.post("/corridors", json=SHORT, headers={"Prefer": "wait=5, Respond-Async"})
    assert later.status_code == 201
    assert later.headers["Preference-Applied"] == "respond-async"


@pytest.mark.parametrize("limit", [10_000, 10_001, 10**99])
def test_a_limit_beyond_the_most_is_read_as_the_most_however_it_is_asked(
    serve: Serve, limit: int
) -> None:
    client = serve()
    trip = "profile=migrants-north&from=Tela&to=Tapachula&slack=0.05"
    body = {**SHORT, "limit": limit}
    answers = [
        client.get(f"/corridors?{trip}&limit={limit}"),
        client.post("/corridors", json=body),
        client.post("/processes/corridors/execution", json={"inputs": body}),
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.data for answer in answers}) == 1
    later = client.post("/corridors", json=body, headers={"Prefer": "respond-async"})
    assert later.status_code == 201
    described = client.get("/api").json["components"]
    limits = [
        described["schemas"]["scenario"]["properties"]["limit"],
        client.get("/processes/corridors").json["inputs"]["limit"]["schema"],
        described["parameters"]["limit"]["schema"],
    ]
    assert [each["maximum"] for each in limits] == [10_000] * 3
    assert "more than 10,000 is read as that" in limits[0]["description"]
    assert "more than 10,000 is read as that" in described["parameters"]["limit"]["description"]


def test_the_same_as_a_process(serve: Serve) -> None:
    client = serve()
    (listed,) = client.get("/processes").json["processes"]
    process = client.get("/processes/corridors").json
    assert process["id"] == listed["id"] == "corridors"
    assert {"profile", "from", "to", "draws"} <= process["inputs"].keys()
    assert client.get("/processes/other").status_code == 404
    done = client.post("/processes/corridors/execution", json={"inputs": SHORT})
    assert done.data == client.post("/corridors", json=SHORT).data
    later = client.post("/processes/corridors/execution", json={"inputs": {**SHORT, "draws": 9}})
    assert later.status_code == 201
    wrong = client.post("/processes/corridors/execution", json={"input": SHORT})
    assert wrong.status_code == 400


def test_a_profile_of_ones_own(serve: Serve, app: Flask) -> None:
    import tomllib
    from importlib import resources

    text = resources.files("routes").joinpath("flows", "migrants-north.toml").read_text("utf-8")
    table = tomllib.loads(text)
    client = serve()
    own = client.post("/corridors", json={**SHORT, "profile": table})
    assert own.data == client.post("/corridors", json=SHORT).data
    dear = {**table, "modes": {**table["modes"], "road": {"rate": 9.0, "source": "a test"}}}
    changed = client.post("/corridors", json={**SHORT, "profile": dear})
    assert changed.status_code == 200
    assert changed.json["features"] != own.json["features"]
    # A profile of the same name does not take the place of the shipped one.
    assert client.post("/corridors", json=SHORT).data == own.data


def test_a_page_of_jobs_at_a_time(serve: Serve) -> None:
    client = serve()
    places = [ask(client, draws=50, seed=seed) for seed in range(5)]
    first = client.get("/jobs?limit=2").json
    assert [job["jobID"] for job in first["jobs"]] == [p.rsplit("/")[-1] for p in places[:2:-1]]
    following = next(link["href"] for link in first["links"] if link["rel"] == "next")
    second = client.get(following).json
    assert {link["rel"] for link in second["links"]} == {"self", "next", "prev"}
    assert len(client.get("/jobs?offset=4&limit=2").json["jobs"]) == 1
    for query, before in (("limit=10&offset=2", "limit=2&offset=0"),
                          ("limit=2&offset=1000", "limit=2&offset=3")):  # fmt: skip
        links = {link["rel"]: link["href"] for link in client.get(f"/jobs?{query}").json["links"]}
        assert links["prev"].endswith(f"/jobs?{before}")
    for offset in ("9" * 19, "9" * 20, "9" * 100):
        beyond = client.get(f"/jobs?offset={offset}")
        assert (beyond.status_code, beyond.json["jobs"]) == (200, [])
    assert client.get(f"/jobs?offset={'9' * 101}").json["field"] == "offset"
    assert client.get("/jobs?status=running,failed").json["numberMatched"] == 0
    assert client.get("/jobs?status=done").status_code == 400


def test_a_waiting_job_is_dismissed_and_never_begun(serve: Serve) -> None:
    client = serve()
    place = ask(client)
    assert client.delete(place).json["status"] == "dismissed"
    assert client.get(place).json["status"] == "dismissed"
    assert client.delete(place).status_code == 410
    assert client.get(f"{place}/results").status_code == 410
    worker_of(client).turn()
    assert client.get(place).json["attempts"] == 0
    assert ask(client) != place


def test_a_job_whose_names_are_unknown_is_not_made(serve: Serve) -> None:
    client = serve()
    for wrong in ({"from": ["Atlantis"]}, {"close": ["Atlantis"]}):
        answer = client.post("/corridors", json={**SHORT, **wrong}, headers=LATER)
        assert answer.status_code == 400
        assert answer.json["field"] == next(iter(wrong))
    assert client.get("/jobs").json["jobs"] == []


def test_a_running_job_is_dismissed_and_really_stops(serve: Serve) -> None:
    client = serve()
    place = ask(client, draws=400)
    worker = worker_of(client)
    thread = threading.Thread(target=worker.turn)
    thread.start()
    wait_for(lambda: client.get(place).json["status"] == "running")
    assert client.delete(place).status_code == 200
    thread.join(timeout=120)
    assert not thread.is_alive()
    assert client.get(place).json["status"] == "dismissed"
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_a_job_that_takes_too_long_is_stopped_and_says_so(serve: Serve) -> None:
    client = serve(job_seconds=0.6)
    place = ask(client, draws=400)
    begun = time.monotonic()
    worker_of(client).turn()
    assert time.monotonic() - begun < 120
    status = client.get(place).json
    assert status["status"] == "failed"
    assert "0.6 s" in status["message"]
    answer = client.get(f"{place}/results")
    assert (answer.status_code, answer.mimetype) == (504, "application/problem+json")


def test_a_job_without_a_path_fails_with_its_reason(serve: Serve) -> None:
    client = serve()
    place = ask(client, **{"from": ["-86.53,16.32"]})
    worker_of(client).turn()
    assert client.get(place).json["status"] == "failed"
    answer = client.get(f"{place}/results")
    assert answer.status_code == 404
    assert answer.json["type"] == "urn:problem-type:vereda:no-path"
    # What failed may be asked again, as another job.
    assert ask(client, **{"from": ["-86.53,16.32"]}) != place


def test_a_job_of_another_network_is_left_to_it_until_that_is_gone(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = serve()
    question = {"network": "0" * 64, "scenario": SHORT}
    job, _ = records_of(client.application).enter("key", question, most=9)
    worker = worker_of(client)
    assert not worker.turn()
    assert client.get(f"/jobs/{job.id}").json["status"] == "accepted"
    monkeypatch.setattr("service.jobs.records.ABSENT_SECONDS", -1.0)
    worker.tidy()
    worker.turn()
    assert "for an hour" in client.get(f"/jobs/{job.id}").json["message"]


def test_only_so_many_jobs_wait(serve: Serve) -> None:
    client = serve(jobs_waiting=2)
    ask(client, draws=50, seed=1)
    ask(client, draws=50, seed=2)
    full = client.post("/corridors", json={**SHORT, "draws": 50, "seed": 3})
    assert full.status_code == 503
    assert int(full.headers["Retry-After"]) > 0
    # One that is there already needs no room.
    ask(client, draws=50, seed=2)


def test_the_oldest_are_removed_to_make_room(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    client = serve(jobs_kept=1)
    worker = instant(client, monkeypatch)
    places = [ask(client, slack=slack) for slack in (0.01, 0.02)]
    # Of records that were lost, or of somebody else.
    foreign = tmp_path / "jobs" / "results" / "2023"
    foreign.mkdir(parents=True)
    for _ in range(3):
        worker.turn()
    worker.tidy()
    assert client.get(places[0]).status_code == 410
    assert client.get(f"{places[0]}/results").status_code == 410
    assert client.get(places[1]).json["status"] == "successful"
    assert client.get("/jobs/never").status_code == 404
    assert foreign.is_dir()
    foreign.rmdir()
    kept = {path.name for path in (tmp_path / "jobs" / "results").iterdir()}
    assert kept == {places[1].rsplit("/")[-1]}


def test_results_are_kept_for_some_days_and_within_some_size(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    for settings in ({"jobs_days": 0.0}, {"jobs_megabytes": 1}):
        client = serve(**settings)
        worker = instant(client, monkeypatch, size=2_000_000)
        place = ask(client, slack=0.03)
        worker.turn()
        worker.tidy()
        assert client.get(place).status_code == 410


def test_a_job_whose_process_dies_begins_again_and_at_last_fails(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = serve(job_attempts=2)
    worker = worker_of(client)
    monkeypatch.setattr(worker, "_runner", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    place = ask(client)
    worker.turn()
    again = client.get(place).json
    assert (again["status"], again["attempts"]) == ("accepted", 1)
    assert "SIGKILL" in again["message"]
    worker.turn()
    failed = client.get(place).json
    assert (failed["status"], failed["attempts"]) == ("failed", 2)
    assert client.get(f"{place}/results").status_code == 500


def test_a_job_that_a_crash_left_running_is_taken_up(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = serve()
    place = ask(client)
    identity = queue_of(client.application).take()
    assert identity and records_of(client.application).claim(identity)
    monkeypatch.setattr("service.jobs.records.STALE_SECONDS", -1.0)
    worker = instant(client, monkeypatch)
    assert worker.turn()
    assert client.get(place).json["status"] == "successful"


@pytest.mark.parametrize("damage", ["request = '{'", "request = 'null'", "created = 'x'",
                                    "request = '{\"version\": 9}'", "bytes = 'x'"])  # fmt: skip
def test_a_damaged_job_fails_with_words_and_keeps_nobody_waiting(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    client = serve()
    worker = worker_of(client)
    spoilt, begun, sound = (ask(client, slack=slack) for slack in (0.01, 0.02, 0.03))
    records, jobs = records_of(client.application), state_of(client.application).settings.jobs
    assert records.claim(begun.rsplit("/")[-1])
    with closing(sqlite3.connect(jobs / "jobs.db")) as rows, rows:
        rows.execute(f"UPDATE jobs SET {damage} WHERE id <> ?", (sound.rsplit("/")[-1],))
    assert client.get(spoilt).json["status"] == "accepted"
    assert client.get("/jobs").json["numberReturned"] == 3
    if "version" in damage:
        # No network is named: it is for those of any, once nobody has been at it for an hour.
        monkeypatch.setattr("service.jobs.records.ABSENT_SECONDS", -1.0)
    monkeypatch.setattr("service.jobs.records.STALE_SECONDS", -1.0)
    worker.tidy()
    monkeypatch.setattr("service.jobs.records.STALE_SECONDS", 10.0)
    for _ in range(3):
        worker.turn()
    assert client.get(sound).json["status"] == "successful"
    for place in (spoilt, begun):
        status = client.get(place).json
        assert (status["status"], "version of Vereda" in status["message"]) == ("failed", True)
        refused = client.get(f"{place}/results")
        assert (refused.status_code, refused.json["detail"]) == (500, status["message"])
    assert client.get("/jobs?status=failed").json["numberReturned"] == 2
    assert client.delete(spoilt).json["status"] == "dismissed"


def test_results_that_somebody_removed_are_had_again(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Equal questions share a job: the one whose results are lost has to be dismissed first."""
    client = serve()
    place = ask(client)
    instant(client, monkeypatch).turn()
    shutil.rmtree(state_of(client.application).settings.jobs / "results")
    for path in (f"{place}/results", f"{place}/results/corridors"):
        lost = client.get(path)
        assert (lost.status_code, lost.json["remedy"].count("DELETE")) == (503, 1)
    assert ask(client) == place
    assert client.delete(place).status_code == 200
    again = ask(client)
    assert again != place
    instant(client, monkeypatch).turn()
    assert client.get(f"{again}/results").status_code == 200


def test_a_full_disk_is_told(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    client = serve()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("service.jobs.runner.publish", full)
    place = ask(client)
    worker_of(client).turn()
    failed = client.get(place).json
    assert failed["status"] == "failed"
    assert "disk" in failed["message"]
    monkeypatch.setattr(type(records_of(client.application)), "enter", full)
    refused = client.post("/corridors", json={**SHORT, "draws": 5})
    assert refused.status_code == 503
    assert refused.mimetype == "application/problem+json"


def instant(client: FlaskClient, monkeypatch: pytest.MonkeyPatch, *, size: int = 1) -> Worker:
    """A worker whose jobs write a file and are done."""
    worker = worker_of(client)
    jobs, records = state_of(client.application).settings.jobs, records_of(client.application)

    def work(job: JobRecord, check: object) -> None:
        directory = jobs / "results" / job.id
        directory.mkdir(parents=True)
        (directory / "corridors.geojson").write_text("{}")
        records.succeed(job, size)

    monkeypatch.setattr(worker, "_runner", work)
    return worker


def wait_for(true: Callable[[], bool], *, seconds: float = 300) -> None:
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "it did not come about"
        time.sleep(0.05)


def test_settings_that_are_shared_are_not_changed(app: Flask) -> None:
    other = create_app(Settings(jobs=Path("elsewhere")), like=app)
    assert records_of(other) is not records_of(app)
    assert limits_of(other) is not limits_of(app)
    assert answers_of(other).router is answers_of(app).router
    assert state_of(other).network is state_of(app).network
