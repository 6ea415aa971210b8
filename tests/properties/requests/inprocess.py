"""Requests put to the application itself, without a server between."""

from __future__ import annotations

import io
import logging
import sys
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

from tests.properties.requests.grammar import Sent
from tests.properties.requests.verdict import Got

Application = Callable[..., Any]


def environ(sent: Sent) -> dict[str, Any]:
    """A request as a server tells it (PEP 3333)."""
    environment: dict[str, Any] = {
        "REQUEST_METHOD": sent.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(sent.path).decode("latin-1"),
        "QUERY_STRING": sent.query.encode("utf-8", "surrogateescape").decode("latin-1"),
        "RAW_URI": sent.target,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(sent.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if sent.body:
        environment["CONTENT_LENGTH"] = str(len(sent.body))
    for name, value in sent.headers:
        key = name.upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        environment[key] = value.encode("utf-8").decode("latin-1")
    return environment


def ask(app: Application, sent: Sent) -> Got:
    """The answer of an application and the processor time it took; what it raises is raised."""
    begun: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], error: Any = None) -> Callable[..., Any]:
        begun[:] = [int(status.split(" ", 1)[0]), headers]
        return lambda _: None

    clock = time.process_time()
    pieces = app(environ(sent), start)
    try:
        body = b"".join(pieces)
    finally:
        if hasattr(pieces, "close"):
            pieces.close()
    return Got(begun[0], begun[1], body, time.process_time() - clock)


class Traces(logging.Handler):
    """Where the last fault came from, which the service logs and tells nobody."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.last = ""

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1]:
            error, trace = record.exc_info[1], record.exc_info[2]
            while trace and trace.tb_next:
                trace = trace.tb_next
            code = trace.tb_frame.f_code if trace else None
            place = f"{code.co_filename.rpartition('/')[2]}:{code.co_name}" if code else ""
            self.last = f"{type(error).__name__} in {place}: {str(error)[:200]}"
