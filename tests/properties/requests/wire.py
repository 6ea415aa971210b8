"""Requests as bytes on a socket: sound ones, and what no client should send."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Sequence
from random import Random

from tests.properties.requests.grammar import Sent
from tests.properties.requests.verdict import Got

PATIENCE = 100.0
"""Seconds after which an answer is taken for one that does not come."""

Pieces = Sequence[bytes]
"""What is sent, each piece in a packet of its own."""


CHUNKED = (
    b"POST /corridors HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
)
SIZES = (
    b"-1",
    b"+5",
    b"0x5",
    b"5 ",
    b"",
    b"g",
    b"fffffffffffffffff",
    b'5;a="' + b"x" * 99,
    b"05",
)
LINES = (
    b"GET",
    b"GET /",
    b"GET  /  HTTP/1.1",
    b"GET / HTTP/9.9",
    b"GET / HTTP/1.1 x",
    b"/ GET",
    b"GET / http/1.1",
    b"G\x00T / HTTP/1.1",
    b"GET /\x00 HTTP/1.1",
    b"GET \xff\xfe HTTP/1.1",
    b"GET http://evil.example/ HTTP/1.1",
    b"GET * HTTP/1.1",
    b"OPTIONS * HTTP/1.1",
    b"\x16\x03\x01",
    b"CONNECT a:1 HTTP/1.1",
    b"GET " + b"/x" * 50_000 + b" HTTP/1.1",
    b"PRI * HTTP/2.0",
    b" GET / HTTP/1.1",
)
EXTRA = (
    b"X: " + b"y" * 70_000,
    b"\r\n".join(b"X%d: 1" % k for k in range(3000)),
    b"Content-Length: -1",
    b"Content-Length: 5\r\nContent-Length: 6",
    b"Content-Length: 99999999999999999999",
    b": x",
    b"Content-Length: 1\r\nTransfer-Encoding: chunked",
    b"Transfer-Encoding: xchunked",
    b"A B: c",
    b"X\x00: y",
    b"X: a\x00b",
    b"X: a\rb",
    b" folded: x",
    b"X",
    b"Host: a\r\nHost: b",
    b"X:\ty",
    b"Transfer-Encoding: gzip, chunked",
    b"Content-Length: 1_0",
    b"Content-Length: \xd9\xa1",
    b"Expect: 100-continue\r\nContent-Length: 9",
    b"Upgrade: h2c\r\nConnection: upgrade",
)


def plain(sent: Sent) -> bytes:
    """A request as a client would write it."""
    named = {name.lower() for name, _ in sent.headers}
    lines = [f"{sent.method} {sent.target} HTTP/1.1"]
    lines += [] if "host" in named else ["Host: localhost"]
    lines += [f"{name}: {value}" for name, value in sent.headers]
    lines += ["Connection: close"]
    lines += [f"Content-Length: {len(sent.body)}"] if sent.body else []
    return "\r\n".join(lines).encode("utf-8", "surrogatepass") + b"\r\n\r\n" + sent.body


def odd(chance: Random, sent: Sent) -> Pieces:
    """The same with something wrong in its form."""
    message = plain(sent)
    head, _, body = message.partition(b"\r\n\r\n")
    line, _, rest = head.partition(b"\r\n")
    cut = chance.randint(0, len(message))
    size, data = chance.choice(SIZES), b'{"slack": 0.1}'
    forms: list[Callable[[], Pieces]] = [
        lambda: [chance.choice(LINES) + b"\r\n" + rest + b"\r\n\r\n"],
        lambda: [line + b"\r\n" + chance.choice(EXTRA) + b"\r\n" + rest + b"\r\n\r\n" + body],
        lambda: [message[:cut]],
        lambda: [message[:cut], message[cut:]],
        lambda: [message.replace(b"\r\n", b"\n")],
        lambda: [message.replace(b"Connection: close", b"Connection: keep-alive"), message],
        lambda: [b"\r\n" * chance.choice((1, 5, 40_000)) + message],
        lambda: [chance.randbytes(chance.choice((1, 50, 5000))) + b"\r\n\r\n"],
        lambda: [CHUNKED + size + b"\r\n" + data[:5] + b"\r\n0\r\n\r\n"],
        lambda: [CHUNKED, *(b"1\r\n%c\r\n" % byte for byte in data), b"0\r\n\r\n"],
        lambda: [CHUNKED + b"e\r\n" + data + b"\r\n0\r\nX: y\r\nContent-Length: 3\r\n\r\n"],
        lambda: [CHUNKED + b"e\r\n" + data],
    ]  # fmt: skip
    return chance.choice(forms)()


def exchange(
    port: int, pieces: Pieces, *, leaving: bool = False, ending: bool = True
) -> bytes | None:
    """Send; what comes back until the other end closes, None when nothing ends it.

    Parameters
    ----------
    ending
        Say that nothing more is sent: such a client looks like one that has left, for whom no
        corridors are computed.
    leaving
        Close at once, as one who does not wait for the answer.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as sock:
        try:
            for piece in pieces:
                sock.sendall(piece)
            if leaving:
                return b""
            if ending:
                sock.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError, OSError):
            # It was refused before it was here as a whole: the answer may still be read.
            pass
        got = bytearray()
        try:
            while piece := sock.recv(1 << 16):
                got += piece
        except ConnectionResetError:
            return bytes(got)
        except TimeoutError:
            return None
        return bytes(got)


def answer(data: bytes) -> Got | None:
    """The first answer in what came back that ends a request; None when there is none.

    Raises
    ------
    ValueError
        When it is no HTTP.
    """
    while data:
        head, mark, data = data.partition(b"\r\n\r\n")
        version, _, status = head.decode("latin-1").partition(" ")
        if not mark or not version.startswith("HTTP/1.") or not status[:3].isdigit():
            raise ValueError(f"no HTTP: {head[:80]!r}")
        if int(status[:3]) >= 200:
            parts = [line.partition(":") for line in head.decode("latin-1").split("\r\n")[1:]]
            headers = [(name, value.strip()) for name, _, value in parts]
            length = Got(0, headers, b"").header("Content-Length")
            return Got(int(status[:3]), headers, data[: int(length)] if length else data)
    return None


def timed(port: int, pieces: Pieces, **how: bool) -> tuple[bytes | None, float]:
    """What came back, and how long it took; see `exchange`."""
    begun = time.perf_counter()
    return exchange(port, pieces, **how), time.perf_counter() - begun
