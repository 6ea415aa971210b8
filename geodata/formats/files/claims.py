"""Claims: a process marks the thing that it works on, so that other processes leave it alone."""

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
    """Claim a thing by its number until the block ends; yields whether it was free.

    A claim is a lock on one byte of a file, which the system releases however the process ends. It
    excludes other processes, not threads of the same one. A process has a file of claims open only
    once, because closing a second handle would release all of its claims. On a file system without
    locks everything is free.

    Parameters
    ----------
    file
        File for the locks, created if missing; nothing is written to it.
    wait
        Whether to wait until another process ends its claim.
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
