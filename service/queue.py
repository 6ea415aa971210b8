"""The queue of jobs: huey keeps their order, in SQLite or in Redis.

huey takes a task off the queue before it is run, and what a crash cuts short is lost to it
(its guide, "Understanding how tasks are executed"). What is a job, and whether it is done,
is therefore known by the records of `service.ledger`; the queue only says whose turn it is, and
whoever waits according to the records but is not in the queue is put there again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from importlib.util import find_spec

from huey import Huey, RedisHuey, SqliteHuey

from geodata.errors import InputError
from service.privacy import private_directory, private_file
from service.settings import Settings

_NAME = "vereda"


class Queue:
    """Ids of jobs that wait for their turn. It is opened at first use, by each process anew.

    Raises
    ------
    InputError
        When it is to be kept in Redis and the library for that is not installed.
    ConnectionError
        By all that it does, when it is kept in Redis and that cannot be reached.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        if settings.queue and find_spec("redis") is None:
            remedy = "Redis needs the extra: pip install 'vereda[redis]'."
            # It may hold a password.
            raise InputError("queue", settings.queue.rpartition("@")[2], remedy)

    @cached_property
    def _huey(self) -> Huey:
        if self._settings.queue:
            return RedisHuey(_NAME, url=self._settings.queue, results=False)
        home = private_directory(self._settings.jobs, field="jobs")
        file = str(private_file(home / "queue.db", field="jobs"))
        return SqliteHuey(_NAME, filename=file, results=False, fsync=True, timeout=10)

    def send(self, identity: str) -> None:
        """Put a job at the end."""
        with self._reached():
            self._huey.storage.enqueue(identity.encode())

    def take(self) -> str | None:
        """Take the first one; None when nobody waits."""
        with self._reached():
            found = self._huey.storage.dequeue()
        return bytes(found).decode() if found else None

    def waiting(self) -> set[str]:
        """Who is in the queue."""
        with self._reached():
            return {bytes(item).decode() for item in self._huey.storage.enqueued_items()}

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """Tell a lost Redis, for which its library has errors of its own, as Python would."""
        if not self._settings.queue:
            yield
            return
        from redis.exceptions import RedisError

        try:
            yield
        except RedisError as error:
            raise ConnectionError(f"The queue in Redis cannot be reached: {error}") from error
