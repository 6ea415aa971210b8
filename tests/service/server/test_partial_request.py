"""Requests that come in pieces: when they are there, when they are refused, and at what cost."""

from __future__ import annotations

from typing import Any

import pytest

from service.server.partial_request import Gathered, PartialRequest

HEAD = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("sent", "ends", "status"),
    [
        (b"GET / HTTP/1.1\r\n", False, 0),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", True, 0),
        (b"POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\nab", False, 0),
        (b"POST / HTTP/1.1\r\nContent-Length:3\r\n\r\nabc", True, 0),
        (b"POST / HTTP/1.1\r\nContent-Length:" + b"0" * 30 + b"3\r\n\r\nab", False, 0),
        (b"POST / HTTP/1.1\r\nX: \r\n\r\ncontent-length: 9\r\n\r\n", True, 0),
        (b"POST / HTTP/1.1\r\nContent-Length: 2000000\r\n\r\n", True, 413),
        (b"POST / HTTP/1.1\r\nContent-Length: 1" + b"0" * 5000 + b"\r\n\r\n", True, 413),
        (HEAD + b"3\r\nabc\r\n", False, 0),
        (HEAD + b"3\r\nabc\r\n0\r\n", False, 0),
        (HEAD + b"3\r\nabc\r\n0\r\n\r\n", True, 0),
        (HEAD + b"3\r\nabc\r\n0\r\nA: b\r\n", False, 0),
        (HEAD + b"3\r\nabc\r\n0\r\nA: b\r\n\r\n", True, 0),
        (HEAD + b"5;a=b\r\n0\r\n\r\n", False, 0),
        (HEAD + b"200000\r\n", True, 413),
        (HEAD + b"ffffffffffffffffff\r\n", True, 400),
        (HEAD + b"xyz\r\n", True, 400),
        (HEAD + b"3;a=" + b"b" * 9000, True, 400),
        (HEAD + b"0\r\n" + b"A: b\r\n" * 2000, True, 431),
        (b"x" * 70_000, True, 414),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000, True, 431),
    ],
)
def test_when_a_request_is_there_or_refused(sent: bytes, ends: bool, status: int) -> None:
    gathered = PartialRequest(sent)
    assert (gathered.complete(most=1 << 20), gathered.refusal) == (ends, status)
    gathered = PartialRequest()
    for byte in sent:
        gathered.append(byte)
        early = gathered.complete(most=1 << 20)
        if early:
            break
    assert (early, gathered.refusal) == (ends, status)


def test_a_body_in_little_chunks_is_refused_for_all_of_its_bytes() -> None:
    """Six bytes are sent for each byte of such a body."""
    gathered = PartialRequest(HEAD + b"1\r\na\r\n" * 200)
    assert not gathered.complete(most=1200)
    gathered += b"1\r\na\r\n"
    assert gathered.complete(most=1200) and gathered.refusal == 413


class Counted(PartialRequest):
    """Counts how many bytes are looked at for an end."""

    seen = 0

    def find(self, mark: Any, begin: Any = 0) -> int:
        end = super().find(mark, begin)
        self.seen += max((len(self) if end < 0 else end + len(mark)) - begin, 0)
        return end


@pytest.mark.parametrize(
    ("pieces", "end"),
    [
        (b"1\r\na\r\n" * 2000, b"0\r\n\r\n"),
        (b"3;a=" + b"b" * 8000, b"\r\nabc\r\n0\r\n\r\n"),
        (b"0\r\nA: " + b"b" * 8000, b"\r\n\r\n"),
    ],
)
def test_a_body_that_comes_byte_by_byte_is_looked_at_once(pieces: bytes, end: bytes) -> None:
    gathered = Counted(HEAD)
    for byte in pieces:
        gathered.append(byte)
        assert not gathered.complete(most=1 << 20)
    gathered += end
    assert gathered.complete(most=1 << 20) and not gathered.refusal
    assert gathered.seen < 5 * len(gathered)


def test_what_is_gathered_is_read_in_pieces_and_never_waited_for() -> None:
    gathered = Gathered(b"a" * 10_000 + b"b" * 70_000)
    assert gathered.read(10_000) == b"a" * 10_000
    assert 0 < len(gathered.read()) < 10_000
    gathered.unread(b"c")
    assert gathered.read(None, read_ahead=50_000) == b"c" + b"b" * 49_999
    assert set(gathered.take_buffered()) == set(b"b")
    assert gathered.read() == gathered.read(5) == b""
