"""The order in which jobs are worked on: that of the records, or of a list in Redis.

The records of jobs (`service.jobs.records`) say which jobs wait, and since when: that is the order.
Beside them a list in Redis can hand out the jobs, so that workers in containers of their own need
the records only for a job that they have. The list is no second truth: a job leaves it before it
begins, so that a crash may lose its entry, and a job that waits by the records but is not in the
list is put there again.

Without Redis an idle worker reads the records five times a second. That takes it 0.2 ms of a
processor each time, with 500 records as with 5000, and a look into the list 0.03 ms.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app

from geodata.computing.tasks import computed_once
from service.jobs.job import is_identity
from service.jobs.records import ABSENT_SECONDS, JobRecords, records_of
from service.state import Settings, State, make_once
from service.state.redis_addresses import pool_of

if TYPE_CHECKING:
    from redis import ConnectionPool

_ANSWER_SECONDS = 3.0
"""Seconds to wait for Redis."""
logger = logging.getLogger("vereda.jobs")


class JobQueue:
    """Jobs in the order of the records.

    Parameters
    ----------
    records
        Records of the jobs of one network.

    Raises
    ------
    sqlite3.Error
        In every method, when the records cannot be read.
    """

    def __init__(self, records: JobRecords) -> None:
        self._records = records

    def send(self, identity: str) -> None:
        """Put a job at the end, where the records have it already."""

    def take(self) -> str | None:
        """The first job; None when none waits. It is begun by the worker that claims it."""
        return next(iter(self._records.waiting(most=1)), None)

    def refill(self) -> None:
        """Put jobs that wait by the records, and are not in the queue, there again."""

    def reach(self) -> None:
        """Raise an error when the queue cannot be reached."""


# Nothing measured speaks for the list: a look is 0.1 % of a processor dearer without it. It stays
# because `--queue` promises one: whoever names a Redis sees there what waits, and at `/ready`
# whether it can be reached. An option that is taken and does nothing would be worse than the list.
class RedisQueue(JobQueue):
    """Jobs in the order of a list in Redis; each process connects at its first use.

    Parameters
    ----------
    records
        Records of the jobs of one network.
    pool
        Connections to Redis.

    Raises
    ------
    ConnectionError
        In every method, when Redis cannot be reached.
    """

    def __init__(self, records: JobRecords, pool: ConnectionPool) -> None:
        super().__init__(records)
        self._pool = pool
        self._name = f"vereda:{records.network[:16]}"

    @computed_once
    def _redis(self) -> Any:
        from redis import Redis

        return Redis(connection_pool=self._pool)

    def send(self, identity: str) -> None:
        """Put a job at the end."""
        with _reached():
            steps = self._redis.pipeline()
            steps.rpush(self._name, identity)
            # Nothing is left of the list of a network that is not served any more.
            steps.expire(self._name, round(ABSENT_SECONDS))
            steps.execute()

    def take(self) -> str | None:
        """Take the first job from the list; None when it is empty. What is no id is dropped."""
        with _reached():
            while (item := self._redis.lpop(self._name)) is not None:
                if is_identity(identity := _text(item)):
                    return identity
                logger.warning("the queue in Redis had what is no id of a job: %.40r", item)
        return None

    def refill(self) -> None:
        """Put jobs that wait by the records, and are not in the list, there again."""
        with _reached():
            queued = {_text(item) for item in self._redis.lrange(self._name, 0, -1)}
        for identity in self._records.waiting():
            if identity not in queued:
                self.send(identity)

    def reach(self) -> None:
        """Raise an error when Redis does not answer."""
        with _reached():
            self._redis.ping()


def _text(item: bytes) -> str:
    """An item of the list, which others may write to as well."""
    return item.decode("ascii", "replace")


@contextmanager
def _reached() -> Iterator[None]:
    """Translate errors of the Redis library to Python's `ConnectionError`."""
    from redis.exceptions import RedisError

    try:
        yield
    except RedisError as error:
        raise ConnectionError(f"The queue in Redis cannot be reached: {error}") from error


def open_queue(settings: Settings, records: JobRecords) -> JobQueue:
    """The queue that the settings name; nothing is connected to yet.

    Parameters
    ----------
    settings
        Of the service or worker; ``queue`` is the address of a Redis, or empty.
    records
        Records of the jobs of its network.

    Raises
    ------
    InputError
        When the settings name a Redis that cannot be used; see `pool_of`.
    """
    if not settings.queue:
        return JobQueue(records)
    return RedisQueue(records, pool_of("queue", settings.queue, seconds=_ANSWER_SECONDS))


def queue_of(app: Flask = current_app) -> JobQueue:
    """The queue of the jobs of an application; each process connects for itself."""
    return make_once(app, "queue", lambda state: _queue(app, state), of_settings=True)


def _queue(app: Flask, state: State) -> JobQueue:
    return open_queue(state.settings, records_of(app))
