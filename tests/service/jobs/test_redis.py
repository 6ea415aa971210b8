"""The queue in a real Redis: jobs come to their end, whichever of the parts is killed."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.jobs.queue import open_queue
from service.jobs.records import JobRecords
from service.state import Settings
from tests.support.servers.running import START, Running, born, lives, wait_for

ROOT = Path(__file__).parents[3]
BODY = {"profile": "migrants-north", "from": ["Ayton"], "to": ["Ceeford"], "slack": 0.02}
LATER = {"Prefer": "respond-async"}

pytestmark = pytest.mark.client


class Redis:
    """A Redis of one's own, which keeps nothing on disk."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        words = ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--save", "",
                 "--appendonly", "no", "--daemonize", "no"]  # fmt: skip
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        wait_for(self.answers, seconds=10)

    def answers(self) -> bool:
        return self.ask("PING") == "+PONG"

    def ask(self, *words: str) -> str | None:
        """The first line of an answer; None when nobody answers."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=60) as client:
                client.sendall(" ".join(words).encode() + b"\r\n")
                return client.makefile().readline().rstrip()
        except OSError:
            return None

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    if shutil.which("redis-server") is None:
        pytest.skip("Redis is not installed: apt-get install redis-server")
    server = Redis()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def running(
    isle_dir: Path, redis: Redis, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """A service that leaves its jobs to others."""
    options = ("--network", str(isle_dir), "--queue", redis.url, "--job-workers", "0",
               "--counters", redis.url, "--rate-read", "100000/minute")  # fmt: skip
    service = Running(tmp_path_factory.mktemp("queued"), *options)
    yield service
    service.stop()


def test_the_list_in_redis_is_filled_from_the_records(redis: Redis, tmp_path: Path) -> None:
    records = JobRecords(tmp_path, network="unread")
    queue = open_queue(Settings(jobs=tmp_path, queue=redis.url), records)
    first, second = (records.enter(key, {"network": "unread"}, most=9)[0].id for key in "ab")
    queue.send(second)
    queue.refill()
    assert [queue.take() for _ in range(3)] == [second, first, None]
    records.dismiss(first)
    queue.refill()
    assert (queue.take(), queue.take()) == (second, None)


@contextmanager
def working(
    running: Running, redis: Redis, isle_dir: Path, *options: str
) -> Iterator[subprocess.Popen[bytes]]:
    """`vereda work` as it is started elsewhere."""
    words = [*START, "work", "--network", str(isle_dir), "--jobs", str(running.home / "jobs"),
             "--queue", redis.url, *options]  # fmt: skip
    log = running.home / "work.log"
    with log.open("ab") as output:
        worker = subprocess.Popen(words, stderr=output, stdout=output, cwd=ROOT)
        try:
            yield worker
        finally:
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(timeout=300) in (0, -signal.SIGKILL), log.read_text()


def ask(running: Running, **more: object) -> str:
    status, record, _ = running.ask("/corridors", {**BODY, **more}, **LATER)
    assert status == 201, record
    return f"/jobs/{record['jobID']}"


def comes_to(running: Running, place: str, state: str, *, seconds: float = 90) -> None:
    wait_for(lambda: running.ask(place)[1]["status"] == state, seconds=seconds)


def cut_short(running: Running, worker: subprocess.Popen[bytes], place: str) -> None:
    """Kill a worker in the middle of a job."""
    comes_to(running, place, "running")
    (at_work,) = wait_for(lambda: born(worker.pid), seconds=10)
    worker.kill()
    worker.wait()
    wait_for(lambda: not lives(at_work), seconds=20)
    assert running.ask(place)[1]["status"] == "running"


def test_a_job_is_taken_from_redis_and_run_to_its_end(
    running: Running, redis: Redis, isle_dir: Path
) -> None:
    place = ask(running, draws=4, seed=3)
    assert redis.ask("KEYS", "vereda:*") == redis.ask("KEYS", "LIMITS*") == "*1"
    digest = running.ask("/health")[1]["network"]
    name = f"vereda:{digest[:16]}"
    assert redis.ask("LLEN", name) == ":1"
    # Nothing is left of it when the network is not served any more.
    assert 0 < int((redis.ask("TTL", name) or "").lstrip(":")) <= 3600
    with working(running, redis, isle_dir):
        comes_to(running, place, "successful")
        assert redis.ask("LLEN", name) == ":0"
    status, corridors, _ = running.ask(f"{place}/results/corridors")
    assert status == 200
    properties = corridors["features"][0]["properties"]
    assert properties["usage_low"] <= properties["usage_mean"] <= properties["usage_high"]


@pytest.mark.trials
def test_a_job_cut_short_is_begun_again_by_the_next_worker(
    running: Running, redis: Redis, isle_dir: Path
) -> None:
    place = ask(running, draws=400, seed=4)
    waiting = ask(running, slack=0.03)
    with working(running, redis, isle_dir) as first:
        cut_short(running, first, place)
    with working(running, redis, isle_dir):
        comes_to(running, place, "successful")
        comes_to(running, waiting, "successful")
    assert running.ask(place)[1]["attempts"] == 2
    assert running.ask(waiting)[1]["attempts"] == 1
    assert running.ask(f"{place}/results/corridors")[0] == 200


@pytest.mark.trials
def test_a_job_cut_short_too_often_fails_with_its_reason(
    running: Running, redis: Redis, isle_dir: Path
) -> None:
    place = ask(running, draws=400, seed=5)
    with working(running, redis, isle_dir, "--job-attempts", "1") as first:
        cut_short(running, first, place)
    with working(running, redis, isle_dir, "--job-attempts", "1"):
        comes_to(running, place, "failed")
    assert "begun 1 times" in running.ask(place)[1]["message"]
    assert running.ask(f"{place}/results")[0] == 500


@pytest.mark.trials
def test_a_lost_redis_loses_no_job(running: Running, redis: Redis, isle_dir: Path) -> None:
    """The records know who waits; what was asked while it was away is done as well."""
    before = ask(running, slack=0.011)
    with working(running, redis, isle_dir) as worker:
        comes_to(running, before, "successful")
        logged = len(running.log.read_text())
        redis.kill()
        during = ask(running, slack=0.012)
        wait_for(lambda: "cannot be reached" in (running.home / "work.log").read_text(), seconds=20)
        assert worker.poll() is None
        assert running.ask(during)[1]["status"] == "accepted"
        assert running.ask("/health")[0] == 200
        status, record, _ = running.ask("/ready")
        assert (status, record["queue"]) == (
            503,
            "the queue cannot be reached; jobs are kept, and wait",
        )
        redis.start()
        comes_to(running, during, "successful")
        wait_for(lambda: running.ask("/ready")[0] == 200, seconds=10)

    def counted_in_redis() -> bool:
        running.ask("/health")
        return redis.ask("KEYS", "LIMITS*") == "*1"

    wait_for(counted_in_redis, seconds=20)
    # Once a loss and not once a request; on a busy machine Redis may be slow for a moment, too.
    losses = running.log.read_text()[logged:].count("requests are counted without it")
    assert losses in (1, 2)
