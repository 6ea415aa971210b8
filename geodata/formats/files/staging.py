"""Where files are made before they take their place: hidden directories that clear themselves up.

The process that made such a directory locks it for as long as it runs. An unlocked one was left by
a killed process: the next process that writes in the same directory undoes the half-done work and
removes it.
"""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from geodata.formats.files.exchange import Plan, has_name, is_hidden, lock, take_back

_TRIES = 50
_PAUSE_SECONDS = 0.02


@contextmanager
def staged(home: Path) -> Iterator[Path]:
    """Make a hidden directory that is removed, with its content, when the block ends.

    If the old content cannot be restored now because a disk fails, the directory stays with its
    plan, and the next writer tries again.
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
    """Make and lock the directory; the descriptor keeps the lock."""
    while True:
        aside = home / f".vereda-{secrets.token_hex(8)}"
        aside.mkdir(mode=0o700)
        # Until it is locked, another process may take it for an abandoned one and remove it.
        with suppress(FileNotFoundError, BlockingIOError):
            descriptor = lock(aside)
            if has_name(aside, descriptor):
                return aside, descriptor
            os.close(descriptor)


def sweep(home: Path) -> None:
    """Clear up after dead processes of this user in a directory."""
    with suppress(OSError):
        for entry in list(os.scandir(home)):
            if is_hidden(entry.name) and entry.is_dir(follow_symlinks=False):
                with suppress(OSError):
                    if entry.stat(follow_symlinks=False).st_uid == os.geteuid():
                        _clear(Path(entry.path))


def recover(place: Path, mark: str) -> None:
    """Restore the old content of a directory, when the process that filled it was killed.

    Parameters
    ----------
    place
        The directory, which the caller has locked: no other process is filling it.
    mark
        File without which it is incomplete.
    """
    for _ in range(_TRIES):
        if (place / mark).exists() or not _half_filled(place):
            return
        for home in (place, place.parent):
            sweep(home)
        # Another process may be filling it; it writes the mark last.
        if not (place / mark).exists():
            time.sleep(_PAUSE_SECONDS)


def _half_filled(place: Path) -> bool:
    """Whether a process that was killed has left a plan for a directory."""
    for home, name in ((place, "."), (place.parent, place.name)):
        for entry in _hidden_in(home):
            # Other directories may belong to another user, or have been removed.
            with suppress(OSError):
                plan = Plan.read(entry)
                if plan and plan.place == name:
                    return True
    return False


def _hidden_in(home: Path) -> list[Path]:
    try:
        return [Path(entry.path) for entry in os.scandir(home) if is_hidden(entry.name)]
    except OSError:
        return []


def _clear(aside: Path) -> None:
    # Without locks a running process cannot be distinguished from a killed one.
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
