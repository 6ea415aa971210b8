"""What is killed, filled up or cut off: no finished job is lost, none is stuck, nobody waits."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import socket
import ssl
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from geodata.publication.results.publish import publish
from routes.router import Router
from routes.scenario.profiles import load_profile
from routes.scenario.scenario import Scenario
from service.access.tokens import add
from service.server.connections import PATIENCE_SECONDS
from tests.support.servers import running as running_programs
from tests.support.servers.nginx import in_front_of
from tests.support.servers.running import Running, born, lives, wait_for

BODY = {"profile": "migrants-north", "from": ["Tela"], "to": ["Tapachula"], "slack": 0.02}
ON_ISLE = {**BODY, "from": ["Ayton"], "to": ["Ceeford"]}
LATER = {"Prefer": "respond-async"}
LONG = {**BODY, "draws": 400, "seed": 5}
SLOW = "/corridors?profile=cocaine-north&via=Izabal&via=Corinto"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("faults")


@pytest.fixture(scope="module")
def running(network_dir: Path, home: Path) -> Iterator[Running]:
    service = serve(network_dir, home)
    yield service
    service.stop()


def serve(network: Path, home: Path, *options: str, **environment: str) -> Running:
    return Running(home, "--network", str(network), "--workers", "2", "--job-attempts", "3",
                   "--grace-seconds", "3", *options, **environment)  # fmt: skip


def state(service: Running, place: str) -> str:
    return str(service.ask(place)[1]["status"])


def begin(service: Running, body: dict[str, object]) -> str:
    """A job that runs."""
    status, record, _ = service.ask("/corridors", body, **LATER)
    assert status == 201, record
    place = f"/jobs/{record['jobID']}"
    wait_for(lambda: state(service, place) == "running", seconds=40)
    return place


def answering(service: Running) -> set[int]:
    """Processes that answer, and live."""
    return {pid for pid in service.children()["answering"] if lives(pid)}


def end(service: Running, *pids: int, number: int = signal.SIGKILL) -> None:
    """Kill processes, and wait until they are dead: until then they may take a connection up."""
    for pid in pids:
        os.kill(pid, number)
    wait_for(lambda: not any(lives(pid) for pid in pids), seconds=20)


def end_at_once(service: Running, *pids: int) -> None:
    """Kill processes so that none takes up what another one lost.

    They are stopped first, since a request that was lost twice is refused, as it should be.
    """
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    end(service, *pids)


def test_a_killed_web_process_is_replaced_and_others_answer(running: Running) -> None:
    wait_for(lambda: len(running.children()["working"]) == 1, seconds=20)
    for _ in range(3):
        pids = answering(running)
        first = min(pids)
        assert len(pids) == 2
        killed = time.clock_gettime(time.CLOCK_BOOTTIME)
        end(running, first)
        for _ in range(5):
            assert running.ask("/health")[0] == 200
        later = wait_for(
            lambda first=first: len(alive := answering(running) - {first}) == 2 and alive,
            seconds=20,
        )
        # At once: whatever pause there was before it would be longer.
        (fresh,) = later - pids
        assert started_at(fresh) - killed < 5


def started_at(pid: int) -> float:
    """When a process was started, in seconds since the machine was."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[19]) / os.sysconf("SC_CLK_TCK")


def test_what_a_process_died_on_is_told_and_counted(running: Running) -> None:
    pids = wait_for(lambda: len(alive := answering(running)) == 2 and alive, seconds=20)
    logged = len(running.log.read_text())
    path = "/collections/links/items?limit=10000&filter=name<>%27vrd%5F0123456789ab_hush%27"
    with ExitStack() as clients:
        for number in range(2):
            clients.enter_context(begun(running, path, f"asked-{number}"))
        end(running, *pids, number=signal.SIGSEGV)
    wait_for(lambda: len(answering(running) - pids) == 2, seconds=20)
    lines = wait_for(lambda: died(running, logged, pids), seconds=20)
    assert {line["how"] for line in lines} == {"SIGSEGV"}
    requests = sorted(request for line in lines for request in line["requests"])
    assert len(requests) == 2
    for number, (identity, each, seconds) in enumerate(requests):
        assert identity == f"asked-{number}" and seconds.endswith(" s")
        assert each.startswith("GET /collections/links/items?limit=10000&filter=")
    assert "hush" not in running.log.read_text()
    assert deaths(running, "answering", "SIGSEGV") == 2


