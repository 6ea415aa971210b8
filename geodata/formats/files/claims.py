"""Claims: which of many things a process works on, for others to leave alone meanwhile."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, lockf
from pathlib import Path

_TAKEN = (errno.EACCES, errno.EAGAIN)
_LARGEST = 1 << 62


@contextmanager
def claim(file: Path, number: int, *, wait: bool = False) -> Iterator[bool]:
    """Claim a thing by its number until the block ends; whether it was free.

    A claim is a lock on one byte of a file, which the system lets go when the process ends, however
    it does. It holds against other processes, not against threads of the same one, and a process
    has one file open for claims at a time: to close another would let all of its claims go. Where
    the file system has no locks everything is free.

    Parameters
    ----------
    file
        Made where it is missing; nothing is written to it.
    wait
        Whether to wait until another process lets it go.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        yield _locked(descriptor, number % _LARGEST, wait=wait)
    finally:
        os.close(descriptor)


def _locked(descriptor: int, place: int, *, wait: bool) -> bool:
    try:
        lockf(descriptor, LOCK_EX if wait else LOCK_EX | LOCK_NB, 1, place)
    except OSError as error:
        return error.errno not in _TAKEN
    return True
