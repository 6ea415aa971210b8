"""The records of jobs: question, progress and outcome, and the order of those that wait."""

from __future__ import annotations

import json
import logging
import sqlite3
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from flask import Flask, current_app

from geodata.errors import DataError
from service.jobs.database import JobDatabase
from service.jobs.job import (
    COLUMNS,
    DAMAGE,
    STATES,
    Finished,
    JobRecord,
    is_identity,
    make_identity,
    read_job,
)
from service.jobs.tables import NETWORK, NETWORKS, OURS, WAITING
from service.state import State, make_once
from service.web.problems.problems import BUSY, NO_ROOM

STALE_SECONDS = 10.0
"""Seconds without a sign of life after which a job or worker counts as dead."""
ABSENT_SECONDS = 3600.0
"""Seconds without a worker after which a network counts as replaced by another."""
GONE_DAYS = 30.0
"""Days after which the name of a removed job is removed as well."""
_JOBS = "SELECT rowid AS row, * FROM jobs"
_FAILED = "state = 'failed', message = ?, problem = ?, finished = ?, updated = ?"
logger = logging.getLogger("vereda.jobs")


class FullError(Exception):
    """The largest number of waiting jobs is reached."""


class JobRecords:
    """Records of jobs in one directory; the file is made with the first record.

    Parameters
    ----------
    directory
        Holds ``jobs.db``; services on other networks may have their jobs there as well.
    network
        Digest of the network of the jobs and workers.
    """

    def __init__(self, directory: Path, *, network: str = "") -> None:
        self.network, self._begun = network, time.time()
        self._database = JobDatabase(directory)

    def enter(self, key: str, request: Mapping[str, Any], *, most: int) -> tuple[JobRecord, bool]:
        """The job of a question, and whether it is new; the record is on disk at return.

        Parameters
        ----------
        key
            Key of the question; see `service.jobs.runner.job_key`.
        request
            The question and its network, which go into the record.
        most
            Number of waiting and running jobs of the network from which on no new one is made.

        Raises
        ------
        FullError
            When it is new, and `most` jobs wait or run on its network.
        """
        now, text, identity = time.time(), json.dumps(request), make_identity()
        with self._database.transaction() as rows:
            row = rows.execute(
                f"{_JOBS} WHERE key = ? AND state IN ('accepted', 'running', "
                "'successful')", (key,)
            ).fetchone()  # fmt: skip
            fresh = row is None
            if fresh:
                (waiting,) = rows.execute(
                    "SELECT count(*) FROM jobs WHERE state IN ('accepted', 'running') "
                    f"AND {NETWORK} = ?", (self.network,)
                ).fetchone()  # fmt: skip
                if waiting >= most:
                    raise FullError
                rows.execute(
                    "INSERT INTO jobs (id, key, state, request, message, created, updated) "
                    "VALUES (?, ?, 'accepted', ?, 'Waiting for its turn.', ?, ?)",
                    (identity, key, text, now, now),
                )
                row = rows.execute(f"{_JOBS} WHERE id = ?", (identity,)).fetchone()
        return read_job(row), fresh

    def find(self, identity: str) -> JobRecord | None:
        """A job by its id."""
        rows = self._database.read(f"{_JOBS} WHERE id = ?", identity)
        return read_job(rows[0]) if rows else None

    def page(
        self, *, states: tuple[str, ...], limit: int, offset: int
    ) -> tuple[list[JobRecord], int]:
        """Jobs in some states, the last first, and how many there are in all.

        Parameters
        ----------
        states
            States of the jobs.
        limit
            Largest number of jobs.
        offset
            Number of jobs to pass over.
        """
        if not self._database.path.exists():
            return [], 0
        marks = ",".join("?" * len(states))
        with self._database.transaction("BEGIN") as rows:
            (count,) = rows.execute(
                f"SELECT count(*) FROM jobs WHERE state IN ({marks})", states
            ).fetchone()
            page_rows = rows.execute(
                f"{_JOBS} WHERE state IN ({marks}) ORDER BY created DESC, id "
                "LIMIT ? OFFSET ?", (*states, limit, min(offset, 1 << 60)),
            ).fetchall()  # fmt: skip
        return [read_job(row) for row in page_rows], count

    def claim(self, identity: str) -> JobRecord | None:
        """Begin a waiting job; None when it no longer waits, or is damaged and so has failed."""
        now = time.time()
        changed = self._database.change(
            "UPDATE jobs SET state = 'running', attempts = attempts + 1, started = ?, beat = ?, "
            "updated = ?, progress = 0, message = 'Running.' WHERE id = ? AND state = 'accepted'",
            now, now, now, identity,
        )  # fmt: skip
        job = self.find(identity) if changed else None
        return None if job is None or self._damaged(job) else job

    def beat(self, job: JobRecord) -> bool:
        """Note a sign of life of a running job; returns False when the job has to stop."""
        return self._go_on(job, "beat = ?", time.time())

    def tell(self, job: JobRecord, progress: int, message: str) -> None:
        """Note the progress of a running job.

        Parameters
        ----------
        job
            The job, as it was begun.
        progress
            Percent.
        message
            What it does now.
        """
        now = time.time()
        changes = "progress = ?, message = ?, beat = ?, updated = ?"
        self._go_on(job, changes, progress, message, now, now)

    def succeed(self, job: JobRecord, size: int) -> bool:
        """End a running job whose results, of `size` bytes, are in their place."""
        now = time.time()
        changes = (
            "state = 'successful', progress = 100, message = 'Done.', bytes = ?, finished = ?, "
            "updated = ?"
        )
        return self._go_on(job, changes, size, now, now)

    def fail(self, job: JobRecord, problem: Mapping[str, Any]) -> bool:
        """End a running job that has no results, with the reason as a problem (RFC 9457)."""
        return self._go_on(job, _FAILED, *_failure(problem))

    def _damaged(self, job: JobRecord) -> bool:
        """Whether the record of a running job is damaged; if so, the job fails."""
        if job.damaged:
            logger.error("the record of job %s is damaged", job.id, extra={"job": job.id})
            query = f"UPDATE jobs SET {_FAILED} WHERE rowid = ? AND state = 'running'"
            self._database.change(query, *_failure(DAMAGE), job.row)
        return job.damaged

    def wait_again(self, job: JobRecord, message: str, *, count: bool = True) -> bool:
        """Put a running job back among those that wait.

        Parameters
        ----------
        job
            The job, as it was begun.
        message
            Why it waits.
        count
            Whether the attempt counts; one that we ended ourselves does not.
        """
        changes = (
            "state = 'accepted', progress = 0, message = ?, updated = ?, attempts = attempts - ?"
        )
        return self._go_on(job, changes, message, time.time(), 0 if count else 1)

    def _go_on(self, job: JobRecord, changes: str, *values: object) -> bool:
        """Change a running job, unless it was begun again since it was read.

        The moment of its beginning shows this, and not the number of attempts, which is the same
        after an attempt that does not count.
        """
        query = f"UPDATE jobs SET {changes} WHERE id = ? AND state = 'running' AND started = ?"
        return self._database.change(query, *values, job.id, job.started)

    def dismiss(self, identity: str) -> bool:
        """End a job, or give up its results."""
        now = time.time()
        return self._database.change(
            "UPDATE jobs SET state = 'dismissed', message = 'Dismissed.', bytes = 0, "
            "finished = coalesce(finished, ?), updated = ? WHERE id = ? AND state NOT IN "
            "('dismissed', 'gone')", now, now, identity,
        )  # fmt: skip

    def remove(self, row: int) -> None:
        """Remove a finished job except its name, by the number of its row."""
        self._database.change(
            "UPDATE jobs SET state = 'gone', request = '{}', problem = NULL, bytes = 0, "
            "message = 'Removed to make room.', updated = ? WHERE rowid = ?", time.time(), row,
        )  # fmt: skip

    def forget(self) -> None:
        """Remove the names of jobs that were removed long ago, and networks without workers."""
        self._database.change(
            "DELETE FROM jobs WHERE state = 'gone' AND updated < ?",
            time.time() - GONE_DAYS * 86_400,
        )
        query = "DELETE FROM networks WHERE digest <> ? AND beat NOT BETWEEN ? AND ?"
        self._database.change(query, self.network, *_lately(ABSENT_SECONDS))

    def waiting(self, *, most: int = -1) -> list[str]:
        """Ids of the jobs that wait for the workers of this network, the first one first.

        One that a crash cut short waits behind all others, and one that we ended has its old place.
        One whose id is damaged fails here, as nobody could begin it.

        Parameters
        ----------
        most
            Largest number of ids; all by default.
        """
        query = (
            f"SELECT rowid, id FROM jobs WHERE state = 'accepted' AND {OURS} "
            "ORDER BY iif(attempts, updated, created), id LIMIT ?"
        )
        while True:
            rows = self._database.read(query, *self._ours(), most)
            nameless = [row for row, identity in rows if not is_identity(identity)]
            if not nameless:
                return [identity for _, identity in rows]
            self._fail_nameless(nameless)

    def _fail_nameless(self, numbers: Iterable[int]) -> None:
        """End waiting jobs whose id is damaged, by the numbers of their rows."""
        logger.error("the ids of jobs are damaged in rows %s", numbers)
        query = f"UPDATE jobs SET {_FAILED} WHERE rowid = ? AND state = 'accepted'"
        with self._database.transaction() as rows:
            rows.executemany(query, [(*_failure(DAMAGE), number) for number in numbers])

    def take_up(self) -> list[JobRecord]:
        """Running jobs without a worker, for those of this network; each is handed out once.

        Who takes them up decides what becomes of them. This counts as their sign of life.
        """
        abandoned = f"state = 'running' AND beat NOT BETWEEN ? AND ? AND {OURS}"
        values = (*_lately(STALE_SECONDS), *self._ours())
        if not self._database.read(f"SELECT 1 FROM jobs WHERE {abandoned} LIMIT 1", *values):
            return []
        with self._database.transaction() as rows:
            taken = rows.execute(f"{_JOBS} WHERE {abandoned}", values).fetchall()
            signs = [(time.time(), row["row"]) for row in taken]
            rows.executemany("UPDATE jobs SET beat = ? WHERE rowid = ?", signs)
        return [job for job in map(read_job, taken) if not self._damaged(job)]

    def _ours(self) -> tuple[object, ...]:
        """Parameters of the condition `OURS`."""
        return self.network, self._begun, *_lately(ABSENT_SECONDS)

    def finished(self) -> list[Finished]:
        """Finished jobs, the oldest first."""
        rows = self._database.read(
            "SELECT rowid, CAST(finished AS REAL) AS ended, CAST(bytes AS INTEGER) FROM jobs "
            "WHERE state IN ('successful', 'failed', 'dismissed') ORDER BY ended, id"
        )
        return [Finished(*row) for row in rows]

    def counts(self) -> dict[str, int]:
        """Number of jobs on this network by state."""
        query = f"SELECT state, count(*) FROM jobs WHERE state <> 'gone' AND {NETWORK} = ? "
        rows = self._database.read(f"{query} GROUP BY state", self.network)
        return dict.fromkeys(STATES[:-1], 0) | {state: int(count) for state, count in rows}

    def sign_on(self, pid: int) -> None:
        """Show that a worker of this network is alive."""
        now = time.time()
        with self._database.transaction() as rows:
            rows.execute("INSERT OR REPLACE INTO workers VALUES (?, ?)", (pid, now))
            rows.execute(NETWORKS)
            rows.execute("INSERT OR REPLACE INTO networks VALUES (?, ?)", (self.network, now))

    def sign_off(self, pid: int) -> None:
        """Note the end of a worker."""
        query = "DELETE FROM workers WHERE pid = ? OR beat NOT BETWEEN ? AND ?"
        self._database.change(query, pid, *_lately(STALE_SECONDS))

    def worked(self) -> bool:
        """Whether a worker of this network is alive, and worked lately."""
        query = (
            "SELECT 1 FROM workers JOIN networks ON digest = ? "
            "WHERE workers.beat BETWEEN ? AND ? AND networks.beat BETWEEN ? AND ? LIMIT 1"
        )
        lately = _lately(STALE_SECONDS)
        return bool(self._database.read(query, self.network, *lately, *lately))

    def check(self) -> None:
        """Refuse a file that has no records of jobs; add what those of earlier versions lack.

        Raises
        ------
        DataError
            When the file has no records of jobs, or is damaged.
        """
        path, read = self._database.path, self._database.read
        try:
            if not path.is_file() and (path.exists() or path.is_symlink()):
                raise sqlite3.DatabaseError("no plain file")
            read(f"SELECT {', '.join(COLUMNS)} FROM jobs LIMIT 1")
            read("SELECT pid, beat FROM workers LIMIT 1")
            faults = [fault for (fault,) in read("PRAGMA quick_check(1)") if fault != "ok"]
            if faults:
                raise sqlite3.DatabaseError(" ".join(faults[0].split()))
            if path.exists():
                self._database.change(NETWORKS)
                self._database.change(WAITING)
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in (*BUSY, *NO_ROOM):
                # A busy file or a full disk is temporary.
                return
            remedy = f"It is no record of jobs ({error}); move it away, or name another directory."
            raise DataError("jobs", str(path), remedy) from error


def _failure(problem: Mapping[str, Any]) -> tuple[object, ...]:
    """Values of the changes `_FAILED`."""
    now = time.time()
    return problem["detail"], json.dumps(problem, default=str), now, now


def _lately(seconds: float) -> tuple[float, float]:
    """Range of valid signs of life: later ones were noted before the clock was set back."""
    now = time.time()
    return now - seconds, now + seconds


def records_of(app: Flask = current_app) -> JobRecords:
    """The records of the jobs of an application."""
    return make_once(app, "jobs", _records, of_settings=True)


def _records(state: State) -> JobRecords:
    return JobRecords(state.settings.jobs, network=state.network.digest)
