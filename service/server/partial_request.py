"""What is here of a request while its client still sends it, and whether that is all of it."""

from __future__ import annotations

import re

HEAD_BYTES = 64 * 1024
"""The head of a request may be so long; gunicorn refuses longer ones."""
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r]*chunked[ \t]*\r\n", re.IGNORECASE)


class PartialRequest(bytearray):
    """What is here of a request; however slowly it comes, no byte of it is looked at again."""

    _looked = 0
    """Up to where the head has no end."""
    _body = 0
    """Where the body begins, once the head is here."""
    _chunk = 0
    """Where the first chunk begins that is not here as a whole."""
    _length: int | None = None
    """Bytes of the body; None when it comes in chunks."""

    def complete(self, *, most: int) -> bool:
        """Whether a request is here as a whole, or so much of it that it is refused anyway.

        Parameters
        ----------
        most
            Bytes of a body at most.
        """
        if not self._body and not self._read_head(most):
            return len(self) > HEAD_BYTES
        here = len(self) - self._body
        if self._length is None:
            return here > most or self._chunks_end()
        return self._length > most or here >= self._length

    def _read_head(self, most: int) -> bool:
        """Look for the end of the head, and in it for the length of the body."""
        end = self.find(b"\r\n\r\n", max(self._looked - 3, 0))
        self._looked = len(self)
        if end < 0:
            return False
        self._body = self._chunk = end + 4
        if not _CHUNKED.search(self, 0, end + 2):
            length = _LENGTH.search(self, 0, end + 2)
            self._length = (
                int(length[1]) if length and len(length[1]) < 20 else most + 1 if length else 0
            )
        return True

    def _chunks_end(self) -> bool:
        """Whether the last chunk of a body is here, or one that the parser refuses."""
        while (line := self.find(b"\r\n", self._chunk)) >= 0:
            try:
                size = int(self[self._chunk : line].partition(b";")[0], 16)
            except ValueError:
                return True
            if size <= 0:
                return self.find(b"\r\n\r\n", line) >= 0
            self._chunk = line + 2 + size + 2
        return False
