"""Turns: what several processes would make alike is made by one, while the others wait."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from fcntl import LOCK_EX, LOCK_NB, LOCK_UN, flock
from pathlib import Path
from typing import BinaryIO

_PATIENCE_SECONDS, _PAUSE_SECONDS = 120.0, 0.05


class Turn:
    """The turn to make one thing, which one process has at a time.

    The system ends the turn of a process that ends, with all that were forked from it meanwhile.
    Where no turn can be had, on a disk that takes no files, on one that keeps no locks, or from a
    process that has stalled, each makes the thing for itself, as it would without turns.

    Parameters
    ----------
    path
        A file that stays empty.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._owner = 0

    def take(self, *, patience: float = _PATIENCE_SECONDS) -> None:
        """Wait for the turn; one that is had already is kept.

        Parameters
        ----------
        patience
            Seconds after which it goes on without.
        """
        if self._file is not None and self._owner == os.getpid():
            return
        # What was had before a fork is not had after it.
        self.end()
        with suppress(OSError):
            self._file, self._owner = self._path.open("ab"), os.getpid()
            ends = time.monotonic() + patience
            while not _locks(self._file) and time.monotonic() < ends:
                time.sleep(_PAUSE_SECONDS)

    def end(self) -> None:
        """Leave the turn to others; nothing is done where there is none."""
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError), file:
                # One that was forked in between has the file open as well: it is no end of its own
                # to give up the turn of the process that it came from.
                if self._owner == os.getpid():
                    flock(file, LOCK_UN)


def _locks(file: BinaryIO) -> bool:
    """Whether a file is locked by now."""
    try:
        flock(file, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    return True
