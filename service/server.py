"""gunicorn: processes that answer, forked from one that has read the network, and the worker."""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from prometheus_client.multiprocess import mark_process_dead

from service.connections import MOST_PLACES, PatientWorker
from service.hands import Hands, InHand
from service.logs import ServerLogger
from service.memory import bound_memory
from service.metrics import count_death
from service.request import LONGEST_LINE
from service.settings import Settings
from service.state import State, state_of
from service.worker import Worker, work_apart

_HANG_SECONDS = 60
"""A process that has not stirred for so long is ended; answers have a limit of their own."""
_LEEWAY_SECONDS = 60
"""A request has no answer after this and twice the limit of a live computation: it has none."""
_KEPT_OPEN_SECONDS = 15
_MOST_CONNECTIONS, _OTHER_FILES = 2000, 256
_SWITCH_SECONDS = 0.0005
"""After how long a thread yields to another: the engine asks for its turn after every kernel."""
_WELL = "well"
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
        PatientWorker.hands = Hands(places=MOST_PLACES, threads=settings.threads)
        told: dict[str, Any] = {
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
            # Flask is told how many proxies there are; gunicorn believes none.
            "forwarded_allow_ips": "",
            "logger_class": ServerLogger,
            "when_ready": lambda _: self._listening(),
            "post_fork": lambda _, __: bound_memory(settings.memory_megabytes),
            "child_exit": lambda arbiter, worker: arbiter.bury(worker),
        }
        for name, value in told.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application, read before the first fork."""
        return self._app

    def run(self) -> None:
        """Serve; returns when stopped."""
        state = state_of(self._app)
        share(state)
        arbiter, master = _Arbiter(self, state, self._app), os.getpid()
        try:
            arbiter.run()
        except SystemExit as end:
            if os.getpid() != master:
                # A process that has answered ends here; what follows is for the master to do.
                logging.shutdown()
                os._exit(end.code if isinstance(end.code, int) else 0)
            if end.code:
                raise


def _most_connections() -> int:
    """Connections that a process takes up: each is a file, and some files are kept for the rest."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST_CONNECTIONS if files < 0 else max(min(_MOST_CONNECTIONS, files - _OTHER_FILES), 16)


def share(state: State) -> None:
    """Make ready what processes are to share, and leave it alone from then on.

    A forked process shares memory with its parent until either writes there; the collector of
    garbage would write to all of it.
    """
    _keep_little()
    sys.setswitchinterval(_SWITCH_SECONDS)
    state.prepare()
    assert threading.active_count() == 1, threading.enumerate()
    gc.collect()
    gc.freeze()


def _keep_little() -> None:
    """Have the C library give freed memory back, where it is the one that can be told.

    Each thread would otherwise keep arrays that it no longer needs in an arena of its own.
    """
    tell = getattr(ctypes.CDLL(None), "mallopt", None)
    if tell is not None:
        tell(_MOST_ARENAS, 2)
        tell(_OWN_PAGES_FROM, 1 << 20)


class _Arbiter(Arbiter):
    """gunicorn's master, which also looks after the workers of the queue."""

    def __init__(self, server: Server, state: State, app: Flask) -> None:
        self._state, self._flask = state, app
        self._queue_pids: set[int] = set()
        self._endings: dict[int, str] = {}
        self._stopping = False
        super().__init__(server)

    def reap_workers(self) -> None:
        """Take leave of processes that have ended, after a look at how they did."""
        for pid in (*self.WORKERS, *self._queue_pids):
            how = _ending(pid)
            if how:
                self._endings[pid] = how
        super().reap_workers()
        for pid in self._queue_pids & self._endings.keys():
            self._tell("working", pid, self._endings.pop(pid), [])

    def bury(self, worker: PatientWorker) -> None:
        """Say what a process that died had in hand; take its figures and connections off."""
        held = worker.hands.of(worker.place)
        how = self._endings.pop(worker.pid, "unknown" if held else _WELL)
        self._tell("answering", worker.pid, how, held)
        worker.hands.clear(worker.place)
        mark_process_dead(worker.pid)
        worker.shares.free(worker.place)

    def _tell(self, kind: str, pid: int, how: str, held: list[InHand]) -> None:
        """Log and count a process that did not end well; those that we end are no news."""
        if how == _WELL or self._stopping:
            return
        count_death(self._flask, kind, how)
        told = [f"{each.identity or '-'} {each.request} ({each.seconds:.1f} s)" for each in held]
        more = {"pid": pid, "kind": kind, "how": how, "requests": told}
        logger.error("a process died: %s", how, extra=more)

    def manage_workers(self) -> None:
        """Start what is missing; called once a second and whenever a process ends."""
        super().manage_workers()
        self._end_overdue()
        self._queue_pids = {pid for pid in self._queue_pids if _lives(pid)}
        while len(self._queue_pids) < self._state.settings.job_workers:
            self._queue_pids.add(work_apart(self._work))

    def _end_overdue(self) -> None:
        """End processes with a request that never gets its answer: nothing else can."""
        longest = 2 * self._state.settings.limit_seconds + _LEEWAY_SECONDS
        for pid, worker in list(self.WORKERS.items()):
            if overdue(worker.hands.of(worker.place), longest):
                logger.error("a request has no answer after %g s", longest, extra={"pid": pid})
                self.kill_worker(pid, signal.SIGKILL)

    def _work(self) -> None:
        """What a worker of the queue does, in its own process."""
        for listener in self.LISTENERS:
            listener.close()
        Worker(self._state, parent=self.pid).run()

    def stop(self, graceful: bool = True) -> None:
        """Stop all processes."""
        self._stopping = True
        for pid in self._queue_pids:
            _signal(pid, signal.SIGTERM)
        super().stop(graceful)
        ends = time.monotonic() + self.cfg.graceful_timeout
        while any(_lives(pid) for pid in self._queue_pids) and time.monotonic() < ends:
            time.sleep(0.05)
            self.reap_workers()
        for pid in self._queue_pids:
            _signal(pid, signal.SIGKILL)


def overdue(held: list[InHand], longest: float) -> bool:
    """Whether a process has a request in hand that is not answered after so many seconds."""
    return any(each.seconds > longest and not each.answered for each in held)


def _ending(pid: int) -> str | None:
    """How a process has ended; None while it runs. It is left for others to take leave of."""
    try:
        found = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return None
    if found is None:
        return None
    if found.si_code == os.CLD_EXITED:
        return f"exit code {found.si_status}" if found.si_status else _WELL
    try:
        return signal.Signals(found.si_status).name
    except ValueError:
        return f"signal {found.si_status}"


def _lives(pid: int) -> bool:
    return _signal(pid, 0)


def _signal(pid: int, number: int) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True
