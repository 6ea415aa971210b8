"""Temporary directories of processes, which go when these end, however they do.

Each is held by the process that made it. One that nobody holds was left by a process that was
killed, and is for the next to remove.
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
    """Name temporary files as the cause of an error of the system.

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
    """A directory that is held, until this process and all that it forks have let it go.

    In a ``with`` block it is held until the end of the block.

    Parameters
    ----------
    begins
        How its name begins.
    """

    def __init__(self, begins: str) -> None:
        sweep_temporary(begins)
        # It is locked before it gets its name, so that no process takes it for an abandoned one.
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
        """Let it go, with all in it; a forked process leaves it to the one that made it."""
        if os.getpid() == self._owner:
            shutil.rmtree(self.path, ignore_errors=True)
            os.close(self._descriptor)


def sweep_temporary(begins: str) -> None:
    """Remove directories of this user that were left by processes that have ended."""
    for left in _candidates(Path(tempfile.gettempdir()), begins):
        with suppress(OSError):
            # Without locks, a running process cannot be told from one that was killed.
            descriptor = lock(left, required=True)
            try:
                if os.fstat(descriptor).st_uid == os.geteuid():
                    shutil.rmtree(left)
            finally:
                os.close(descriptor)


def _candidates(home: Path, begins: str) -> Iterator[Path]:
    """Directories of a kind, held or not."""
    yield from home.glob(f"{begins}*")
    for fresh in home.glob(f".{begins}*"):
        with suppress(FileNotFoundError):
            if time.time() - fresh.lstat().st_mtime > _MAKING_SECONDS:
                yield fresh
