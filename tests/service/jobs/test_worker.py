"""What is noted of a job that has failed or was cut short, and by whom."""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from service.jobs.job import JobRecord
from service.jobs.records import STALE_SECONDS, JobRecords
from service.jobs.runner import JobRunner
from service.jobs.worker import Worker
from service.state import Settings

ROUTER = SimpleNamespace(network=SimpleNamespace(digest="here"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(network=Path("unread"), jobs=tmp_path)


def test_a_job_of_a_network_without_workers_says_so(settings: Settings) -> None:
    records = JobRecords(settings.jobs, network="here")
    job, _ = records.enter("key", {"network": "there", "scenario": {}}, most=1)
    begun = records.claim(job.id)
    assert begun is not None
    JobRunner(ROUTER, records, settings.jobs)(begun, lambda: None)
    ended = records.find(job.id)
    assert ended is not None and ended.problem is not None
    assert "start `vereda work`" in ended.problem["remedy"] and ended.problem["field"] == "network"
    assert "built anew, ask again" in ended.problem["remedy"]


@pytest.mark.parametrize(
    ("error", "status"),
    [(MemoryError(), 503), (OSError(errno.ENOSPC, "full"), 503), (ValueError(), 500)],
)
def test_a_job_that_fails_says_why_and_is_no_service_that_is_busy(
    settings: Settings, error: Exception, status: int
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    records = JobRecords(settings.jobs, network="here")
    scenario = {"profile": "migrants-north", "draws": 2}
    job, _ = records.enter("key", {"network": "here", "scenario": scenario}, most=1)
    begun = records.claim(job.id)
    assert begun is not None
    router = SimpleNamespace(network=ROUTER.network, run=fail)
    JobRunner(router, records, settings.jobs)(begun, lambda: None)
    ended = records.find(job.id)
    assert ended is not None and ended.problem is not None
    assert (ended.problem["type"], ended.problem["status"]) == ("about:blank", status)


def test_two_workers_that_tidy_at_once_leave_a_job_that_was_begun_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one has put the job back, and begun it, before the first is done."""
    records = JobRecords(settings.jobs, network="here")
    job, _ = records.enter("key", {"network": "here", "scenario": {}}, most=1)
    records.claim(job.id)
    later = time.time() + 2 * STALE_SECONDS
    monkeypatch.setattr(time, "time", lambda: later)
    first, second = Worker(ROUTER, settings), Worker(ROUTER, settings)
    settle = first._again

    def settle_late(each: JobRecord, reason: str) -> None:
        nonlocal later
        # As if the first had stood still since it took up the job.
        later += 2 * STALE_SECONDS
        second.tidy()
        assert records.claim(job.id)
        settle(each, reason)

    monkeypatch.setattr(first, "_again", settle_late)
    first.tidy()
    record = records.find(job.id)
    assert record is not None and (record.state, record.attempts) == ("running", 2)


def test_directories_of_others_among_the_results_stay(settings: Settings) -> None:
    strange = settings.jobs / "results" / os.fsdecode(b"caf\xe9")
    strange.mkdir(parents=True)
    JobRecords(settings.jobs, network="here").sign_on(1)
    Worker(ROUTER, settings).tidy()
    assert strange.is_dir()


def test_a_worker_goes_on_after_whatever_a_turn_fails_with(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its end cannot be noted either: that is no fault of the worker."""
    monkeypatch.setattr(signal, "signal", lambda number, handler: None)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    failures: list[str] = []
    worker = Worker(ROUTER, settings, failed=lambda: failures.append("failed"))
    errors = [UnicodeDecodeError("utf-8", b"\xff", 0, 1, "odd"), KeyError("odd"), OSError("odd")]

    def turn() -> bool:
        if errors:
            raise errors.pop()
        worker.stop()
        return True

    def sign_off(pid: int) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(worker, "turn", turn)
    monkeypatch.setattr(worker._records, "sign_off", sign_off)
    worker.run()
    assert len(failures) == 3 and not errors
    assert "disk is full" in caplog.text
