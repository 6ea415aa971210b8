"""Workers on several networks that share a directory of jobs."""

from __future__ import annotations

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


def test_a_job_of_a_network_without_workers_says_so(settings: Settings) -> None:
    ledger = JobRecords(settings.jobs, network="here")
    job, _ = ledger.enter("key", {"network": "there", "scenario": {}}, most=1)
    assert ledger.claim(job.id)
    JobRunner(ROUTER, ledger, settings.jobs)(job, lambda: None)
    ended = ledger.find(job.id)
    assert ended is not None and ended.problem is not None
    assert "start `vereda work`" in ended.problem["remedy"] and ended.problem["field"] == "network"
