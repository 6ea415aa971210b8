"""Temporary directories of processes, which are removed however a process ends.

The process that made a directory locks it. An unlocked one was left by a killed process, and the
next process removes it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from geodata.formats.files.exchange import lock

_MAKING_SECONDS = 60.0
"""One that has no name yet after so long was left too: it takes its name in a moment."""


class NoRoomError(OSError):
    """Temporary files cannot be written."""


@contextmanager
def translate_temporary_errors() -> Iterator[None]:
    """Translate errors of the system to one that names temporary files as the cause.

    Raises
    ------
    NoRoomError
        In place of every other error of the system.
    """
    try:
        yield
    except OSError as error:
        raise NoRoomError(error.errno, error.strerror, error.filename) from error


class Temporary:
    """A directory that is locked until this process and all its forks have released it.

    In a ``with`` block it is locked until the end of the block.

    Parameters
    ----------
    begins
        Prefix of its name.
    """

    def __init__(self, begins: str) -> None:
        sweep_temporary(begins)
        # It is locked before it gets its name, so that other processes do not take it for an
        # abandoned one.
        fresh = Path(tempfile.mkdtemp(prefix=f".{begins}"))
        self._descriptor, self._owner = lock(fresh), os.getpid()
        self.path = fresh
        try:
            self.path = fresh.rename(fresh.with_name(fresh.name.removeprefix(".")))
        except OSError:
            self.remove()
            raise

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *_: object) -> None:
        self.remove()

    def remove(self) -> None:
        """Remove it with its content; a forked process leaves this to the process that made it."""
        if os.getpid() == self._owner:
            shutil.rmtree(self.path, ignore_errors=True)
            os.close(self._descriptor)


def sweep_temporary(begins: str) -> None:
    """Remove directories of this user that ended processes have left."""
    for left in _candidates(Path(tempfile.gettempdir()), begins):
        with suppress(OSError):
            # Without locks, a running process cannot be distinguished from a killed one.
            descriptor = lock(left, required=True)
            try:
                if os.fstat(descriptor).st_uid == os.geteuid():
                    shutil.rmtree(left)
            finally:
                os.close(descriptor)


def _candidates(home: Path, begins: str) -> Iterator[Path]:
    """Directories with a prefix, locked or not."""
    yield from home.glob(f"{begins}*")
    for fresh in home.glob(f".{begins}*"):
        with suppress(FileNotFoundError):
            if time.time() - fresh.lstat().st_mtime > _MAKING_SECONDS:
                yield fresh
