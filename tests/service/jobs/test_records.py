"""The records of jobs: read while others write, by many processes, without what is not needed."""

from __future__ import annotations

import errno
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from geodata.errors import DataError
from service.app import create_app
from service.jobs.job import DAMAGE
from service.jobs.records import JobRecords, records_of
from service.state import state_of

DIRECTORIES, PROCESSES, THREADS = 40, 2, 4
FIRST = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from service.jobs.records import JobRecords
home, first, *counts, begins = sys.argv[1:]
directories, threads = map(int, counts)
with ThreadPoolExecutor(threads) as pool:
    for number in range(directories):
        time.sleep(max(0, float(begins) + number / 10 - time.time()))
        records = JobRecords(Path(home, str(number)))
        list(pool.map(records.sign_on, range(int(first), int(first) + threads)))
"""
"""Makes the first record in many directories, each at its moment, in all threads at once."""


@pytest.fixture
def records(tmp_path: Path) -> JobRecords:
    return JobRecords(tmp_path)


@contextmanager
def written(directory: Path) -> Iterator[sqlite3.Connection]:
    """The records while another process writes."""
    with closing(sqlite3.connect(directory / "jobs.db", isolation_level=None)) as rows:
        rows.execute("BEGIN IMMEDIATE")
        yield rows


def test_nothing_is_made_before_the_first_record(records: JobRecords, tmp_path: Path) -> None:
    assert records.find("any") is None
    assert records.page(states=("running",), limit=5, offset=0) == ([], 0)
    assert (records.worked(), records.waiting(), records.finished()) == (False, [], [])
    assert set(records.counts().values()) == {0}
    assert list(tmp_path.iterdir()) == []


def test_readers_do_not_wait_for_a_writer(records: JobRecords, tmp_path: Path) -> None:
    """Those that did would be told in the end that the records are busy: it writes all along."""
    job, _ = records.enter("key", {"from": "Tela"}, most=9)
    records.sign_on(1)
    with written(tmp_path) as rows:
        rows.execute("UPDATE jobs SET state = 'failed'")
        assert records.find(job.id) == job
        assert records.page(states=("accepted",), limit=5, offset=0) == ([job], 1)
        assert records.counts()["accepted"] == 1
        assert records.worked()
        assert records.waiting() == [job.id]
        assert records.finished() == records.take_up() == []


def test_requests_are_not_read_to_make_room(records: JobRecords, tmp_path: Path) -> None:
    ended, _ = records.enter("one", {}, most=9)
    waits, _ = records.enter("other", {}, most=9)
    begun = records.claim(ended.id)
    assert begun and records.succeed(begun, 7)
    with written(tmp_path) as rows:
        rows.execute("UPDATE jobs SET request = 'no JSON'")
        rows.execute("COMMIT")
    (job,) = records.finished()
    assert (job.row, job.bytes) == (ended.row, 7)
    assert job.finished == pytest.approx(time.time(), abs=60)
    assert records.waiting() == [waits.id]


def test_busy_records_can_be_read_and_are_told_as_busy(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.jobs.database._BUSY_SECONDS", 0.1)
    settings = replace(state_of(app).settings, jobs=tmp_path)
    client: FlaskClient = create_app(settings, like=app).test_client()
    job, _ = records_of(client.application).enter("key", {}, most=9)
    with written(tmp_path):
        assert client.get(f"/jobs/{job.id}").json["status"] == "accepted"
        assert client.get("/jobs").json["numberMatched"] == 1
        refused = client.delete(f"/jobs/{job.id}")
    assert refused.status_code == 503
    assert "try again shortly" in refused.json["remedy"] and "disk" not in refused.text
    assert 0 < int(refused.headers["Retry-After"]) < 10
    assert client.delete(f"/jobs/{job.id}").status_code == 200


@pytest.mark.parametrize(
    ("code", "status", "word"),
    [
        (sqlite3.SQLITE_FULL, 503, "disk"),
        (sqlite3.SQLITE_IOERR_WRITE, 503, "disk"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, 503, "again shortly"),
        (sqlite3.SQLITE_ERROR, 500, "failed"),
    ],
)
def test_each_fault_of_the_records_has_a_remedy_of_its_own(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, code: int, status: int, word: str
) -> None:
    error = sqlite3.OperationalError("as SQLite says")
    error.sqlite_errorcode = code

    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr(JobRecords, "find", broken)
    answer = client.get("/jobs/any")
    assert answer.status_code == status
    assert word in answer.json["detail"]


def test_many_processes_may_open_it_first(tmp_path: Path) -> None:
    words = [str(DIRECTORIES), str(THREADS), str(time.time() + 1)]
    processes = [
        subprocess.Popen([sys.executable, "-c", FIRST, str(tmp_path), str(THREADS * place), *words])
        for place in range(PROCESSES)
    ]
    assert [process.wait() for process in processes] == [0] * PROCESSES
    for number in range(DIRECTORIES):
        with closing(sqlite3.connect(tmp_path / str(number) / "jobs.db")) as rows:
            assert rows.execute("SELECT count(*) FROM workers").fetchone() == (PROCESSES * THREADS,)
            assert rows.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert not [path for path in (tmp_path / str(number)).iterdir() if path.is_dir()]


FULL = """
import resource, sys
from pathlib import Path
from service.jobs.records import JobRecords
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
records = JobRecords(Path(sys.argv[1]))
assert records.counts()["accepted"] == 1, records.counts()
try:
    records.sign_on(1)
