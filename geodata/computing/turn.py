"""Turns: one process makes a thing that several processes need, while the others wait."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from fcntl import LOCK_EX, LOCK_NB, LOCK_UN, flock
from pathlib import Path
from typing import BinaryIO

_PATIENCE_SECONDS, _PAUSE_SECONDS = 120.0, 0.05


class Turn:
    """The turn to make one thing; only one process has it at a time.

    The system ends the turn when the process, and all processes forked from it meanwhile, have
    ended. If there is no turn, on a disk that takes no files or has no locks, or if its process has
    stalled, each process makes the thing for itself.

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
        """Wait for the turn; a turn that this process already has is kept.

        Parameters
        ----------
        patience
            Seconds after which the process goes on without a turn.
        """
        if self._file is not None and self._owner == os.getpid():
            return
        # A turn taken before a fork does not belong to the forked process.
        self.end()
        with suppress(OSError):
            self._file, self._owner = self._path.open("ab"), os.getpid()
            ends = time.monotonic() + patience
            while not _locks(self._file) and time.monotonic() < ends:
                time.sleep(_PAUSE_SECONDS)

    def end(self) -> None:
        """End the turn so that another process may take it; without a turn, do nothing."""
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError), file:
                # A process forked in between has the file open as well, but must not end the turn
                # of its parent.
                if self._owner == os.getpid():
                    flock(file, LOCK_UN)


def _locks(file: BinaryIO) -> bool:
    """Try to lock a file; returns whether it is locked now."""
    try:
        flock(file, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    return True
