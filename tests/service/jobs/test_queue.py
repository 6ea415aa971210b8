"""The queue: what cannot be used is refused before any work, and the records have the order."""

from __future__ import annotations

from pathlib import Path

import pytest

from geodata.errors import InputError
from service.jobs.queue import JobQueue, RedisQueue, open_queue
from service.jobs.records import JobRecords
from service.state import Settings


def queue(home: Path, address: str = "") -> JobQueue:
    settings = Settings(network=Path("unread"), jobs=home, queue=address)
    return open_queue(settings, JobRecords(home))


def test_jobs_are_taken_in_the_order_of_the_records(tmp_path: Path) -> None:
    """Nothing else is kept: a job that begins again is the last, one that ended is not taken."""
    records, ours = JobRecords(tmp_path), queue(tmp_path)
    assert ours.take() is None and not list(tmp_path.iterdir())
    first, second, third = (records.enter(key, {}, most=9)[0].id for key in "abc")
    assert ours.take() == ours.take() == first
    begun = records.claim(first)
    assert begun is not None and ours.take() == second
    records.wait_again(begun, "It begins again.")
    records.dismiss(second)
    assert ours.take() == third
    records.claim(third)
    assert ours.take() == first
    assert [path.name for path in tmp_path.iterdir()] == ["jobs.db"]


def test_jobs_about_another_network_wait_apart(tmp_path: Path) -> None:
    ours, theirs = (JobRecords(tmp_path, network=digest * 64) for digest in "ab")
    for pid, records in enumerate((ours, theirs)):
        records.sign_on(pid)
    job, _ = ours.enter("key", {"network": ours.network}, most=9)
    assert (JobQueue(ours).take(), JobQueue(theirs).take()) == (job.id, None)


def test_an_address_that_is_none_is_refused_without_its_password(tmp_path: Path) -> None:
    for address in (
        "redis://:hush@h:99999999/0",
        "redis://h/0?socket_timeout=soon&password=hush",
        "redis://:hush@h/0?ssl_cert_reqs=none",
        "redis://:hush@h/0?bogus=abc",
        "redis://:hush@h/0?protocol=9",
    ):
        with pytest.raises(InputError, match="no address of a Redis") as raised:
            queue(tmp_path, address)
        assert "hush" not in str(raised.value)


def test_what_is_kept_in_redis_is_bytes_whatever_its_address_says(tmp_path: Path) -> None:
    ours = queue(tmp_path, "redis://127.0.0.1/0?decode_responses=True")
    assert isinstance(ours, RedisQueue)
    assert ours._pool.connection_kwargs["decode_responses"] is False


class Junk:
    """A list in Redis to which others have written too."""

    def __init__(self, *items: bytes) -> None:
        self.items = list(items)

    def lpop(self, name: str) -> bytes | None:
        return self.items.pop(0) if self.items else None

    def lrange(self, name: str, first: int, last: int) -> list[bytes]:
        return list(self.items)


def test_what_is_no_id_in_redis_is_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job, _ = JobRecords(tmp_path).enter("key", {}, most=9)
    ours = queue(tmp_path, "redis://127.0.0.1/0")
    monkeypatch.setattr(ours, "_redis", Junk(b"\xff", b"", b"any", job.id.encode()))
    ours.refill()
    assert (ours.take(), ours.take()) == (job.id, None)
