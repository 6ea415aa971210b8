"""The part of a request that has arrived, and whether it is complete."""

from __future__ import annotations

import re

from gunicorn.http.unreader import Unreader

HEAD_BYTES = 64 * 1024
"""Largest size of the head of a request in bytes; longer ones are refused."""
LINE_BYTES = 8 * 1024
"""Likewise for the line before a chunk, and for the fields after the last one."""
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r]*chunked[ \t]*\r\n", re.IGNORECASE)
_EXPECTING = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE)
_SIZE = re.compile(rb"[0-9a-f]{1,16}[ \t]*(;|$)", re.IGNORECASE)
_PIECE = 8 * 1024


class PartialRequest(bytearray):
    """The part of a request that has arrived; however slowly it comes, no byte is read twice."""

    refusal = 0
    """Status with which the request is refused, whatever follows; 0 otherwise."""
    _looked = 0
    """Position up to which everything was checked."""
    _body = 0
    """Start of the body, once the head has arrived."""
    _chunk = 0
    """Start of the first incomplete chunk."""
    _fields = 0
    """Start of the fields after the last chunk, once that has arrived."""
    _length: int | None = None
    """Bytes of the body; None when it comes in chunks."""

    def complete(self, *, most: int) -> bool:
        """Whether a request is here as a whole, or so much of it that it is refused.

        Parameters
        ----------
        most
            Largest size of a body in bytes, with the bytes between its chunks.
        """
        if not self._body and not self._read_head():
            return bool(self.refusal)
        here = len(self) - self._body
        if self._length is None:
            complete, needed = self._chunks_end(), max(here, self._chunk - self._body)
        else:
            complete, needed = here >= self._length, self._length
        if needed > most and not complete:
            self.refusal = 413
        return complete or bool(self.refusal)

    @property
    def head(self) -> bytes:
        """What is here of the first line and the header."""
        return bytes(self[: self._body or HEAD_BYTES])

    @property
    def expecting(self) -> bool:
        """Whether the client waits for ``100 Continue`` before it sends the body."""
        return len(self) == self._body > 0 and bool(_EXPECTING.search(self))

    def _read_head(self) -> bool:
        """Look for the end of the head, and in it for the length of the body."""
        end = self._end_of(b"\r\n\r\n", 0, most=HEAD_BYTES, status=431)
        if end < 0:
            if self.refusal and self.find(b"\r\n", 0, HEAD_BYTES) < 0:
                # The address fills it: the header has not even begun.
                self.refusal = 414
            return False
        self._body = self._chunk = end + 4
        if not _CHUNKED.search(self, 0, end + 2):
            length = _LENGTH.search(self, 0, end + 2)
            # The first digits of a long number are too large already.
            self._length = int(length[1].lstrip(b"0")[:20] or 0) if length else 0
        return True

    def _chunks_end(self) -> bool:
        """Whether the last chunk of a body is here, and what is behind it."""
        while not self._fields:
            line = self._end_of(b"\r\n", self._chunk, most=LINE_BYTES, status=400)
            if line < 0:
                return False
            size = _SIZE.match(self, self._chunk, line)
            if size is None:
                self.refusal = 400
                return False
            count = int(size[0].rstrip(b"; \t"), 16)
            if count == 0:
                self._fields = line
            self._chunk = line + 2 + count + 2
        return self._end_of(b"\r\n\r\n", self._fields, most=LINE_BYTES, status=431) >= 0

    def _end_of(self, mark: bytes, begin: int, *, most: int, status: int) -> int:
        """End of a part, -1 while it is incomplete; a part that is too long is refused."""
        end = self.find(mark, max(begin, self._looked - len(mark) + 1))
        self._looked = len(self) if end < 0 else end
        if (len(self) if end < 0 else end) - begin > most:
            self.refusal = status
            return -1
        return end


class Gathered(Unreader):
    """A complete request in the form that gunicorn reads; reading never waits.

    Parameters
    ----------
    request
        Bytes of the request, or of its part if the client left.
    """

    def __init__(self, request: bytes | bytearray) -> None:
        super().__init__()
        self.unread(request)

    def chunk(self, size_hint: int | None = None) -> bytes:
        """Data after the request: none."""
        return b""

    def read(self, size: int | None = None, read_ahead: int | None = None) -> bytes:
        """Some of it; without a size not all at once, which would be copied anew for each chunk."""
        if size is None:
            size = max(read_ahead or 0, _PIECE)
        data: bytes = super().read(size)
        return data
