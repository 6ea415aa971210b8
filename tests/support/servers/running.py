"""`vereda serve` as a program of its own, for tests that stop it, kill it or press it hard."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

START = [sys.executable, "-c", "from cli.main import run; run()"]


class Running:
    """A service on a free port.

    Parameters
    ----------
    home
        Holds its jobs and its log.
    options
        Options of `vereda serve`.
    """

    def __init__(self, home: Path, *options: str, **environment: str) -> None:
        self.home = home
        self.log = home / "log"
        self._output = self.log.open("w")
        words = [*START, "serve", "--port", "0", "--jobs", str(home / "jobs"), *options]
        self.process = subprocess.Popen(
            words, stdout=self._output, stderr=subprocess.STDOUT, cwd=Path(__file__).parents[3],
            env={**os.environ, **environment}, start_new_session=True,
        )  # fmt: skip
        address = wait_for(self._address, seconds=60)
        self.url = str(address)

    def _address(self) -> str | None:
        text = self.log.read_text()
        if self.process.poll() is not None:
            raise AssertionError(text)
        match = re.search(r" at (http://\S+)/ \(stop", text)
        return match[1] if match else None

    def ask(
        self, path: str, body: object = None, *, method: str | None = None, **headers: str
    ) -> tuple[int, Any, dict[str, str]]:
        """Status, JSON and headers of an answer."""
        data = None if body is None else json.dumps(body).encode()
        usual = {"Content-Type": "application/json"} if data else {}
        request = Request(self.url + path, data, {**usual, **headers}, method=method)
        try:
            with urlopen(request, timeout=300) as answer:
                text, status, sent = answer.read(), answer.status, dict(answer.headers)
        except HTTPError as error:
            with error:
                text, status, sent = error.read(), error.code, dict(error.headers)
        kind = sent.get("Content-Type", "")
        return status, json.loads(text) if "json" in kind and text else text, sent

    def children(self) -> dict[str, list[int]]:
        """Ids of the processes that answer, and of those that work on jobs."""
        pids = born(self.process.pid)
        started = re.findall(r'"worker started", "pid": (\d+)', self.log.read_text())
        workers = {int(pid) for pid in started}
        return {
            "answering": [pid for pid in pids if pid not in workers],
            "working": [pid for pid in pids if pid in workers],
        }

    def kill(self) -> None:
        """End all its processes at once, as a crash of the machine would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._output.close()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to end; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(timeout=300)
        self._output.close()
        return code


def born(pid: int) -> list[int]:
    """Ids of the processes that a process started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def lives(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not yet waited for does not."""
    try:
        return "Z (zombie)" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


BUSY = 10
"""How many times as long anything may take on a machine that has something else to do as well."""


def wait_for(condition: Callable[[], Any], *, seconds: float) -> Any:
    """The first value of a condition that is true.

    Parameters
    ----------
    seconds
        How long it may take where nothing else is done; `BUSY` times as long is waited.
    """
    ends = time.monotonic() + BUSY * seconds
    while not (value := condition()):
        assert time.monotonic() < ends, "it did not come about"
        time.sleep(0.1)
    return value
