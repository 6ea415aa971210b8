"""What is offered for deployment parses, names what exists, and passes the checks of its tools."""

from __future__ import annotations

import os
import re
import shutil
import socket
import socketserver
import ssl
import subprocess
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import fields
from http.client import IncompleteRead
from pathlib import Path
from typing import ClassVar
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import yaml

from service.state import Settings
from tests.support.servers.nginx import free_port, in_front_of, written
from tests.support.servers.running import wait_for

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
VARIABLES = {f"VEREDA_{setting.name.upper()}" for setting in fields(Settings)}


def test_compose_names_what_exists() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    services = compose["services"]
    for service in services.values():
        named = service.get("environment", {})
        Settings.from_environment({key: str(value) for key, value in named.items()})
        for volume in service["volumes"]:
            assert volume.split(":")[0] in compose["volumes"]
        assert set(service.get("depends_on", ())) <= services.keys()
    assert services["service"]["command"] == ["serve"] and services["worker"]["command"] == ["work"]
    assert (DEPLOY / services["service"]["build"]["context"]).resolve() == ROOT
    assert (ROOT / services["service"]["build"]["dockerfile"]).is_file()
    # The queue of the one is the queue of the other.
    queues = {services[name]["environment"]["VEREDA_QUEUE"] for name in ("service", "worker")}
    assert len(queues) == 1


def test_every_container_is_confined() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"] and "cap_add" not in service
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["mem_limit"] and service["pids_limit"] and not service.get("privileged")
        # Others reach the service alone, and that from this machine.
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
        assert name == "service" or "ports" not in service
    for name in ("service", "worker"):
        address = services[name]["environment"]["VEREDA_QUEUE"]
        assert address.startswith("redis://:${QUEUE_PASSWORD:?}@queue")
    assert services["queue"]["user"] not in ("root", "0", "0:0")


