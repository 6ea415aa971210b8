"""Temporary files of a run of the service: all in one directory, which goes when the run ends.

Processes that answer end at once, and some are killed, so that none can clear up after itself;
the one that started them does. After one that was killed, the next one to start does.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

_BEGINS = "vereda-serve-"


@contextmanager
def scratch() -> Iterator[Path]:
    """Make the directory in which this process and those that it forks put temporary files."""
    usual = tempfile.tempdir
    _clear_up()
    # It takes its name once it is held, so that nobody takes it for one that was left.
    fresh = Path(tempfile.mkdtemp(prefix=f".{_BEGINS}"))
    with _held(fresh):
        home = fresh.rename(fresh.with_name(fresh.name.removeprefix(".")))
        tempfile.tempdir = str(home)
        try:
            yield home
        finally:
            tempfile.tempdir = usual
            shutil.rmtree(home, ignore_errors=True)


def _clear_up() -> None:
    """Remove directories of runs of which no process is left."""
    for left in Path(tempfile.gettempdir()).glob(f"{_BEGINS}*"):
        with suppress(OSError), _held(left):
            shutil.rmtree(left)


@contextmanager
def _held(directory: Path) -> Iterator[None]:
    """Hold a directory, until this process and all that it forks have ended or let it go.

    Raises
    ------
    OSError
        When others hold it, or it is no directory of ours.
    """
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        flock(descriptor, LOCK_EX | LOCK_NB)
        yield
    finally:
        os.close(descriptor)
