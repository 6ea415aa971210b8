"""`vereda serve` as people start it: one copy of the network, clean ends, clear refusals."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

import pytest

from geodata.errors import DataError
from service.app import create_app
from service.server.connections import PATIENCE_SECONDS
from service.state import Settings
from tests.support.servers.running import START, Running, wait_for

ROOT = Path(__file__).parents[3]
CHUNKED = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
HELD_UP_SECONDS = PATIENCE_SECONDS - 5
"""Who waits for a thread that a slow client holds waits until that one is given up."""
SHORT = "/corridors?profile=migrants-north&from=Tela&to=Tapachula&slack=0.02"


@pytest.fixture(scope="module")
def running(
    network_dir: Path, result_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    options = ("--network", str(network_dir), "--result", str(result_dir), "--workers", "3")
    service = Running(tmp_path_factory.mktemp("served"), *options, "--grace-seconds", "5")
    yield service
    assert service.stop(signal.SIGINT) == 0
    assert service.log.read_text().rstrip().endswith("Stopped.")


def _port(running: Running) -> int:
    return int(running.url.rsplit(":", 1)[1])


def start(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*START, *options], capture_output=True, text=True, timeout=600, cwd=ROOT)


def test_it_answers_and_is_ready(running: Running) -> None:
    assert running.ask("/health")[0] == 200
    wait_for(lambda: running.ask("/ready")[0] == 200, seconds=20)
    status, record, headers = running.ask(SHORT)
    assert (status, record["type"]) == (200, "FeatureCollection")
    assert "gunicorn/" not in headers["Server"]


def test_processes_share_one_copy_of_the_network(running: Running) -> None:
    for _ in range(8):
        running.ask(SHORT)
        running.ask("/collections/roads/items?limit=500")
    pids = [running.process.pid, *running.children()["answering"]]
    assert len(pids) == 4
    shares = [_kilobytes(pid, "Pss") for pid in pids]
    assert sum(shares) < 1.5 * max(_kilobytes(pid, "Rss") for pid in pids)


def _kilobytes(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(f"{name}:")).split()[1])


def test_figures_of_all_processes_are_added_up(running: Running) -> None:
    for _ in range(30):
        running.ask("/conformance")
    text = running.ask("/metrics")[1].decode()
    line = next(row for row in text.splitlines() if row.startswith("vereda_requests_total")
                and 'route="/conformance"' in row)  # fmt: skip
    assert float(line.split()[-1]) >= 30


def test_log_lines_are_json(running: Running) -> None:
    running.ask("/collections", **{"X-Request-ID": "find-me"})
    wait_for(lambda: "find-me" in running.log.read_text(), seconds=5)
    rows = [json.loads(row) for row in running.log.read_text().splitlines() if row[:1] == "{"]
    assert any(row.get("request_id") == "find-me" and row["status"] == 200 for row in rows)
    assert all({"time", "level", "message"} <= row.keys() for row in rows)


def test_slow_clients_hold_nobody_up(running: Running) -> None:
    """More of them than there are threads, each sending a letter at a time."""
    port = _port(running)
    with ExitStack() as stack:
        slow = [stack.enter_context(socket.create_connection(("127.0.0.1", port)))
                for _ in range(120)]  # fmt: skip
        for number, each in enumerate(slow):
            body = b"POST /corridors HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{"
            each.sendall(body if number % 2 else b"GET /health HT")
        begun = time.monotonic()
        assert running.ask("/health")[0] == 200
        assert time.monotonic() - begun < HELD_UP_SECONDS
        for _ in range(10):
            for each in slow[:20]:
                each.sendall(b" ")
            assert running.ask("/health")[0] == 200
        # One that ends its request after all is answered.
        slow[30].sendall(b"TP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        slow[30].settimeout(300)
        assert slow[30].recv(100).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("cut", [0, 9, 40])
def test_requests_sent_one_behind_another_are_all_answered(running: Running, cut: int) -> None:
    """The second comes in one packet with the first, whole or as far as a cut."""
    port = _port(running)
    second = b"GET /conformance HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    both = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n" + second
    head, tail = (both[:-cut], both[-cut:]) if cut else (both, b"")
    begun = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=300) as client:
        client.sendall(head)
        got = client.recv(4096)
        client.sendall(tail)
        got += b"".join(iter(lambda: client.recv(4096), b""))
    assert got.count(b"HTTP/1.1 200 OK") == 2 and b"conformsTo" in got
    assert time.monotonic() - begun < HELD_UP_SECONDS


def test_connections_that_stay_open_are_shared_evenly(running: Running) -> None:
    """A client stays with its process: three share twelve clients four each."""
    port = _port(running)
    wait_for(lambda: len(running.children()["answering"]) == 3, seconds=20)
    pids = running.children()["answering"]
    before = _settled(pids)
    with ExitStack() as stack:
        for _ in range(12):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            client.settimeout(300)
            client.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert client.recv(4096).startswith(b"HTTP/1.1 200")
        counts = [_sockets(pid) - first for pid, first in zip(pids, before, strict=True)]
    assert sum(counts) == 12 and max(counts) <= 5, counts


def _settled(pids: list[int]) -> list[int]:
    """Open sockets of each process, once those of clients that have left are closed."""
    seen: list[list[int]] = [[]]

    def still() -> bool:
        time.sleep(0.5)
        seen.append([_sockets(pid) for pid in pids])
        return len(seen) > 4 and seen[-1] == seen[-2] == seen[-3] == seen[-4]

    wait_for(still, seconds=30)
    return seen[-1]


def _sockets(pid: int) -> int:
    files = list(Path(f"/proc/{pid}/fd").iterdir())
    return sum(str(each.readlink()).startswith("socket") for each in files)


def test_what_is_no_http_is_refused_as_a_problem(running: Running) -> None:
    port = _port(running)
    for sent, status in (
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n\r\n", b"414"),
        (b"GET / HTTP/1.1\r\n" + b"".join(b"A%d: b\r\n" % k for k in range(200)) + b"\r\n", b"431"),
    ):
        with socket.create_connection(("127.0.0.1", port), timeout=300) as client:
            client.sendall(sent)
            got = b"".join(iter(lambda: client.recv(4096), b""))
        assert got.split()[1] == status
        assert b"application/problem+json" in got and b"Traceback" not in got


def test_a_browser_whose_request_is_never_read_gets_a_page(running: Running) -> None:
    browser = b"Accept: text/html,*/*;q=0.8\r\nAccept-Language: es-HN\r\n"
    for line, more, status, words in (
        (b"/map?via=" + b"x" * 9000, b"", b"414", "Esta direcci\u00f3n es demasiado larga"),
        (b"/map?lang=en&via=" + b"x" * 9000, b"", b"414", "This address is too long"),
        (b"/map", b"A: b\r\n" * 200, b"431", "El navegador envi\u00f3 demasiados datos"),
    ):
        with socket.create_connection(("127.0.0.1", _port(running)), timeout=300) as client:
            client.sendall(b"GET " + line + b" HTTP/1.1\r\n" + browser + more + b"\r\n")
            answer = b"".join(iter(partial(client.recv, 4096), b""))
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.split()[1] == status
        assert b"Content-Type: text/html" in head and b"style-src 'sha256-" in head
        assert f"<h1>{words}" in body.decode()


@pytest.mark.trials
def test_many_clients_at_once_without_an_error(running: Running) -> None:
    paths = ["/health", "/collections", "/collections/places/items?limit=20", SHORT, "/api"]

    def client(number: int) -> set[int]:
        return {running.ask(paths[(number + k) % len(paths)])[0] for k in range(8)}

    with ThreadPoolExecutor(100) as pool:
        assert set().union(*pool.map(client, range(100))) == {200}


def test_a_taken_port_is_told_before_anything_is_read(running: Running, tmp_path: Path) -> None:
    taken = running.url.rsplit(":", 1)[1]
    run = start("serve", "--port", taken, "--network", str(tmp_path / "none"))
    assert run.returncode == 2
    assert "choose another --host or --port" in run.stderr


@pytest.mark.parametrize("name", ["links.parquet", "network.json", "surfaces/remoteness.tif"])
def test_a_damaged_network_is_refused_with_the_file(
    network_dir: Path, tmp_path: Path, name: str
) -> None:
    spoilt = tmp_path / "network"
    shutil.copytree(network_dir, spoilt)
    _spoil(spoilt / name)
    with pytest.raises(DataError, match=Path(name).stem):
        create_app(Settings(network=spoilt, jobs=tmp_path / "jobs"))


@pytest.mark.parametrize("name", ["corridors.gpkg", "segments.geojson", "result.json"])
def test_a_damaged_result_is_refused_with_the_file(
    network_dir: Path, result_dir: Path, tmp_path: Path, name: str
) -> None:
    spoilt = tmp_path / "out"
    shutil.copytree(result_dir, spoilt)
    _spoil(spoilt / name)
    with pytest.raises(DataError, match=name):
        create_app(Settings(network=network_dir, result=(spoilt,), jobs=tmp_path / "jobs"))


def test_what_is_damaged_ends_the_command_in_one_line(network_dir: Path, tmp_path: Path) -> None:
    spoilt = tmp_path / "network"
    shutil.copytree(network_dir, spoilt)
    _spoil(spoilt / "links.parquet")
    run = start("serve", "--port", "0", "--network", str(spoilt), "--jobs", str(tmp_path / "jobs"))
    assert run.returncode == 3
    assert "links" in run.stderr and len(run.stderr.strip().splitlines()) == 1


def test_a_body_that_comes_in_pieces_is_not_cut_at_the_limit(running: Running) -> None:
    question = (
        b'{"profile": "migrants-north", "from": ["Tela"], "to": ["Tapachula"], "slack": 0.02}'
    )
    for beyond, status in ((b"", 200), (b" " * (1 << 20), 413), (b" " * (4 << 20), 413)):
        connection = HTTPConnection("127.0.0.1", _port(running), timeout=60)
        pieces = iter([question, b" " * 1000, beyond])
        connection.request("POST", "/corridors", pieces, {"Content-Type": "application/json"})
        assert connection.getresponse().status == status
        connection.close()


def _spoil(path: Path) -> None:
    """Change a byte in the middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("sent", "status", "kind"),
    [
        (
            b"POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n",
            b"413",
            "urn:problem-type:vereda:too-large",
        ),
        (CHUNKED + b"200000\r\n", b"413", "urn:problem-type:vereda:too-large"),
        (CHUNKED + b"xyz\r\n", b"400", "urn:problem-type:vereda:input"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000, b"431", "about:blank"),
    ],
)
def test_what_is_never_taken_whole_is_refused_and_left(
    running: Running, sent: bytes, status: bytes, kind: str
) -> None:
    with socket.create_connection(("127.0.0.1", _port(running)), timeout=300) as client:
        client.sendall(sent)
        answer = b"".join(iter(partial(client.recv, 4096), b""))
    assert answer.split()[1] == status
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"Connection: close" in head and b"application/problem+json" in head
    # A page of another origin may read why.
    assert b"Access-Control-Allow-Origin: *" in head and b"nosniff" in head
    assert b"Access-Control-Expose-Headers: " in head and b"Retry-After" in head
    problem = json.loads(body)
    assert problem["type"] == kind
    assert problem["remedy"] and problem["detail"].endswith(problem["remedy"])


def test_a_client_that_waits_to_be_asked_is_asked(running: Running) -> None:
    body = json.dumps({"profile": "none"}).encode()
    head = (
        "POST /corridors HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", _port(running)), timeout=300) as client:
        client.sendall(head.encode())
        assert client.recv(100).startswith(b"HTTP/1.1 100 Continue\r\n")
        client.sendall(body)
        reply = b"".join(iter(partial(client.recv, 4096), b""))
    # Once is enough: a second time, a thread would wait for a client that does not read.
    assert reply.startswith(b"HTTP/1.1 400 ")


def test_slow_bodies_hold_no_thread(running: Running) -> None:
    """As many as there are threads, and more, each a piece at a time."""
    head = b"POST /corridors HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n"
    with ExitStack() as stack:
        for _ in range(60):
            client = socket.create_connection(("127.0.0.1", _port(running)), timeout=300)
            stack.enter_context(client).sendall(head)
        begun = time.monotonic()
        assert running.ask("/health")[0] == 200
        assert time.monotonic() - begun < HELD_UP_SECONDS