except OSError:
    raise
except Exception as error:
    print(type(error).__name__)
"""


def test_records_are_read_where_nothing_can_be_written(records: JobRecords, tmp_path: Path) -> None:
    records.enter("key", {"scenario": {}}, most=5)
    assert [path.name for path in tmp_path.iterdir()] == ["jobs.db"]
    run = subprocess.run([sys.executable, "-c", FULL, str(tmp_path)], capture_output=True,
                         text=True, timeout=60)  # fmt: skip
    assert (run.returncode, run.stdout.strip()) == (0, "OperationalError"), run.stderr


def test_what_is_no_record_is_refused(records: JobRecords, tmp_path: Path) -> None:
    records.check()
    (tmp_path / "jobs.db").write_bytes(random.Random(1).randbytes(8192))
    with pytest.raises(DataError, match="no record of jobs"):
        records.check()


def test_signs_of_life_from_a_clock_that_was_set_back_are_none(
    records: JobRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    job, _ = records.enter("key", {"scenario": {}}, most=5)
    monkeypatch.setattr(time, "time", lambda: now + 86_400)
    records.claim(job.id)
    records.sign_on(1)
    assert records.worked() and records.take_up() == []
    monkeypatch.setattr(time, "time", lambda: now)
    assert not records.worked()
    assert [each.id for each in records.take_up()] == [job.id]


def test_an_abandoned_job_is_handed_out_once(
    records: JobRecords, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, _ = records.enter("key", {}, most=5)
    records.claim(job.id)
    later = time.time() + 100
    monkeypatch.setattr(time, "time", lambda: later)
    assert [each.id for each in records.take_up()] == [job.id]
    assert records.take_up() == JobRecords(tmp_path).take_up() == []
    # Whoever took it up may have died as well.
    later += 100
    assert [each.id for each in records.take_up()] == [job.id]


@pytest.mark.parametrize("count", [True, False])
def test_a_job_that_was_begun_again_is_changed_by_its_new_worker_alone(
    records: JobRecords, count: bool
) -> None:
    """An old one may have been stopped for a while, and believe that the job is still its own."""
    job, _ = records.enter("key", {}, most=5)
    old = records.claim(job.id)
    assert old is not None and records.wait_again(old, "Its worker is away.", count=count)
    new = records.claim(job.id)
    assert new is not None and new.attempts == (2 if count else 1)
    records.tell(old, 50, "Still here.")
    assert not (records.beat(old) or records.succeed(old, 1))
    assert not (records.fail(old, {"detail": "It failed."}) or records.wait_again(old, "Again."))
    assert records.find(job.id) == new
    assert records.beat(new) and records.succeed(new, 1)


def other_tables(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as rows:
        rows.execute("CREATE TABLE jobs (name TEXT)")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-4096])


def garbled(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096:] = bytes(len(data) - 4096)
    path.write_bytes(data)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def turned_into(make: Callable[[Path], object]) -> Callable[[Path], None]:
    def put(path: Path) -> None:
        path.unlink()
        make(path)

    return put


DAMAGES = {
    "empty": emptied,
    "cut off": cut,
    "garbled": garbled,
    "other tables": other_tables,
    "a pipe": turned_into(os.mkfifo),
    "a directory": turned_into(Path.mkdir),
    "a link to nowhere": turned_into(lambda path: path.symlink_to("nowhere")),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_records_are_refused_at_the_start(
    records: JobRecords, tmp_path: Path, damage: str
) -> None:
    records.enter("key", {"scenario": {}}, most=5)
    records.check()
    DAMAGES[damage](tmp_path / "jobs.db")
    with pytest.raises(DataError, match="no record of jobs"):
        records.check()


@pytest.mark.parametrize("damage", ["empty", "cut off", "garbled", "other tables", "noise"])
def test_records_that_are_damaged_while_they_are_served_are_told(
    app: Flask, tmp_path: Path, damage: str
) -> None:
    settings = replace(state_of(app).settings, jobs=tmp_path)
    client = create_app(settings, like=app).test_client()
    job, _ = records_of(client.application).enter("key", {}, most=9)
    damages = {**DAMAGES, "noise": lambda path: path.write_bytes(b"noise" * 4000)}
    damages[damage](tmp_path / "jobs.db")
    for path in ("/jobs", f"/jobs/{job.id}", f"/jobs/{job.id}/results", "/ready"):
        refused = client.get(path)
        assert refused.status_code == 503, (path, refused.text)
    figures = client.get("/metrics")
    assert figures.status_code == 200 and "vereda_requests_total{" in figures.text
    assert "\nvereda_jobs_readable 0.0\n" in figures.text
    assert "vereda_jobs{" not in figures.text and "vereda_queue_length" not in figures.text
    refused = client.delete(f"/jobs/{job.id}")
    assert (refused.status_code, refused.json["value"]) == (503, "damaged")
    assert str(tmp_path) not in refused.text


@pytest.mark.parametrize(
    ("column", "value"),
    [("request", "{"), ("request", "[]"), ("request", b"\xff"), ("request", b"{}"),
     ("request", '{"a": ' * 9000), ("state", "paused"), ("problem", "{"), ("problem", "[]"),
     ("problem", '{"status": 500}'), ("progress", "x"), ("attempts", b"x"),
     ("bytes", -1), ("created", "x"), ("updated", 1e300), ("started", float("inf")),
     ("finished", "x"), ("message", b"x"), ("beat", "x")],
)  # fmt: skip
def test_a_damaged_record_is_read_as_far_as_it_goes(
    records: JobRecords, tmp_path: Path, column: str, value: object
) -> None:
    job, _ = records.enter("key", {"network": "here"}, most=9)
    other, _ = records.enter("other", {"network": "here"}, most=9)
    with closing(sqlite3.connect(tmp_path / "jobs.db")) as rows, rows:
        rows.execute(f"UPDATE jobs SET {column} = ? WHERE id = ?", (value, job.id))
    record = records.find(job.id)
    assert record is not None and record.damaged and record.id == job.id
    assert (record.state, record.problem) == (
        ("failed", DAMAGE) if column == "state" else ("accepted", None)
    )
    if column != "request":
        assert record.request == job.request
    assert records.find(other.id) == other


def test_a_reason_without_a_status_is_sent_with_one(records: JobRecords, tmp_path: Path) -> None:
    job, _ = records.enter("key", {}, most=9)
    begun = records.claim(job.id)
    assert begun is not None and records.fail(begun, {"detail": "Too long.", "status": "x"})
    record = records.find(job.id)
    assert record is not None and record.problem is not None and not record.damaged
    assert (record.problem["detail"], record.problem["status"]) == ("Too long.", 500)


def test_text_that_is_no_text_keeps_nobody_from_the_others(
    records: JobRecords, tmp_path: Path
) -> None:
    job, _ = records.enter("key", {}, most=9)
    with closing(sqlite3.connect(tmp_path / "jobs.db")) as rows, rows:
        rows.execute("UPDATE jobs SET message = CAST(x'61ff62' AS TEXT)")
    listed, count = records.page(states=("accepted",), limit=5, offset=0)
    assert ([each.message for each in listed], count) == (["a\ufffdb"], 1)
    assert records.claim(job.id) is not None


def test_columns_of_a_later_version_are_left_alone(records: JobRecords, tmp_path: Path) -> None:
    job, _ = records.enter("key", {}, most=9)
    with closing(sqlite3.connect(tmp_path / "jobs.db")) as rows, rows:
        rows.execute("ALTER TABLE jobs ADD COLUMN owner TEXT NOT NULL DEFAULT 'somebody'")
    records.check()
    assert records.find(job.id) == job
    assert records.enter("another", {}, most=9)[1]


@pytest.mark.parametrize("column", ["request", "created", "bytes"])
def test_a_damaged_job_fails_when_it_is_begun_or_taken_up(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, column: str
) -> None:
    """Whichever network's worker comes first: it does not say which it is about."""
    records = JobRecords(tmp_path, network="here")
    jobs = [records.enter(key, {"network": "here"}, most=9)[0] for key in "ab"]
    records.claim(jobs[1].id)
    with closing(sqlite3.connect(tmp_path / "jobs.db")) as rows, rows:
        rows.execute(f"UPDATE jobs SET {column} = 'x', beat = 0")
    assert records.waiting() == [jobs[0].id]
    assert records.claim(jobs[0].id) is None and records.take_up() == []
    for job in jobs:
        record = records.find(job.id)
        assert record is not None and (record.state, record.problem) == ("failed", DAMAGE)
        assert f"the record of job {job.id} is damaged" in caplog.text
    assert [each.row for each in records.finished()] == [job.row for job in jobs]
    assert records.waiting() == records.take_up() == []


