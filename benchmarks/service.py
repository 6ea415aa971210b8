"""`vereda serve` as a program of its own, to be timed and weighed from outside."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

_PIECE = 64 * 1024


class Service:
    """A service on a free port, stopped at the end of the block.

    Parameters
    ----------
    options
        Options of `vereda serve`.
    """

    def __init__(self, *options: str) -> None:
        self._home = tempfile.TemporaryDirectory()
        self._log = (Path(self._home.name) / "log").open("w+")
        start = [sys.executable, "-c", "from cli.main import run; run()", "serve", "--port", "0"]
        quiet = ["--jobs", f"{self._home.name}/jobs", "--log-level", "warning"]
        words = [*start, *quiet, *options]
        self._process = subprocess.Popen(words, stdout=self._log, stderr=subprocess.STDOUT)
        self.address = ""

    def __enter__(self) -> Service:
        while not self.address:
            time.sleep(0.1)
            text = Path(self._log.name).read_text()
            if self._process.poll() is not None:
                raise SystemExit(text)
            announced = re.search(r" at (http://\S+)/ \(stop", text)
            self.address = announced[1] if announced else ""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait(30)
        self._log.close()
        self._home.cleanup()

    def processes(self) -> list[int]:
        """Ids of all its processes."""
        pids = [self._process.pid]
        for pid in pids:
            born = Path(f"/proc/{pid}/task/{pid}/children").read_text()
            pids += [int(child) for child in born.split()]
        return pids

    def megabytes(self) -> float:
        """Memory of all its processes, what they share counted once."""
        sizes = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in self.processes()]
        return sum(int(re.search(r"^Pss:\s+(\d+)", text, re.M)[1]) for text in sizes) / 1024


class Client:
    """A client that keeps its connection, and takes little of the processors it shares."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._place = (str(parts.hostname), parts.port or 80)
        self._head = f" HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        self._socket = socket.create_connection(self._place, timeout=60)

    def get(self, path: str) -> tuple[int, bytes, dict[str, float]]:
        """Status, body, and milliseconds by step as the service tells them."""
        status, head, body = self._ask(f"GET {path}{self._head}\r\n".encode())
        timing = re.search(r"\r\nServer-Timing: ([^\r]*)", head)
        steps = re.findall(r"(\w+);dur=([\d.]+)", timing[1]) if timing else ()
        return status, body, {name: float(value) for name, value in steps}

    def post(self, path: str, body: object) -> tuple[int, bytes]:
        """Status and body."""
        text = json.dumps(body).encode()
        head = f"POST {path}{self._head}Content-Type: application/json\r\n"
        status, _, reply = self._ask(f"{head}Content-Length: {len(text)}\r\n\r\n".encode() + text)
        return status, reply

    def _ask(self, request: bytes) -> tuple[int, str, bytes]:
        """Status, head and body of the answer, whose length is told."""
        self._socket.sendall(request)
        begun = b""
        while (end := begun.find(b"\r\n\r\n")) < 0:
            piece = self._socket.recv(_PIECE)
            if not piece:
                raise ConnectionError("the service closed the connection")
            begun += piece
        head, body = begun[:end].decode(), bytearray(begun[end + 4 :])
        length = int(re.search(r"\r\ncontent-length: (\d+)", head, re.I)[1])
        while len(body) < length:
            body += self._socket.recv(length - len(body), socket.MSG_WAITALL)
        return int(head[9:12]), head, bytes(body)

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()
