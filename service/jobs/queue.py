"""The queue of jobs: huey keeps their order, in SQLite or in Redis.

huey takes a task off the queue before it is run, and what a crash cuts short is lost to it
(its guide, "Understanding how tasks are executed"). What is a job, and whether it is done,
is therefore known by the records of `service.jobs.records`; the queue only says whose turn it is,
and jobs that wait according to the records but are not in the queue are put there again.

The records alone could keep the order on one machine. The queue is beside them for services in
several containers, which share it in Redis; SQLite, the usual place, goes through the same calls,
so that there is one way for both. Of huey no more is used than its two storages.
"""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from flask import Flask, current_app
from huey import Huey, RedisHuey, SqliteHuey

from geodata.computing.tasks import computed_once
from geodata.errors import DataError
from service.access.privacy import private_directory, private_file
from service.settings import Settings
from service.settings.redis_addresses import pool_of
from service.state import State, once

if TYPE_CHECKING:
    from redis import ConnectionPool

_FILE = "queue.db"
_ANSWER_SECONDS = 3.0
"""How long Redis is waited for; longer than a worker waits there for a job."""


class Queue:
    """Ids of jobs that wait for their turn. It is opened at first use, by each process anew.

    Parameters
    ----------
    network
        Digest of the network that they ask about: those about others wait apart.

    Raises
    ------
    InputError
        When it is to be kept in Redis and cannot be; see `pool_of`.
    ConnectionError
        By all that it does, when it is kept in Redis and that cannot be reached.
    sqlite3.Error
        The same, when it is kept in SQLite; it is opened anew the next time.
    """

    def __init__(self, settings: Settings, *, network: str = "") -> None:
        self._settings = settings
        self._name = f"vereda{network[:16]}"
        if settings.queue:
            self._pool()

    @computed_once
    def _huey(self) -> Huey:
        if self._settings.queue:
            return RedisHuey(self._name, connection_pool=self._pool(), results=False)
        home = private_directory(self._settings.jobs, field="jobs")
        file = str(private_file(home / _FILE, field="jobs"))
        huey = SqliteHuey(self._name, filename=file, results=False, fsync=True, timeout=10)
        # It keeps its file open for as long as it lives, and does not close it by itself.
        self._close = weakref.finalize(self, huey.storage.close)
        return huey

    def _pool(self) -> ConnectionPool:
        pool = pool_of("queue", self._settings.queue, seconds=_ANSWER_SECONDS)
        # A worker waits here for a job: an address may allow a longer wait, never a shorter one.
        waits = pool.connection_kwargs
        waits["socket_timeout"] = max(waits["socket_timeout"], _ANSWER_SECONDS)
        return pool

    def check(self) -> None:
        """Refuse a queue that can never be worked with, before it is.

        Raises
        ------
        DataError
            When there is a file that is no queue.
        """
        if self._settings.queue:
            return
        path = self._settings.jobs.absolute() / _FILE
        try:
            if not path.is_file() and (path.exists() or path.is_symlink()):
                raise sqlite3.DatabaseError("no plain file")
            if path.exists():
                with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as rows:
                    rows.execute("PRAGMA schema_version").fetchone()
        except sqlite3.OperationalError:
            # Busy, or without room: that passes.
            return
        except sqlite3.DatabaseError as error:
            remedy = f"It is no queue ({error}); remove it: what jobs there are is in jobs.db."
            raise DataError("jobs", str(path), remedy) from error

    def send(self, identity: str) -> None:
        """Put a job at the end."""
        with self._reached():
            self._huey.storage.enqueue(identity.encode())

    def take(self) -> str | None:
        """Take the first job; None when none waits."""
        with self._reached():
            item = self._huey.storage.dequeue()
        return bytes(item).decode() if item else None

    def waiting(self) -> set[str]:
        """Ids of the jobs in the queue."""
        with self._reached():
            return {bytes(item).decode() for item in self._huey.storage.enqueued_items()}

    def drop(self) -> None:
        """Take all jobs off it, so that nothing is left of it."""
        with self._reached():
            self._huey.storage.flush_queue()

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """Raise errors of Redis's own library as the `ConnectionError` of Python."""
        if not self._settings.queue:
            try:
                yield
            except sqlite3.Error:
                # The file may have been replaced or removed.
                if self.__dict__.pop("_huey", None) is not None:
                    self._close()
                raise
            return
        from redis.exceptions import RedisError

        try:
            yield
        except RedisError as error:
            raise ConnectionError(f"The queue in Redis cannot be reached: {error}") from error


def queue_of(app: Flask = current_app) -> Queue:
    """The queue of the jobs of an application; opened by each process for itself."""
    return once(app, "queue", _queue, of_settings=True)


def _queue(state: State) -> Queue:
    return Queue(state.settings, network=state.network.digest)
