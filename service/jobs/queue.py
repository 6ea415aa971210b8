"""The queue of jobs: huey keeps their order, in SQLite or in Redis.

huey removes a task from the queue before it runs, and loses a task that a crash interrupts (its
guide, "Understanding how tasks are executed"). Jobs and their states are therefore in
`service.jobs.records`; the queue only decides the order, and jobs that wait according to the
records but are not in the queue are put there again.

The records alone could keep the order on one machine. The queue is beside them for services in
several containers, which share it in Redis; SQLite, the usual place, goes through the same calls,
so that there is one way for both. Only the two storages of huey are used.
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
"""Seconds to wait for Redis; longer than a worker waits there for a job."""


class Queue:
    """Ids of waiting jobs. Each process opens the queue at its first use.

    Parameters
    ----------
    network
        Digest of the network of the jobs; each network has its own queue.

    Raises
    ------
    InputError
        When the settings name a Redis that cannot be used; see `pool_of`.
    ConnectionError
        In every method, when the queue is in Redis and Redis cannot be reached.
    sqlite3.Error
        Likewise when the queue is in SQLite; the next call opens it again.
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
        # The storage keeps its file open, and does not close it by itself.
        self._close = weakref.finalize(self, huey.storage.close)
        return huey

    def _pool(self) -> ConnectionPool:
        pool = pool_of("queue", self._settings.queue, seconds=_ANSWER_SECONDS)
        # A worker waits here for a job: an address may allow a longer wait, never a shorter one.
        waits = pool.connection_kwargs
        waits["socket_timeout"] = max(waits["socket_timeout"], _ANSWER_SECONDS)
        return pool

    def check(self) -> None:
        """Refuse a queue that cannot be used, before the first use.

        Raises
        ------
        DataError
            When the file is not a queue.
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
            # A busy file or a full disk is temporary.
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
        """Remove all jobs, so that nothing is left of the queue."""
        with self._reached():
            self._huey.storage.flush_queue()

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """Translate errors of the Redis library to Python's `ConnectionError`."""
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
