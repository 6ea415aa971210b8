"""Where files are made before they take their place: hidden directories that clear themselves up.

Each is locked by the process that made it, for as long as that runs. One that is not locked was
left by a process that was killed: the next process that writes in the same directory undoes what
was half done, and removes it.
"""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from geodata.formats.files.exchange import Plan, hidden, lock, same, take_back

_TRIES = 50
_PAUSE_SECONDS = 0.02


@contextmanager
def staged(home: Path) -> Iterator[Path]:
    """Make a hidden directory that goes, with all in it, when the block ends.

    Where a disk fails so that what was there cannot be put back now, it stays with its plan, and
    the next to write there tries again.
    """
    aside, descriptor = _made(home)
    try:
        try:
            yield aside
        finally:
            with suppress(OSError):
                _take_back(aside)
                Plan.forget(aside)
                shutil.rmtree(aside, ignore_errors=True)
    finally:
        os.close(descriptor)


def _made(home: Path) -> tuple[Path, int]:
    """Make and hold it; the descriptor holds it."""
    while True:
        aside = home / f".vereda-{secrets.token_hex(8)}"
        aside.mkdir(mode=0o700)
        # Before it is locked, another process may take it for one that was left, and remove it.
        with suppress(FileNotFoundError, BlockingIOError):
            descriptor = lock(aside)
            if same(aside, descriptor):
                return aside, descriptor
            os.close(descriptor)


def sweep(home: Path) -> None:
    """Clear up after dead processes of this user in a directory."""
    with suppress(OSError):
        for entry in list(os.scandir(home)):
            if hidden(entry.name) and entry.is_dir(follow_symlinks=False):
                with suppress(OSError):
                    if entry.stat(follow_symlinks=False).st_uid == os.geteuid():
                        _clear(Path(entry.path))


def recover(place: Path, mark: str) -> None:
    """Put back what was in a directory, when the one that filled it was killed a moment ago.

    Parameters
    ----------
    place
        The directory, which the caller has locked: no other process is filling it.
    mark
        File without which it is not whole.
    """
    for _ in range(_TRIES):
        if (place / mark).exists() or not _half_filled(place):
            return
        for home in (place, place.parent):
            sweep(home)
        # Somebody else may be at it; they end with the mark.
        if not (place / mark).exists():
            time.sleep(_PAUSE_SECONDS)


def _half_filled(place: Path) -> bool:
    """Whether a process that was killed has left a plan for a directory."""
    for home, name in ((place, "."), (place.parent, place.name)):
        for entry in _hidden_in(home):
            # Others may be those of another user, or gone by now.
            with suppress(OSError):
                plan = Plan.read(entry)
                if plan and plan.place == name:
                    return True
    return False


def _hidden_in(home: Path) -> list[Path]:
    try:
        return [Path(entry.path) for entry in os.scandir(home) if hidden(entry.name)]
    except OSError:
        return []


def _clear(aside: Path) -> None:
    # Without locks a process that runs cannot be distinguished from one that was killed.
    descriptor = lock(aside, required=True)
    try:
        _take_back(aside)
        Plan.forget(aside)
        shutil.rmtree(aside)
    finally:
        os.close(descriptor)


def _take_back(aside: Path) -> None:
    plan = Plan.read(aside)
    if plan:
        take_back(aside, plan)
