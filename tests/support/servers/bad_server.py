"""A host on this machine that serves files well, or as badly as it is told to."""

from __future__ import annotations

import gzip
import hashlib
import socket
import struct
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from random import Random
from typing import Any

CHUNK = 1 << 14
WEEK_SECONDS = 7 * 86400


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What goes wrong with one answer; several may be named at once.

    Parameters
    ----------
    cut
        Bytes of the content after which the connection is broken off, `rudely` or not.
    status, headers, body
        An answer of its own in place of the file.
    announced
        Bytes that are announced more than there are; fewer when below zero.
    unranged
        No parts are served, as if nobody had asked for one.
    encoded
        Content is sent as gzip although nobody asked.
    silent
        No length is announced, and the connection closed at the end.
    changed
        A new file takes the place of the old, before the answer.
    shifted
        A part that begins so much later than was asked.
    pause
        Seconds after each chunk.
    """

    cut: int | None = None
    rudely: bool = False
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    announced: int = 0
    unranged: bool = False
    encoded: bool = False
    silent: bool = False
    changed: bytes | None = None
    shifted: int = 0
    pause: float = 0.0


@dataclass
class Served:
    """A file: its content, what tells versions apart, and the faults of its next answers."""

    content: bytes
    etag: str | None = "auto"
    modified: float | None = field(default_factory=lambda: time.time() - WEEK_SECONDS)
    faults: list[Fault] = field(default_factory=list)
    always: Fault = field(default_factory=Fault)

    @property
    def tag(self) -> str | None:
        """What tells this version from others."""
        digest = hashlib.sha256(self.content).hexdigest()[:16]
        return f'"{digest}"' if self.etag == "auto" else self.etag


@dataclass(frozen=True)
class Request:
    """One request, and how many bytes of content went out for it."""

    method: str
    path: str
    headers: dict[str, str]
    status: int
    sent: int


class BadServer:
    """Files by path, and a log of all that was asked."""

    def __init__(self) -> None:
        self.files: dict[str, Served] = {}
        self.address = ""
        self._log: list[Request] = []
        self._busy = 0
        self._turn = threading.Condition()

    @contextmanager
    def answering(self) -> Iterator[None]:
        """While a request is answered."""
        with self._turn:
            self._busy += 1
        try:
            yield
        finally:
            with self._turn:
                self._busy -= 1
                self._turn.notify_all()

    @property
    def log(self) -> list[Request]:
        """All requests, once none is being answered any more."""
        with self._turn:
            assert self._turn.wait_for(lambda: not self._busy, timeout=30)
            return list(self._log)

    def note(self, request: Request) -> None:
        """Take note of a request."""
        with self._turn:
            self._log.append(request)

    def put(self, path: str, content: bytes, **more: Any) -> Served:
        """Serve a file."""
        self.files[path] = Served(content, **more)
        return self.files[path]

    def url(self, path: str) -> str:
        """Address of a file."""
        return f"{self.address}{path}"

    def sent(self, path: str) -> int:
        """Bytes of content that went out for a file."""
        content = (200, 206)
        return sum(each.sent for each in self.log if each.path == path and each.status in content)

    def requests(self, path: str, method: str = "GET") -> list[Request]:
        """Requests for a file."""
        return [each for each in self.log if (each.path, each.method) == (path, method)]


@contextmanager
def bad_server() -> Iterator[BadServer]:
    """A host on a free port of this machine."""
    host = BadServer()

    class Handler(_Handler):
        state = host

    server = _Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    host.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that leave."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: BadServer

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        with self.state.answering():
            self._head_only()

    def do_GET(self) -> None:
        with self.state.answering():
            self._answer()

    def _head_only(self) -> None:
        served = self.state.files.get(self.path)
        if served is None or served.always.status:
            self._plain(served.always.status if served else 404, b"", ())
            return
        self._head(200, {"Content-Length": str(len(served.content))})
        self._logged(200, 0)

    def _answer(self) -> None:
        served = self.state.files.get(self.path)
        if served is None:
            self._plain(404, b"<html><body>not here</body></html>", ())
            return
        fault = served.faults.pop(0) if served.faults else served.always
        if fault.changed is not None:
            served.content, served.modified = fault.changed, time.time() - 3600
        if fault.status:
            self._plain(fault.status, fault.body, fault.headers)
            return
        if self._unchanged(served):
            self._plain(304, b"", ())
            return
        self._file(served, fault)

    def _unchanged(self, served: Served) -> bool:
        tag, moment = self.headers["If-None-Match"], self.headers["If-Modified-Since"]
        if tag:
            return tag == served.tag
        return bool(moment) and moment == _date(served.modified)

    def _file(self, served: Served, fault: Fault) -> None:
        start = self._start(served, fault)
        size = len(served.content)
        if start is not None and start >= size:
            self._plain(416, b"", (("Content-Range", f"bytes */{size}"),))
            return
        first = (start or 0) + (fault.shifted if start is not None else 0)
        body = served.content[first:]
        headers = {"ETag": served.tag, "Last-Modified": _date(served.modified)}
        if start is not None:
            headers["Content-Range"] = f"bytes {first}-{size - 1}/{size}"
        if fault.encoded:
            body = gzip.compress(body, 1)
            headers["Content-Encoding"] = "gzip"
        if fault.silent:
            headers["Connection"] = "close"
        else:
            headers["Content-Length"] = str(len(body) + fault.announced)
        self._head(200 if start is None else 206, headers)
        if fault.announced < 0:
            body = body[: len(body) + fault.announced]
        self._body(200 if start is None else 206, body, fault)

    def _start(self, served: Served, fault: Fault) -> int | None:
        range_header = self.headers["Range"]
        condition = self.headers["If-Range"]
        current = (served.tag if served.tag and served.tag.startswith('"') else None,
                   _date(served.modified))  # fmt: skip
        if not range_header or fault.unranged or (condition and condition not in current):
            return None
        return int(range_header.removeprefix("bytes=").partition("-")[0])

    def _body(self, status: int, body: bytes, fault: Fault) -> None:
        end = len(body) if fault.cut is None else fault.cut
        sent = 0
        with suppress(OSError):
            for at in range(0, min(end, len(body)), CHUNK):
                part = body[at : min(at + CHUNK, end)]
                self.wfile.write(part)
                sent += len(part)
                if fault.pause:
                    time.sleep(fault.pause)
        self._logged(status, sent)
        if fault.cut is not None or fault.announced > 0 or fault.silent:
            self._break_off(rudely=fault.rudely)

    def _break_off(self, *, rudely: bool) -> None:
        self.close_connection = True
        with suppress(OSError):
            if rudely:
                # What lies in buffers is thrown away with the connection, and was not sent.
                time.sleep(0.2)
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.connection.close()
            else:
                self.connection.shutdown(socket.SHUT_RDWR)

    def _plain(self, status: int, body: bytes, headers: tuple[tuple[str, str], ...]) -> None:
        length = {} if status == 304 else {"Content-Length": str(len(body))}
        self._head(status, {**length, **dict(headers)})
        if self.command == "GET":
            self.wfile.write(body)
        self._logged(status, len(body))

    def _head(self, status: int, headers: dict[str, str | None]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()

    def _logged(self, status: int, sent: int) -> None:
        own = {name.lower(): value for name, value in self.headers.items()}
        self.state.note(Request(self.command, self.path, own, status, sent))


def _date(moment: float | None) -> str | None:
    return None if moment is None else formatdate(moment, usegmt=True)


def made_pbf(size: int, *, seed: int = 0) -> bytes:
    """Bytes that are framed as an OpenStreetMap PBF, of about this size."""
    random = Random(seed)
    blocks = [_block(b"OSMHeader", random.randbytes(60))]
    total = len(blocks[0])
    while total < size:
        blocks.append(_block(b"OSMData", random.randbytes(min(size - total, 1 << 16) + 1)))
        total += len(blocks[-1])
    return b"".join(blocks)


def _block(kind: bytes, blob: bytes) -> bytes:
    header = b"\x0a" + bytes([len(kind)]) + kind + b"\x18" + _varint(len(blob))
    return struct.pack(">I", len(header)) + header + blob


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def made_zip(members: dict[str, bytes], **attributes: int) -> bytes:
    """A ZIP archive of some members, each with the mode that is given for it."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            about = zipfile.ZipInfo(name)
            about.compress_type = zipfile.ZIP_DEFLATED
            about.external_attr = attributes.get(name, 0o644) << 16
            archive.writestr(about, content)
    return packed.getvalue()
