"""gunicorn: processes that answer, forked from one that has read the network, and the worker."""

from __future__ import annotations

import ctypes
import gc
import logging
import math
import os
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.errors import HaltServer

from geodata.formats.files.temporary import sweep_temporary
from service.corridors.answers import answers_of, prepare_answers
from service.features import bulk_views
from service.features.collections import prepare_collections
from service.jobs.memory import bound_memory
from service.jobs.worker import WELL, Worker, ending, work_apart
from service.maps.tile_cache import prepare_tiles
from service.pages.map_background import background_of
from service.pages.sketch import sketch_of
from service.server.connections import MOST_PLACES, PatientWorker
from service.server.crew import Crew
from service.state import Settings
from service.web.logs.in_hand import InHand, RequestsInHand
from service.web.logs.logs import ServerLogger
from service.web.metrics.metrics import count_death, count_fault, metrics_of
from service.web.requests.request import LONGEST_LINE

_HANG_SECONDS = 60
"""Seconds without a sign of life after which a process is ended; answers have another limit."""
_STANDSTILL_SECONDS = 5.0
"""Seconds between two rounds of the master, one each second, after which it stood still itself."""
_LEEWAY_SECONDS = 60
"""Seconds, beyond twice the limit of a live computation, after which a request counts as stuck."""
_KEPT_OPEN_SECONDS = 15
_MOST_CONNECTIONS, _OTHER_FILES = 2000, 256
_SWITCH_SECONDS = 0.0005
"""After how long a thread yields to another: the engine asks for its turn after every kernel."""
_MOST_ARENAS, _OWN_PAGES_FROM = -8, -3
"""Numbers of ``M_ARENA_MAX`` and ``M_MMAP_THRESHOLD`` in malloc.h of glibc."""


logger = logging.getLogger("vereda.access")


