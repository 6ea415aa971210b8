"""The work of one job: a question answered with draws, and its results put in their place."""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from geodata.errors import DataError, VeredaError
from geodata.formats.files.disks import FULL
from geodata.network.header import VERSION
from geodata.publication.results.publish import publish
from geodata.publication.results.reading import HANDED_OUT
from routes.router import Router
from routes.studies.ensemble import run_with_draws
from service.corridors.question import Question
from service.corridors.scenario_schema import read_question
from service.jobs.job import JobRecord
from service.jobs.records import JobRecords
from service.web.problems.problems import problem_record
from service.web.problems.statuses import problem_head

Check = Callable[[], None]

_LITTLE_BYTES = 32_000_000
_LAST_PERCENT = 95
_ABANDONED = (
    "Nobody has worked on it for an hour. If it was built anew, ask again; else start "
    "`vereda work` on it first."
)
_FOREIGN = "Another version of Vereda recorded this question; ask for it again."
logger = logging.getLogger("vereda.jobs")


def job_key(network: str, question: Question) -> str:
    """Key of the questions with the same results; other versions of Vereda have other keys.

    The list of served files is part of the key, because results without some of them are out of
    date.

    Parameters
    ----------
    network
        Digest of the network.
    question
        The question, as it was checked.
    """
    parts = (VERSION, network, question.key, *HANDED_OUT)
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()


def results_of(jobs: Path, identity: str) -> Path:
    """Directory of the results of a job."""
    return jobs / "results" / identity


class JobRunner:
    """Runs jobs on one network; a process of its own calls it once and ends.

    Parameters
    ----------
    router
        Router on the network of the jobs.
    records
        Records of the jobs, where progress and outcome are noted.
    jobs
        Directory of jobs.
    """

    def __init__(self, router: Router, records: JobRecords, jobs: Path) -> None:
        self._router, self._records, self._jobs = router, records, jobs

    def __call__(self, job: JobRecord, check: Check) -> None:
        """Run a job until it succeeds or fails.

        Parameters
        ----------
        check
            Function called often; an exception that it raises ends the work and leaves the job as
            it is.
        """
        try:
            size = self._run(job, check)
        except VeredaError as error:
            self._records.fail(job, problem_record(error))
        except Exception as error:
            self._records.fail(job, self._fault(error))
            logger.exception("job %s failed", job.id)
        else:
            self._records.succeed(job, size)

    def _run(self, job: JobRecord, check: Check) -> int:
        """Compute and write the results; returns their size."""
        network, scenario = (job.request.get(name) for name in ("network", "scenario"))
        if not (isinstance(network, str) and isinstance(scenario, dict)):
            raise DataError("request", ", ".join(job.request), _FOREIGN)
        if network != self._router.network.digest:
            raise DataError("network", network[:12], _ABANDONED)
        question = read_question(scenario)
        self._records.tell(job, 1, "Computing corridors.")
        result = run_with_draws(
            self._router,
            question.scenario,
            draws=question.draws,
            seed=question.seed,
            progress=self._progress(job, question.draws),
            check=check,
        )
        check()
        self._records.tell(job, _LAST_PERCENT, "Writing the results.")
        directory = publish(result, results_of(self._jobs, job.id), overwrite=True)
        return sum(path.stat().st_size for path in directory.iterdir())

    def _fault(self, error: Exception) -> dict[str, Any]:
        """The problem of a fault: a lack of memory or disk, if that was the cause."""
        if isinstance(error, MemoryError):
            return _problem(503, "The server had too little memory for it.")
        # Writers of maps and tables do not report why they failed, so the free space on the disk is
        # checked.
        left = shutil.disk_usage(self._jobs).free
        if left < _LITTLE_BYTES or (isinstance(error, OSError) and error.errno in FULL):
            detail = f"The disk of the server is full: {left / 1e6:.0f} MB are left."
            return _problem(503, detail)
        detail = "The service failed at this job; its log says where."
        return _problem(500, detail)

    def _progress(self, job: JobRecord, draws: int) -> Callable[[str], None]:
        """Function that notes the progress of the draws in the records."""
        done = 0

        def tell(step: str) -> None:
            nonlocal done
            percent = 2 + (_LAST_PERCENT - 2) * done // draws
            self._records.tell(job, percent, f"{step.capitalize()}.")
            done += 1

        return tell


def _problem(status: int, detail: str) -> dict[str, Any]:
    # Without a type of problem: a client would show its own words for the type instead of the
    # reason, and ask again and again where the type is `busy`.
    return {**problem_head(status, ""), "detail": detail}


def too_long(seconds: float) -> Mapping[str, Any]:
    """The problem of a job that was stopped."""
    detail = f"It was stopped after {seconds:g} s, the time that a job may take. Ask for fewer "
    return _problem(504, f"{detail}draws, a smaller slack or fewer ends.")


def cut_short(attempts: int, reason: str) -> Mapping[str, Any]:
    """The problem of a job that never came to its end."""
    detail = f"It was begun {attempts} times and never came to its end: {reason} Ask for less."
    return _problem(500, detail)