def test_services_on_several_networks_share_a_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each sees to its own jobs, and to those of a network that nobody works on any more."""
    here, there = (JobRecords(tmp_path, network=digest) for digest in ("here", "there"))
    for records, pid in ((here, 1), (there, 2)):
        records.sign_on(pid)
    ours, _ = here.enter("ours", {"network": "here"}, most=1)
    theirs, fresh = there.enter("theirs", {"network": "there"}, most=1)
    assert fresh and (here.waiting(), there.waiting()) == ([ours.id], [theirs.id])
    there.claim(theirs.id)
    later = time.time() + 2000
    monkeypatch.setattr(time, "time", lambda: later)
    assert here.take_up() == [] and [job.id for job in there.take_up()] == [theirs.id]
    later += 2000
    assert [job.id for job in here.take_up()] == [theirs.id]
    later += 100
    # Their workers have time to come back where all were away.
    assert JobRecords(tmp_path, network="here").take_up() == []
    there.sign_on(2)
    assert here.take_up() == []


def test_a_service_tells_of_its_own_network_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = (JobRecords(tmp_path, network=digest) for digest in ("here", "there"))
    there.enter("theirs", {"network": "there"}, most=1)
    there.sign_on(2)
    assert there.worked() and not here.worked()
    assert (there.counts()["accepted"], here.counts()["accepted"]) == (1, 0)
    here.sign_on(1)
    here.forget()
    assert here.worked() and networks(tmp_path) == ["here", "there"]
    later = time.time() + 4000
    monkeypatch.setattr(time, "time", lambda: later)
    here.forget()
    assert networks(tmp_path) == ["here"]
    there.sign_on(2)
    here.forget()
    assert there.worked() and networks(tmp_path) == ["here", "there"]


def networks(home: Path) -> list[str]:
    with closing(sqlite3.connect(home / "jobs.db")) as rows:
        return sorted(digest for (digest,) in rows.execute("SELECT digest FROM networks"))


def test_records_of_an_earlier_version_are_worked_on(records: JobRecords, tmp_path: Path) -> None:
    job, _ = records.enter("key", {}, most=1)
    with closing(sqlite3.connect(tmp_path / "jobs.db")) as rows, rows:
        rows.execute("DROP TABLE networks")
    records.check()
    assert not records.worked()
    assert records.counts()["accepted"] == 1 and records.find(job.id) == job
    records.sign_on(1)
    assert records.waiting() == [job.id]


@pytest.mark.parametrize("identity", ["", None, b"\xff\x00", "../../etc", b"0123456789abcdef"])
@pytest.mark.parametrize("state", ["accepted", "running"])
def test_a_job_with_a_damaged_id_fails_alone(
    records: JobRecords, tmp_path: Path, identity: object, state: str
) -> None:
    damaged, _ = records.enter("damaged", {}, most=9)
    with closing(sqlite3.connect(tmp_path / "jobs.db")) as rows, rows:
        rows.execute("UPDATE jobs SET id = ?, state = ?", (identity, state))
    sound, _ = records.enter("sound", {}, most=9)
    assert records.take_up() == []
    assert records.waiting(most=1) == records.waiting() == [sound.id]
    assert records.claim(sound.id) is not None
    (failed,) = records.page(states=("failed",), limit=9, offset=0)[0]
    assert (failed.row, failed.id, failed.problem) == (damaged.row, "", DAMAGE)
    records.remove(failed.row)
    assert records.finished() == []
    assert records.take_up() == []


@pytest.mark.parametrize("code", [errno.EPERM, errno.EOPNOTSUPP])
def test_records_are_made_where_a_file_has_one_name_alone(
    records: JobRecords, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refuse(path: Path, target: Path) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    job, _ = records.enter("key", {}, most=9)
    assert JobRecords(tmp_path).find(job.id) == job
    assert [path.name for path in tmp_path.iterdir()] == ["jobs.db"]
