"""Workers on several networks that share a directory of jobs."""

from __future__ import annotations

import errno
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from service.jobs.queue import Queue
from service.jobs.records import JobRecords
from service.jobs.runner import JobRunner
from service.jobs.worker import Worker
from service.settings import Settings

ROUTER = SimpleNamespace(network=SimpleNamespace(digest="here"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(network=Path("unread"), jobs=tmp_path)


@pytest.fixture
def worker(settings: Settings) -> Worker:
    return Worker(ROUTER, settings)


def test_a_network_without_workers_is_forgotten_with_its_queue(
    worker: Worker, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs, ledger = Queue(settings, network="there"), JobRecords(settings.jobs, network="there")
    ledger.sign_on(2)
    theirs.send("some")
    worker.tidy()
    assert theirs.waiting() == {"some"}
    later = time.time() + 4000
    monkeypatch.setattr(time, "time", lambda: later)
    worker.tidy()
    assert theirs.waiting() == set()
    assert JobRecords(settings.jobs).absent() == []


@pytest.fixture
def theirs(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Queue:
    """A queue of another network that nobody has worked on for more than an hour."""
    queue = Queue(settings, network="there")
    JobRecords(settings.jobs, network="there").sign_on(2)
    queue.send("some")
    later = time.time() + 4000
    monkeypatch.setattr(time, "time", lambda: later)
    return queue


def test_a_network_that_comes_back_before_it_is_forgotten_keeps_its_queue(
    worker: Worker, settings: Settings, theirs: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, absent = JobRecords(settings.jobs, network="there"), JobRecords.absent

    def back(records: JobRecords) -> list[str]:
        networks = absent(records)
        ledger.sign_on(2)
        return networks

    monkeypatch.setattr(JobRecords, "absent", back)
    worker.tidy()
    assert theirs.waiting() == {"some"} and ledger.worked()


def test_a_network_is_not_forgotten_before_its_queue_is_dropped(
    worker: Worker, settings: Settings, theirs: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(queue: Queue) -> None:
        raise ConnectionError

    monkeypatch.setattr(Queue, "drop", away)
    with pytest.raises(ConnectionError):
        worker.tidy()
    assert JobRecords(settings.jobs).absent() == ["there"]


def test_others_write_while_a_queue_is_dropped(
    worker: Worker, settings: Settings, theirs: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.jobs.records._BUSY_SECONDS", 0.1)
    elsewhere, drop = JobRecords(settings.jobs, network="elsewhere"), Queue.drop

    def slow(queue: Queue) -> None:
        elsewhere.sign_on(3)
        drop(queue)

    monkeypatch.setattr(Queue, "drop", slow)
    worker.tidy()
    assert theirs.waiting() == set() and elsewhere.worked()


def test_a_job_of_a_network_without_workers_says_so(settings: Settings) -> None:
    ledger = JobRecords(settings.jobs, network="here")
    job, _ = ledger.enter("key", {"network": "there", "scenario": {}}, most=1)
    assert ledger.claim(job.id)
    JobRunner(ROUTER, ledger, settings.jobs)(job, lambda: None)
    ended = ledger.find(job.id)
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

    ledger = JobRecords(settings.jobs, network="here")
    scenario = {"profile": "migrants-north", "draws": 2}
    job, _ = ledger.enter("key", {"network": "here", "scenario": scenario}, most=1)
    assert ledger.claim(job.id)
    router = SimpleNamespace(network=ROUTER.network, run=fail)
    JobRunner(router, ledger, settings.jobs)(job, lambda: None)
    ended = ledger.find(job.id)
    assert ended is not None and ended.problem is not None
    assert (ended.problem["type"], ended.problem["status"]) == ("about:blank", status)
