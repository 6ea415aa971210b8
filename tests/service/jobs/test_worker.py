"""What is noted of a job that has failed."""

from __future__ import annotations

import errno
from pathlib import Path
from types import SimpleNamespace

import pytest

from service.jobs.records import JobRecords
from service.jobs.runner import JobRunner
from service.settings import Settings

ROUTER = SimpleNamespace(network=SimpleNamespace(digest="here"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(network=Path("unread"), jobs=tmp_path)


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
