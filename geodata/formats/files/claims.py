"""Claims: a process marks the thing that it works on, so that other processes leave it alone."""

from __future__ import annotations

import errno
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from fcntl import LOCK_EX, LOCK_NB, LOCK_UN, lockf
from pathlib import Path
from threading import Lock

_TAKEN = (errno.EACCES, errno.EAGAIN)
_LARGEST = 1 << 62


@dataclass
class _ClaimFile:
    """A file of claims that this process has open.

    Parameters
    ----------
    descriptor
        Its descriptor: the only one, because closing a second one would release all claims.
    users
        Blocks that are in it.
    places
        How many blocks have claimed each place.
    """

    descriptor: int
    users: int = 0
    places: Counter[int] = field(default_factory=Counter)


_OPEN: dict[tuple[int, int], _ClaimFile] = {}
"""Files of claims by device and inode."""
_GUARD = Lock()


@contextmanager
def claim(file: Path, number: int, *, wait: bool = False) -> Iterator[bool]:
    """Claim a thing by its number until the block ends; yields whether it was free.

    A claim is a lock on one byte of a file, which the system releases however the process ends. It
    excludes other processes, not blocks and threads of the same one, of which each may have several
    claims. On a file system without locks everything is free.

    Parameters
    ----------
    file
        File for the locks, created if missing; nothing is written to it.
    wait
        Whether to wait until another process ends its claim.
    """
    place = number % _LARGEST
    with _opened(file) as claims:
        free = _take(claims, place, wait=wait)
        try:
            yield free
        finally:
            if free:
                _release(claims, place)


@contextmanager
def _opened(file: Path) -> Iterator[_ClaimFile]:
    with _GUARD:
        claims = _known(file) or _open(file)
        claims.users += 1
    try:
        yield claims
    finally:
        with _GUARD:
            claims.users -= 1
            if not claims.users:
                del _OPEN[_identity(os.fstat(claims.descriptor))]
                os.close(claims.descriptor)


def _known(file: Path) -> _ClaimFile | None:
    with suppress(FileNotFoundError):
        return _OPEN.get(_identity(file.stat()))
    return None


def _open(file: Path) -> _ClaimFile:
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    return _OPEN.setdefault(_identity(os.fstat(descriptor)), _ClaimFile(descriptor))


def _identity(stat: os.stat_result) -> tuple[int, int]:
    return stat.st_dev, stat.st_ino


def _take(claims: _ClaimFile, place: int, *, wait: bool) -> bool:
    # Counted beforehand, so that a block that ends in this moment leaves the lock where it is.
    with _GUARD:
        claims.places[place] += 1
    try:
        lockf(claims.descriptor, LOCK_EX if wait else LOCK_EX | LOCK_NB, 1, place)
    except OSError as error:
        if error.errno not in _TAKEN:
            return True
        with _GUARD:
            claims.places[place] -= 1
        return False
    except BaseException:
        _release(claims, place)
        raise
    return True


def _release(claims: _ClaimFile, place: int) -> None:
    with _GUARD:
        claims.places[place] -= 1
        if claims.places[place] <= 0:
            del claims.places[place]
            # A file system without locks has none to release.
            with suppress(OSError):
                lockf(claims.descriptor, LOCK_UN, 1, place)