class Server(BaseApplication):
    """Serves an application from an open socket until it is told to stop.

    Parameters
    ----------
    listening
        Called once requests are answered.
    """

    def __init__(
        self,
        app: Flask,
        settings: Settings,
        listener: socket.socket,
        *,
        listening: Callable[[], None],
    ) -> None:
        self._app, self._settings = app, settings
        self._listening = listening
        # gunicorn closes it at the end.
        self._descriptor = listener.detach()
        super().__init__()

    def load_config(self) -> None:
        """Settings of gunicorn; see its documentation for each."""
        settings = self._settings
        PatientWorker.body_limit = settings.body_limit
        PatientWorker.limit_seconds = settings.limit_seconds
        PatientWorker.hands = RequestsInHand(places=MOST_PLACES, threads=settings.threads)
        options: dict[str, Any] = {
            "bind": f"fd://{self._descriptor}",
            "workers": settings.workers,
            "threads": settings.threads,
            "worker_class": PatientWorker,
            "worker_connections": _most_connections(),
            "backlog": 2048,
            "preload_app": True,
            "timeout": _HANG_SECONDS,
            "graceful_timeout": max(1, round(settings.grace_seconds)),
            "keepalive": _KEPT_OPEN_SECONDS,
            "limit_request_line": LONGEST_LINE,
            "control_socket_disable": True,
            # Flask knows the number of proxies; gunicorn trusts none.
            "forwarded_allow_ips": "",
            "logger_class": ServerLogger,
            "when_ready": lambda _: self._listening(),
            "pre_fork": lambda arbiter, worker: arbiter.announce(worker),
            "post_fork": lambda _, worker: self._begin(worker),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def _begin(self, worker: PatientWorker) -> None:
        """First steps of a process that was forked to answer."""
        bound_memory(self._settings.memory_megabytes)
        metrics_of(self._app).join(worker.place)

    def load(self) -> Flask:
        """The application, read before the first fork."""
        return self._app

    def run(self) -> None:
        """Serve; returns when stopped."""
        share(self._app, job_workers=self._settings.job_workers)
        arbiter, master = _Arbiter(self, self._app, self._settings), os.getpid()
        try:
            arbiter.run()
        except SystemExit as end:
            if os.getpid() != master:
                # A forked process ends here; the rest is for the master.
                logging.shutdown()
                os._exit(end.code if isinstance(end.code, int) else 0)
            if end.code:
                raise


def _most_connections() -> int:
    """Connections that a process takes up: each is a file, and some files are kept for the rest."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST_CONNECTIONS if files < 0 else max(min(_MOST_CONNECTIONS, files - _OTHER_FILES), 16)


def share(app: Flask, *, job_workers: int = 0) -> None:
    """Make ready what processes are to share, and leave it alone from then on.

    A forked process shares memory with its parent until either writes there; the collector of
    garbage would write to all of it.
    """
    _keep_little()
    sys.setswitchinterval(_SWITCH_SECONDS)
    prepare(app)
    metrics_of(app).share(MOST_PLACES + job_workers)
    assert threading.active_count() == 1, threading.enumerate()
    gc.collect()
    gc.freeze()


def prepare(app: Flask) -> None:
    """Compute lazy values now."""
    prepare_collections(app)
    prepare_tiles(app)
    prepare_answers(app)
    _ = background_of(app), sketch_of(app)


def _keep_little() -> None:
    """Make the C library return freed memory, if it has a setting for that.

    Each thread would otherwise keep arrays that it no longer needs in an arena of its own.
    """
    tell = getattr(ctypes.CDLL(None), "mallopt", None)
    if tell is not None:
        tell(_MOST_ARENAS, 2)
        tell(_OWN_PAGES_FROM, 1 << 20)


class _Arbiter(Arbiter):
    """gunicorn's master, which also looks after the workers of the queue.

    Hooks of gunicorn do not suffice for this. It waits for all children, so that nobody else learns
    how a worker of the queue has ended; its hook for the end of a process is not told how it ended;
    a process that cannot be forked ends the master; and no hook is called each second.
    """

    def __init__(self, server: Server, app: Flask, settings: Settings) -> None:
        self._flask, self._settings = app, settings
        self._crew = Crew(settings.job_workers, lambda place: work_apart(lambda: self._work(place)))
        self._stopping = False
        self._coming: PatientWorker | None = None
        self._watch = Watch()
        super().__init__(server)

    def announce(self, worker: PatientWorker | None) -> None:
        """Note the process that is about to be forked, if any."""
        self._coming = worker

    def spawn_worker(self) -> int | None:
        """Start a process that answers; None if it cannot be started, while the others continue.

        The system may have no room for one more process, or for its file for signs of life.
        """
        master = os.getpid()
        self.announce(None)
        try:
            pid: int = super().spawn_worker()
        except OSError:
            if os.getpid() != master:
                os._exit(1)
            logger.exception("a process that answers cannot be started; tried again in a second")
            if self._coming is not None:
                self._coming.tmp.close()
                self._coming.shares.free(self._coming.place)
            return None
        return pid

    def reap_workers(self) -> None:
        """Reap processes that have ended, and report how they did.

        gunicorn's own method does not report it.
        """
        for pid, code in _ended():
            how = ending(code)
            worker = self.WORKERS.pop(pid, None)
            if worker is not None:
                self._report_death(worker, how)
            elif pid in self._crew.pids:
                self._report_end_of_work(pid, how)
            if worker is not None and code in (self.WORKER_BOOT_ERROR, self.APP_LOAD_ERROR):
                raise HaltServer("a process could not begin", code)

    def _report_death(self, worker: PatientWorker, how: str) -> None:
        """Report what a process that died was answering; free its connections and files."""
        self._tell("answering", worker.pid, how, worker.hands.of(worker.place))
        worker.tmp.close()
        worker.hands.clear(worker.place)
        worker.shares.free(worker.place)
        sweep_temporary(bulk_views.BEGINS)

    def _report_end_of_work(self, pid: int, how: str) -> None:
        """Say how a worker of the queue has ended, and when the next one begins."""
        self._tell("working", pid, how, [])
        pause = self._crew.ended(pid)
        if not self._stopping:
            more = {"pid": pid, "how": how, "pause_seconds": pause}
            logger.warning("a worker of the queue begins in place of another", extra=more)

    def _tell(self, kind: str, pid: int, how: str, in_hand: list[InHand]) -> None:
        """Log and count a process that did not end well, unless the server was stopping."""
        if how == WELL or self._stopping:
            return
        count_death(self._flask, kind, how)
        # In parts: together, the digits of two ids have room for a secret, and would be hidden.
        requests = [
            [each.identity or "-", each.request, f"{each.seconds:.1f} s"] for each in in_hand
        ]
        more = {"pid": pid, "kind": kind, "how": how, "requests": requests}
        logger.error("a process died: %s", how, extra=more)

    def murder_workers(self) -> None:
        """End processes without a sign of life, if they could have given one."""
        if self._watch.running(self.timeout):
            super().murder_workers()
            self._end_overdue()

    def manage_workers(self) -> None:
        """Start missing processes that are due; called each second and whenever one ends."""
        super().manage_workers()
        self._crew.fill()

    def _end_overdue(self) -> None:
        """End processes with a request that never gets its answer: nothing else can."""
        longest = 2 * self._settings.limit_seconds + _LEEWAY_SECONDS
        for pid, worker in list(self.WORKERS.items()):
            if overdue(worker.hands.of(worker.place), longest):
                logger.error("a request has no answer after %g s", longest, extra={"pid": pid})
                self.kill_worker(pid, signal.SIGKILL)

    def _work(self, place: int) -> None:
        """What a worker of the queue does, in its own process."""
        for listener in self.LISTENERS:
            listener.close()
        # Behind those of the processes that answer.
        metrics_of(self._flask).join(MOST_PLACES + place)
        Worker(
            answers_of(self._flask).router,
            self._settings,
            parent=self.pid,
            died=lambda how: count_death(self._flask, "job", how),
            failed=lambda: count_fault(self._flask),
        ).run()

    def stop(self, graceful: bool = True) -> None:
        """Stop all processes."""
        self._stopping = True
        for pid in self._crew.pids:
            _signal(pid, signal.SIGTERM)
        super().stop(graceful)
        ends = time.monotonic() + self.cfg.graceful_timeout
        while any(_lives(pid) for pid in self._crew.pids) and time.monotonic() < ends:
            time.sleep(0.05)
            self.reap_workers()
        for pid in self._crew.pids:
            _signal(pid, signal.SIGKILL)


class Watch:
    """Whether the master has run long enough to judge by the age of signs of life.

    A machine that sleeps or moves, or a container that is paused, stops all processes alike: when
    they go on, those that answer look as if they had been stuck.

    Parameters
    ----------
    clock
        Monotonic clock in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last, self._since = math.inf, -math.inf

    def running(self, seconds: float) -> bool:
        """Note a round; whether the master has run for so many seconds since it stood still."""
        now = self._clock()
        if now - self._last > _STANDSTILL_SECONDS:
            logger.warning("the master stood still for %.0f s", now - self._last)
            self._since = now
        self._last = now
        return now - self._since >= seconds


def overdue(in_hand: list[InHand], longest: float) -> bool:
    """Whether a process has a request that is unanswered after some seconds."""
    return any(each.seconds > longest and not each.answered for each in in_hand)


def _ended() -> Iterator[tuple[int, int]]:
    """Processes of ours that have ended: the id, and the exit code or a signal below zero."""
    try:
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            yield ended[0], os.waitstatus_to_exitcode(ended[1])
    except ChildProcessError:
        return


def _lives(pid: int) -> bool:
    return _signal(pid, 0)


def _signal(pid: int, number: int) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True
