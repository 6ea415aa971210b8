"""The worker of the queue: takes jobs in turn, ends those that take too long, removes old ones.

Each job runs in a process of its own, a fork that shares the network, so that it can be stopped
at any moment and its crash does not affect other processes. Only the records have the state of a
job: a worker that ends during a job leaves a record without a sign of life, and the next worker
begins the job again or notes why it does not.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from geodata.formats.files.staging import sweep
from routes.router import Router
from service.jobs.job import JobRecord, is_identity
from service.jobs.memory import bound_memory
from service.jobs.queue import open_queue
from service.jobs.records import STALE_SECONDS, JobRecords
from service.jobs.runner import JobRunner, cut_short, results_of, too_long
from service.state import Settings

_LOOK_SECONDS = 0.2
_BEAT_SECONDS = 1.0
_TIDY_SECONDS = 3.0
WELL = "well"
"""End of a process that worked until it was told to stop."""
logger = logging.getLogger("vereda.jobs")


class Worker:
    """Works on the jobs of a service until it is told to stop.

    Parameters
    ----------
    router
        Router that answers the jobs.
    settings
        Settings with the directory of jobs, the time limit and the number of attempts.
    parent
        Process that started this one and with which it ends; None for one that runs alone.
    died
        Called when the process of a job has died, with how: it could not note this itself.
    failed
        Called when a turn of the worker has failed; it goes on with the next one.
    """

    def __init__(
        self,
        router: Router,
        settings: Settings,
        *,
        parent: int | None = None,
        died: Callable[[str], None] = lambda how: None,
        failed: Callable[[], None] = lambda: None,
    ) -> None:
        self._settings, self._died, self._failed = settings, died, failed
        network = router.network.digest
        self._records = JobRecords(settings.jobs, network=network)
        self._queue = open_queue(settings, self._records)
        self._runner = JobRunner(router, self._records, settings.jobs)
        self._parent = parent
        self._stopping = False
        self._next_tidy = self._next_sign = 0.0

    def stop(self, *_: object) -> None:
        """Ask it to end; a running job is put back among those that wait."""
        self._stopping = True

    def run(self) -> None:
        """Work until stopped."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)
        logger.info("worker started", extra={"pid": os.getpid()})
        while not self._over():
            try:
                worked = self.turn()
            except Exception:
                # A full disk, busy records or a lost Redis may be temporary, and no job is lost. Of
                # a fault of ours, a worker begun anew would die as well.
                logger.exception("the queue cannot be worked on")
                self._failed()
                worked = False
                time.sleep(_BEAT_SECONDS)
            if not worked:
                time.sleep(_LOOK_SECONDS)
        try:
            self._records.sign_off(os.getpid())
        except (OSError, sqlite3.Error):
            # Its last sign of life goes out of date in some seconds.
            logger.exception("the end of a worker cannot be noted")
        logger.info("worker stopped", extra={"pid": os.getpid()})

    def _over(self) -> bool:
        return self._stopping or (self._parent is not None and os.getppid() != self._parent)

    def turn(self) -> bool:
        """Tidy up when it is time, and run the next job; returns whether there was one."""
        now = time.monotonic()
        if now >= self._next_sign:
            self._records.sign_on(os.getpid())
            self._next_sign = now + STALE_SECONDS / 5
        if now >= self._next_tidy:
            self.tidy()
            self._next_tidy = time.monotonic() + _TIDY_SECONDS
        identity = self._queue.take()
        job = self._records.claim(identity) if identity else None
        if job is None:
            return identity is not None
        logger.info("job started", extra={"job": job.id, "attempt": job.attempts})
        try:
            child = self._fork(job)
        except OSError:
            # No process can be started now; this does not count as an attempt of the job.
            self._records.wait_again(job, "It begins as soon as it can.", count=False)
            raise
        self._see_to(job, child)
        self._clear(job.id)
        ended = self._records.find(job.id)
        logger.info("job left", extra={"job": job.id, "state": ended and ended.state})
        return True

    def _fork(self, job: JobRecord) -> int:
        """Start a process that runs a job."""
        worker = os.getpid()
        gc.freeze()
        child = os.fork()
        if child:
            return child
        try:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_IGN)

            bound_memory(self._settings.memory_megabytes)

            def check() -> None:
                # Without its worker no process watches it, and another worker begins it again.
                if os.getppid() != worker:
                    os._exit(1)

            self._runner(job, check)
            os._exit(0)
        except BaseException:
            logger.exception("job %s could not be recorded", job.id)
        finally:
            os._exit(1)

    def _see_to(self, job: JobRecord, child: int) -> None:
        """Wait for the process of a job, and stop it when it must not go on."""
        ends = time.monotonic() + self._settings.job_seconds
        beat = 0.0
        while True:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                self._settle(job, status)
                return
            now = time.monotonic()
            if self._over():
                _kill(child)
                if self._records.wait_again(job, "Interrupted; it begins again.", count=False):
                    self._queue.send(job.id)
                return
            if now > ends:
                _kill(child)
                self._records.fail(job, too_long(self._settings.job_seconds))
                return
            if now > beat + _BEAT_SECONDS:
                beat = now
                if not self._alive(job):
                    _kill(child)
                    return
            time.sleep(_LOOK_SECONDS / 4)

    def _alive(self, job: JobRecord) -> bool:
        """Whether a job should continue; it does while the records cannot be read."""
        try:
            self._records.sign_on(os.getpid())
            if self._records.beat(job):
                return True
            now = self._records.find(job.id)
            if now is None or now.started != job.started:
                return False
            # Its process has noted the outcome and is about to end; all others are to stop.
            return now.state in ("successful", "failed")
        except (OSError, sqlite3.Error):
            return True

    def _settle(self, job: JobRecord, status: int) -> None:
        """Settle a job whose process has ended: the process noted the outcome, or it crashed."""
        now = self._records.find(job.id)
        if now is not None and now.state == "running" and now.started == job.started:
            how = ending(os.waitstatus_to_exitcode(status))
            self._died(how)
            request = [job.id, json.dumps(job.request.get("scenario"), ensure_ascii=False)]
            more = {"kind": "job", "how": how, "requests": [request]}
            logger.error("a process died: %s", how, extra=more)
            self._again(job, f"its process ended with {how}.")

    def _again(self, job: JobRecord, reason: str) -> None:
        """Begin an interrupted job again, unless it has had all its attempts."""
        if job.attempts >= self._settings.job_attempts:
            changed = self._records.fail(job, cut_short(job.attempts, reason))
        else:
            changed = self._records.wait_again(job, f"It begins again: {reason}")
            if changed:
                self._queue.send(job.id)
        if changed:
            logger.warning("job cut short", extra={"job": job.id, "reason": reason})

    def tidy(self) -> None:
        """Bring records, queue and results together, and make room."""
        for job in self._records.take_up():
            self._again(job, "the service was ended.")
        self._queue.refill()
        self._make_room()
        self._records.forget()
        self._sweep()

    def _make_room(self) -> None:
        """Remove finished jobs that are too old, too many or too large, the oldest first."""
        settings = self._settings
        finished = self._records.finished()
        count, size = len(finished), sum(job.bytes for job in finished)
        oldest = time.time() - settings.jobs_days * 86_400
        for job in finished:
            much = size > settings.jobs_megabytes * 1e6 or count > settings.jobs_kept
            if not much and (job.finished or 0.0) >= oldest:
                break
            self._records.remove(job.row)
            count, size = count - 1, size - job.bytes

    def _sweep(self) -> None:
        """Remove complete or partial results of jobs that should have none.

        Directories without a known job stay: the records may have been lost, or another program
        owns them.
        """
        home = self._settings.jobs / "results"
        for each in (self._settings.jobs, home):
            sweep(each)
        for directory in home.iterdir() if home.is_dir() else ():
            if not is_identity(directory.name):
                continue
            job = self._records.find(directory.name)
            if job is not None and job.state not in ("running", "successful"):
                shutil.rmtree(directory, ignore_errors=True)

    def _clear(self, identity: str) -> None:
        """Remove the files that a stopped job left behind."""
        job = self._records.find(identity)
        # One that runs was begun again by another worker.
        if job is None or job.state in ("running", "successful"):
            return
        final: Path = results_of(self._settings.jobs, identity)
        shutil.rmtree(final, ignore_errors=True)
        sweep(final.parent)


def ending(code: int) -> str:
    """How a process has ended, in words: its exit code, or the signal that is below zero."""
    if code >= 0:
        return f"exit code {code}" if code else WELL
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def _kill(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def work_apart(start: Callable[[], None]) -> int:
    """Fork a process that only works on jobs; returns its id."""
    ends = {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT}
    # Signals are blocked until the new process has its own handlers; those of the parent would
    # swallow them.
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    try:
        child = os.fork()
    except OSError:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ends)
        raise
    if child:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ends)
        return child
    code = 1
    try:
        for number in (*ends, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ends)
        start()
        code = 0
    except BaseException:
        logger.exception("the worker failed")
    finally:
        os._exit(code)