def deaths(service: Running, kind: str, how: str) -> float:
    """Processes that died, as `/metrics` says."""
    text = service.ask("/metrics")[1].decode()
    count = re.search(f'process_deaths_total{{how="{how}",kind="{kind}"}} (\\S+)', text)
    assert count, text
    return float(count[1])


@contextmanager
def begun(service: Running, path: str, identity: str) -> Iterator[None]:
    """A request that is in hand for as long as the block runs: its client reads no further."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(60)
        client.connect(("127.0.0.1", int(service.url.rsplit(":", 1)[1])))
        head = f"GET {path} HTTP/1.1\r\nHost: x\r\nX-Request-ID: {identity}\r\n\r\n"
        client.sendall(head.encode())
        assert client.recv(9) == b"HTTP/1.1 "
        yield


def died(service: Running, since: int, pids: set[int]) -> list[dict[str, Any]]:
    """Lines of the log about processes that died, once there is one for each."""
    lines = [json.loads(line) for line in service.log.read_text()[since:].splitlines()
             if line.startswith("{") and "a process died" in line]  # fmt: skip
    return lines if {line["pid"] for line in lines} >= pids else []


@pytest.mark.client
def test_a_get_that_was_lost_is_answered_by_another_process_behind_nginx(
    network_dir: Path, tmp_path: Path
) -> None:
    (tmp_path / "service").mkdir()
    _, token = add(tmp_path / "tokens.json", "desk", scopes=["read", "compute"], days=1)
    tokens = ("--tokens", str(tmp_path / "tokens.json"))
    service = serve(network_dir, tmp_path / "service", "--proxies", "1", *tokens)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with in_front_of(int(service.url.rsplit(":", 1)[1]), tmp_path) as address:
            for turn in range(4):
                pids = wait_for(lambda: len(alive := answering(service)) == 2 and alive, seconds=20)
                with ThreadPoolExecutor() as pool:
                    urls = [f"{address}{SLOW}&slack=0.9{turn}{number}" for number in range(2)]
                    pending = [pool.submit(fetched, url, token, context) for url in urls]
                    # They take seconds, so that no answer has begun when the processes die.
                    time.sleep(0.25)
                    end_at_once(service, *pids)
                    assert [each.result() for each in pending] == [10, 10]
    finally:
        service.stop()


def fetched(url: str, token: str, context: ssl.SSLContext) -> int:
    """Number of features in an answer."""
    request = Request(url, headers={"Authorization": f"Bearer {token}"})
    with urlopen(request, context=context, timeout=120) as answer:
        return int(json.load(answer)["numberReturned"])


def test_a_killed_queue_worker_is_replaced_and_its_job_begun_again(running: Running) -> None:
    done = begin(running, {**BODY, "slack": 0.01})
    wait_for(lambda: state(running, done) == "successful", seconds=60)
    kept = running.ask(f"{done}/results/corridors")[1]
    place = begin(running, LONG)
    (worker,) = running.children()["working"]
    (at_work,) = wait_for(lambda: born(worker), seconds=10)
    os.kill(worker, signal.SIGKILL)
    wait_for(lambda: not lives(at_work), seconds=20)
    wait_for(lambda: running.ask(place)[1]["attempts"] == 2, seconds=40)
    assert running.ask("/ready")[0] == 200
    assert running.ask(f"{done}/results/corridors")[1] == kept
    assert running.ask(place, method="DELETE")[0] == 200


def test_the_job_that_a_process_died_on_is_told_and_counted(running: Running) -> None:
    before, logged = deaths(running, "job", "SIGKILL"), len(running.log.read_text())
    place = begin(running, {**LONG, "seed": 6})
    (worker,) = running.children()["working"]
    (at_work,) = wait_for(lambda: born(worker), seconds=10)
    os.kill(at_work, signal.SIGKILL)
    wait_for(lambda: running.ask(place)[1]["attempts"] == 2, seconds=40)
    assert deaths(running, "job", "SIGKILL") == before + 1
    lines = [json.loads(line) for line in running.log.read_text()[logged:].splitlines()
             if line.startswith("{") and "a process died" in line]  # fmt: skip
    (line,) = [line for line in lines if line["kind"] == "job"]
    ((identity, request),) = line["requests"]
    assert identity == place.removeprefix("/jobs/")
    assert request.startswith("{") and "Tapachula" in request
    assert running.ask(place, method="DELETE")[0] == 200


@pytest.mark.trials
def test_a_killed_service_takes_up_its_jobs_when_it_is_started_again(
    isle_dir: Path, home: Path
) -> None:
    (home / "again").mkdir()
    first = serve(isle_dir, home / "again")
    done = begin(first, {**ON_ISLE, "slack": 0.015})
    wait_for(lambda: state(first, done) == "successful", seconds=60)
    kept = first.ask(f"{done}/results/corridors")[1]
    cut = begin(first, {**ON_ISLE, "draws": 400})
    waiting = first.ask("/corridors", {**ON_ISLE, "slack": 0.025}, **LATER)[1]["jobID"]
    first.kill()

    again = serve(isle_dir, home / "again")
    try:
        assert again.ask(f"{done}/results/corridors")[1] == kept
        for place in (cut, f"/jobs/{waiting}"):
            wait_for(lambda place=place: state(again, place) == "successful", seconds=90)
        assert again.ask(cut)[1]["attempts"] == 2
        # Told to end in mid-job, it puts the job back, and it does not count as an attempt.
        place = begin(again, {**ON_ISLE, "draws": 400, "seed": 5})
        assert again.stop(signal.SIGTERM) == 0
    finally:
        again.stop()
    rows = subprocess.run(
        ["python3", "-c", "import sqlite3,sys; print(sqlite3.connect(sys.argv[1]).execute("
         "'select state, attempts from jobs where id = ?', [sys.argv[2]]).fetchone())",
         str(again.home / "jobs" / "jobs.db"), place.rsplit("/", maxsplit=1)[-1]],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert rows.stdout.strip() == "('accepted', 0)"


def test_clients_that_go_away_leave_nothing_behind(running: Running) -> None:
    port = int(running.url.rsplit(":", 1)[1])
    for _ in range(30):
        client = socket.create_connection(("127.0.0.1", port))
        client.sendall(b"GET /collections/roads/items?limit=5000 HTTP/1.1\r\nHost: x\r\n\r\n")
        # The connection is broken off rather than ended.
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
    begun = time.monotonic()
    assert running.ask("/health")[0] == 200
    assert time.monotonic() - begun < PATIENCE_SECONDS - 5


def test_a_full_disk_leaves_no_half_result(network_dir: Path, tmp_path: Path) -> None:
    """Files may only grow to some kilobytes, as on a disk that is full."""
    from geodata.network.store import load_network

    result = Router(load_network(network_dir)).run(Scenario(profile=load_profile("migrants-north")))
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, usual[1]))
    try:
        with pytest.raises(OSError, match="large"):
            publish(result, tmp_path / "out", overwrite=False)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
        signal.signal(signal.SIGXFSZ, ignored)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def cramped(network_dir: Path, home: Path) -> Iterator[tuple[Running, Path, Path]]:
    """A service with two disks of its own: for jobs, too small for a result, and for the rest."""
    place = home / "cramped"
    place.mkdir()
    with small_disk(place / "kept", megabytes=2) as kept, \
         small_disk(place / "passing", megabytes=24) as passing:  # fmt: skip
        service = serve(network_dir, place, "--jobs", str(kept / "jobs"), TMPDIR=str(passing))
        try:
            yield service, kept, passing
        finally:
            service.stop()
        assert "SIGBUS" not in service.log.read_text()


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """A disk without any room for as long as the block runs."""
    try:
        with pytest.raises(OSError, match="space"):
            fill(disk / "filler")
        yield
    finally:
        (disk / "filler").unlink(missing_ok=True)


@pytest.mark.trials
def test_a_service_whose_disk_is_full_says_so_and_goes_on(
    cramped: tuple[Running, Path, Path],
) -> None:
    service, disk, _ = cramped
    place = begin(service, {**BODY, "slack": 0.011})
    wait_for(lambda: state(service, place) == "failed", seconds=60)
    assert "disk" in service.ask(place)[1]["message"]
    assert service.ask(f"{place}/results")[0] == 503
    with filled(disk):
        status, problem, _ = service.ask("/corridors", {**BODY, "slack": 0.012}, **LATER)
        assert (status, problem["status"]) == (503, 503)
        assert service.ask("/health")[0] == 200
        assert service.ask("/collections")[0] == 200


@pytest.mark.trials
def test_a_service_answers_though_there_is_no_room_for_temporary_files(
    cramped: tuple[Running, Path, Path],
) -> None:
    """Neither a process that answers nor one that begins then writes where there is no room."""
    service, _, disk = cramped
    before = counted(service, "/health")
    pids = wait_for(lambda: len(alive := answering(service)) == 2 and alive, seconds=20)
    with filled(disk):
        answers_all(service)
        assert answering(service) == pids
        end(service, *pids)
        fresh = wait_for(lambda: len(alive := answering(service) - pids) == 2 and alive,
                         seconds=20)  # fmt: skip
        answers_all(service)
        status, problem, headers = service.ask("/bulk/roads.geojson")
        assert (status, problem["field"]) == (503, "TMPDIR")
        assert "room" in problem["remedy"] and headers["Retry-After"] == "60"
        assert str(disk) not in str(problem) and "jobs" not in problem["detail"]
        # What only tells how long such files are goes without.
        status, record, _ = service.ask("/collections/roads")
        links = [link for link in record["links"] if link["rel"] == "enclosure"]
        assert status == 200 and links and not any("length" in link for link in links)
    assert service.ask("/bulk/roads.geojson")[0] == 200
    answers_all(service)
    assert answering(service) == fresh
    assert counted(service, "/health") - before == 90


FULL_MACHINE = """
import errno, os
from pathlib import Path
usual, full = os.fork, Path(os.environ["FULL_MACHINE"])

