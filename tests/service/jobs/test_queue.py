"""The queue: what is none is refused before any work, and what is lost is made again."""

from __future__ import annotations

import gc
import os
import sqlite3
import warnings
from pathlib import Path

import pytest

from geodata.errors import DataError, InputError
from service.jobs.queue import Queue
from service.settings import Settings


def queue(home: Path, **more: str) -> Queue:
    return Queue(Settings(network=Path("unread"), jobs=home, **more))


def test_a_file_that_is_no_queue_is_refused(tmp_path: Path) -> None:
    ours, path = queue(tmp_path), tmp_path / "queue.db"
    ours.check()
    ours.send("some")
    ours.check()
    for make in (lambda: path.write_bytes(b"noise" * 4000), lambda: os.mkfifo(path), path.mkdir,
                 lambda: path.symlink_to("nowhere")):  # fmt: skip
        path.unlink()
        make()
        with pytest.raises(DataError, match="remove it"):
            ours.check()
        if path.is_dir():
            path.rmdir()
            path.touch()


def test_a_queue_that_is_spoilt_is_opened_anew(tmp_path: Path) -> None:
    ours, path = queue(tmp_path), tmp_path / "queue.db"
    ours.send("some")
    for each in tmp_path.iterdir():
        each.write_bytes(b"noise" * 4000)
    with pytest.raises(sqlite3.Error):
        queue(tmp_path).take()
    # What huey had open when it failed is closed by the collector, of which Python 3.13 warns.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
    for each in tmp_path.iterdir():
        each.unlink()
    path.touch()
    again = queue(tmp_path)
    again.send("other")
    assert again.take() == "other"


def test_an_address_that_is_none_is_refused_without_its_password(tmp_path: Path) -> None:
    for address in (
        "redis://:hush@h:99999999/0",
        "redis://h/0?socket_timeout=soon&password=hush",
        "redis://:hush@h/0?ssl_cert_reqs=none",
        "redis://:hush@h/0?bogus=abc",
        "redis://:hush@h/0?protocol=9",
    ):
        with pytest.raises(InputError, match="no address of a Redis") as raised:
            queue(tmp_path, queue=address).check()
        assert "hush" not in str(raised.value)


def test_what_is_kept_in_redis_is_bytes_whatever_its_address_says(tmp_path: Path) -> None:
    ours = queue(tmp_path, queue="redis://127.0.0.1/0?decode_responses=True")
    ours.check()
    assert ours._pool().connection_kwargs["decode_responses"] is False


def test_a_queue_that_is_dropped_closes_its_file(tmp_path: Path) -> None:
    queue = Queue(Settings(network=tmp_path, jobs=tmp_path / "jobs"))
    queue.send("one")
    storage = queue._huey.storage
    assert storage._conn is not None
    del queue
    gc.collect()
    assert storage._conn is None


def test_jobs_about_another_network_wait_apart(tmp_path: Path) -> None:
    settings = Settings(network=Path("unread"), jobs=tmp_path)
    ours, theirs = (Queue(settings, network=digest * 64) for digest in "ab")
    ours.send("one")
    assert theirs.take() is None and theirs.waiting() == set()
    theirs.send("other")
    theirs.drop()
    assert theirs.waiting() == set() and ours.take() == "one"