def test_the_queue_asks_for_its_password(tmp_path: Path) -> None:
    if not shutil.which("redis-server"):
        pytest.skip("Redis is not installed")
    queue = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["queue"]
    shell, option, script = queue["command"]
    port = free_port()
    script = script.replace("$$", "$").replace("/data", str(tmp_path))
    script = script.replace("/tmp/redis.conf", str(tmp_path / "redis.conf"))
    words = [shell, option, f"{script} --port {port} --bind 127.0.0.1 --save ''"]
    with subprocess.Popen(
        words, env={"PATH": os.environ["PATH"], "REDISCLI_AUTH": "hush-hush"},
        stdout=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            wait_for(lambda: spoken(port, b"PING\r\n"), seconds=20)
            assert spoken(port, b"PING\r\n").startswith(b"-NOAUTH")
            assert spoken(port, b"AUTH other\r\n").startswith(b"-WRONGPASS")
            assert spoken(port, b"AUTH hush-hush\r\nPING\r\n").startswith(b"+OK")
            assert b"hush" not in Path(f"/proc/{process.pid}/cmdline").read_bytes()
            assert (tmp_path / "redis.conf").stat().st_mode & 0o077 == 0
        finally:
            process.terminate()


def spoken(port: int, text: bytes) -> bytes:
    """What a server says to a text, nothing where there is none yet."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as speaking:
            speaking.sendall(text)
            return speaking.recv(200)
    except ConnectionRefusedError:
        return b""


def test_the_unit_is_confined(tmp_path: Path) -> None:
    text = (DEPLOY / "vereda.service").read_text()
    pairs = [tuple(line.split("=", 1)) for line in text.splitlines()
             if "=" in line and not line.startswith("#")]  # fmt: skip
    settings = dict(pairs)
    filters = [value for name, value in pairs if name == "SystemCallFilter"]
    assert filters == ["@system-service", "~@privileged"]
    assert settings["MemoryMax"].endswith("G") and int(settings["TasksMax"]) <= 1024
    # One process that takes too much is ended alone.
    assert settings["OOMPolicy"] == "continue"
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd is not installed")
    unit = tmp_path / "vereda.service"
    unit.write_text(text.replace("/opt/vereda/bin/vereda serve", "/bin/true"))
    words = ["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager"]
    run = subprocess.run([*words, str(unit)], capture_output=True, text=True, check=False)
    if "--offline" in run.stderr or "not supported" in run.stderr:
        pytest.skip("this systemd looks at units that run only")
    assert run.returncode == 0, run.stdout[-600:] + run.stderr


def test_the_dockerfile_copies_what_exists_and_sets_what_exists() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    assert set(re.findall(r"VEREDA_[A-Z_]+", text)) <= VARIABLES
    for line in re.findall(r"^COPY (?!--)(.+)$", text, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
    assert re.search(r"^USER (?!root)", text, re.MULTILINE)
    packages = re.search(r"include = \[(.*)\]", (ROOT / "pyproject.toml").read_text())
    assert packages
    for name in re.findall(r'"(\w+)\*"', packages[1]):
        assert f"COPY {name} {name}\n" in text


def test_the_unit_passes_systemd(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd is not installed")
    unit = tmp_path / "vereda.service"
    text = (DEPLOY / "vereda.service").read_text()
    unit.write_text(text.replace("/opt/vereda/bin/vereda serve", "/bin/true"))
    run = subprocess.run(["systemd-analyze", "verify", "--man=no", str(unit)],
                         capture_output=True, text=True, check=False)  # fmt: skip
    assert (run.returncode, run.stderr) == (0, "")


def test_the_site_passes_nginx(tmp_path: Path) -> None:
    configuration = written(tmp_path)
    run = subprocess.run(["nginx", "-t", "-q", "-c", str(configuration)],
                         capture_output=True, text=True, check=False)  # fmt: skip
    assert run.returncode == 0, run.stderr


class Dying(socketserver.StreamRequestHandler):
    """A process that dies at the first request of each kind, or at all of them."""

    requests: ClassVar[Counter[str]] = Counter()

    def handle(self) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.rfile.readline()
        line = head.split(b"\r\n")[0].decode().rsplit(" ", 1)[0]
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        self.rfile.read(int(length[1]) if length else 0)
        self.requests[line] += 1
        if "half" in line:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        elif "always" not in line and self.requests[line] > 1:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n")
            self.wfile.write(b"" if line.startswith("HEAD") else b"ok")


@pytest.mark.client
def test_a_get_without_an_answer_is_sent_to_another_process_once(tmp_path: Path) -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Dying) as upstream:
        threading.Thread(target=upstream.serve_forever, daemon=True).start()
        with in_front_of(upstream.server_address[1], tmp_path) as address:
            for line, status, times in (
                ("GET /once?token=vrd_0123456789ab_secret", 200, 2),
                ("HEAD /once", 200, 2),
                ("GET /always", 502, 2),
                ("POST /once", 502, 1),
                ("DELETE /once", 502, 1),
                ("POST /always", 502, 1),
                ("GET /half", 200, 1),
                ("GET /metrics", 403, 0),
            ):
                method, path = line.split()
                got = status_of(address + path, method)
                assert (got, Dying.requests[line]) == (status, times), line
        upstream.shutdown()
    logs = [path for path in tmp_path.iterdir() if path.suffix == ".log"]
    text = "".join(path.read_text() for path in logs)
    assert "GET 200" in text and "secret" not in text


def status_of(url: str, method: str) -> int:
    """Status of an answer, whether it came to its end or not."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    data = b"{}" if method == "POST" else None
    try:
        with urlopen(Request(url, data, method=method), context=context, timeout=30) as answer:
            with suppress(IncompleteRead):
                answer.read()
            return int(answer.status)
    except HTTPError as error:
        with error:
            return error.code


@pytest.mark.parametrize("page", ["running.md", "running-nginx.md", "service.md"])
def test_links_between_pages_lead_somewhere(page: str) -> None:
    text = (ROOT / "docs" / page).read_text("utf-8")
    for target in re.findall(r"\]\((?!http)([^)#]+)", text):
        assert (ROOT / "docs" / target).exists(), target