def fork():
    if full.exists():
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
    return usual()

os.fork = fork
from cli.main import run
run()
"""
"""The command line on a machine that starts no process while there is a file."""


@pytest.mark.trials
def test_a_service_goes_on_where_no_process_can_be_started(
    isle_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As at the limit of tasks of a unit of systemd, or for want of memory."""
    full = tmp_path / "full"
    monkeypatch.setattr(running_programs, "START", [sys.executable, "-c", FULL_MACHINE])
    service = serve(isle_dir, tmp_path, FULL_MACHINE=str(full))
    try:
        first, second = wait_for(lambda: len(alive := answering(service)) == 2 and alive,
                                 seconds=20)  # fmt: skip
        (worker,) = wait_for(lambda: service.children()["working"], seconds=20)
        full.touch()
        status, record, _ = service.ask("/corridors", ON_ISLE, **LATER)
        assert status == 201
        wait_for(lambda: "no process" in service.log.read_text()
                 or "queue cannot be worked on" in service.log.read_text(), seconds=20)  # fmt: skip
        end(service, first, worker)
        wait_for(lambda: service.log.read_text().count("that answers cannot be started") > 2,
                 seconds=20)  # fmt: skip
        # A worker that ended young is begun later, and later each time.
        wait_for(lambda: "a worker of the queue cannot be started" in service.log.read_text(),
                 seconds=60)  # fmt: skip
        assert answering(service) == {second}
        for _ in range(10):
            assert service.ask("/health")[0] == 200
        full.unlink()
        wait_for(lambda: len(answering(service)) == 2, seconds=60)
        place = f"/jobs/{record['jobID']}"
        wait_for(lambda: state(service, place) == "successful", seconds=180)
        assert service.stop() == 0
    finally:
        if service.process.poll() is None:
            service.kill()


def answers_all(service: Running) -> None:
    """Ask often enough that every process answers."""
    for path in ("/health", "/map", "/collections"):
        for _ in range(30):
            assert service.ask(path)[0] == 200, path


def counted(service: Running, route: str) -> float:
    """How many requests of a route were answered, as `/metrics` says."""
    lines = service.ask("/metrics")[1].decode().splitlines()
    of_route = [line for line in lines if f'requests_total{{method="GET",route="{route}"' in line]
    return sum(float(line.split()[-1]) for line in of_route)


@contextmanager
def small_disk(place: Path, *, megabytes: int) -> Iterator[Path]:
    """A disk of its own, where one can be mounted."""
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)],
        capture_output=True, check=False,
    )  # fmt: skip
    if mounted.returncode:
        pytest.skip("no disk can be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(path: Path) -> None:
    """Write until the disk is full."""
    with path.open("wb", buffering=0) as filler:
        while True:
            filler.write(b"x" * 4096)
