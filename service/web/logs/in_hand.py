"""Current request of each thread of each process, in memory that outlives the process.

When a process dies, the process that started it reads its current requests here and logs them.
"""

from __future__ import annotations

import itertools
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from mmap import mmap

_SLOT_BYTES = 12 * 1024
"""More than the longest line that is answered; pages of memory that are not used cost nothing."""
# Moments are of the monotonic clock, which all processes share and which is never set.
# In the order and alignment of the machine, in which a number is written in one step: a process
# that looks at another never sees half of one, and takes no request for one that hangs.
_HEAD = struct.Struct("@dHHH")
_IDENTITY_BYTES = 64
_LONGEST = _SLOT_BYTES - _HEAD.size - _IDENTITY_BYTES
_own = threading.local()


@dataclass(frozen=True)
class InHand:
    """A request that a thread is answering.

    Parameters
    ----------
    identity
        Its id, as in the log; empty before it has one.
    request
        Method, path and parameters, as they were sent.
    seconds
        Seconds since the request began.
    answered
        Whether the answer is computed and is being sent.
    """

    identity: str
    request: str
    seconds: float
    answered: bool = False


class RequestsInHand:
    """A slot for each thread of each process.

    Parameters
    ----------
    places
        Largest number of processes.
    threads
        Number of threads of each process.
    """

    def __init__(self, places: int, threads: int) -> None:
        self._threads = threads
        self._slots = mmap(-1, places * threads * _SLOT_BYTES)
        self._next = itertools.count()

    @contextmanager
    def holding(self, place: int | None, request: str) -> Iterator[None]:
        """Note what this thread has in hand while the block runs.

        Parameters
        ----------
        place
            Place of the process; nothing is noted without one.
        request
            Its first line.
        """
        if place is None:
            yield
            return
        if not hasattr(_own, "number"):
            _own.number = next(self._next) % self._threads
        at = (place * self._threads + _own.number) * _SLOT_BYTES
        text = request.encode("utf-8", "replace")[:_LONGEST]
        begin = at + _HEAD.size + _IDENTITY_BYTES
        self._slots[begin : begin + len(text)] = text
        _HEAD.pack_into(self._slots, at, time.monotonic(), 0, len(text), 0)
        _own.slots, _own.at = self._slots, at
        try:
            yield
        finally:
            _own.slots = None
            _HEAD.pack_into(self._slots, at, 0.0, 0, 0, 0)

    def of(self, place: int | None) -> list[InHand]:
        """Current requests of a process, the latest last."""
        if place is None:
            return []
        requests = []
        for number in range(self._threads):
            at = (place * self._threads + number) * _SLOT_BYTES
            begun, named, length, answered = _HEAD.unpack_from(self._slots, at)
            if begun:
                name, text = at + _HEAD.size, at + _HEAD.size + _IDENTITY_BYTES
                identity = self._slots[name : name + named].decode("ascii", "replace")
                request = self._slots[text : text + length].decode("utf-8", "replace")
                seconds = time.monotonic() - begun
                requests.append(InHand(identity, request, seconds, bool(answered)))
        return sorted(requests, key=lambda each: -each.seconds)

    def clear(self, place: int | None) -> None:
        """Clear the slots of a process."""
        if place is not None:
            for number in range(self._threads):
                at = (place * self._threads + number) * _SLOT_BYTES
                _HEAD.pack_into(self._slots, at, 0.0, 0, 0, 0)


def name_request(identity: str) -> None:
    """Note the id of the request that this thread has in hand, if any."""
    slots = getattr(_own, "slots", None)
    if slots is not None:
        letters = identity.encode("ascii", "replace")[:_IDENTITY_BYTES]
        begun, _, length, answered = _HEAD.unpack_from(slots, _own.at)
        name = _own.at + _HEAD.size
        slots[name : name + len(letters)] = letters
        _HEAD.pack_into(slots, _own.at, begun, len(letters), length, answered)


def note_answer() -> None:
    """Note that the request that this thread has in hand, if any, has its answer."""
    slots = getattr(_own, "slots", None)
    if slots is not None:
        begun, named, length, _ = _HEAD.unpack_from(slots, _own.at)
        _HEAD.pack_into(slots, _own.at, begun, named, length, 1)
