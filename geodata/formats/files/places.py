"""Places to write to: links followed, and checks of what is in the way."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from geodata.errors import InputError
from geodata.formats.files.disks import FAILING
from geodata.formats.files.staging import staged, sweep

_BLOCK = 4096
_NOT_FILES = {
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
}


def real_place(target: Path, *, field: str = "output") -> Path:
    """The place to write for a name: links stay, and their target is replaced, or made.

    Raises
    ------
    InputError
        When a link leads into no directory or in a circle, or the name is that of a device, pipe or
        socket.
    """
    try:
        for part in (target.absolute(), *target.absolute().parents):
            wrong = _wrong_link(part) if part.is_symlink() and not part.exists() else ""
            if wrong:
                remedy = f"{wrong} Name the place itself, or remove the link."
                raise InputError(field, str(target), remedy)
        _refuse_device(target.absolute(), field)
        return Path(os.path.realpath(target))
    except OSError as error:
        raise unwritable_error(error, target, field) from error


def _wrong_link(link: Path) -> str:
    """Why nothing can be written where a link leads that leads to nothing yet; empty if it can."""
    try:
        link.stat()
    except FileNotFoundError:
        if Path(os.path.realpath(link)).parent.is_dir():
            return ""
        return f"It is a link to {link.readlink()}, whose directory is not there."
    except OSError:
        pass
    return "It is a link that leads in a circle."


def _refuse_device(target: Path, field: str) -> None:
    """Refuse devices, pipes and sockets, and open files of a process, such as /dev/stdout."""
    step = target
    opened = False
    while not opened:
        opened = os.path.realpath(step.parent).startswith("/proc/")
        if not step.is_symlink():
            break
        step = step.parent / step.readlink()
    kind = stat.S_IFMT(target.stat().st_mode) if target.exists() else 0
    if opened or kind in _NOT_FILES:
        what = _NOT_FILES.get(kind, "open in a process")
        raise InputError(field, str(target), f"It is {what}; name a file.")


def check_place(place: Path, target: Path, *, directory: bool, field: str = "output") -> None:
    """Refuse a place that cannot be written, by trying to write there.

    Parameters
    ----------
    place
        Result of `real_place`.
    target
        The place as the user wrote it.
    directory
        Whether a directory is to be written; for a file, the directory around it must exist.

    Raises
    ------
    InputError
        When the place cannot be written, for another reason than a full or failing disk.
    OSError
        When the disk is full or fails.
    """
    try:
        if directory and place.is_dir() and not os.access(place, os.R_OK | os.W_OK | os.X_OK):
            raise InputError(
                field,
                str(target),
                "You may not write in it; name another.",
            )
        if not directory and place.exists() and is_mounted(place):
            raise InputError(field, str(target), "It is mounted; mount the directory around it.")
        home = place if directory and must_fill(place) else nearest_directory(place)
        for each in {home, place, place.parent}:
            sweep(each)
        with staged(home) as aside:
            fresh = aside / place.relative_to(home)
            if directory:
                fresh.mkdir(parents=True, exist_ok=True)
                fresh = fresh / "block"
            with fresh.open("wb") as file:
                file.write(bytes(_BLOCK))
                file.flush()
                os.fsync(file.fileno())
    except OSError as error:
        raise unwritable_error(error, target, field) from error


def unwritable_error(error: OSError, target: Path, field: str) -> InputError | OSError:
    """The error for a place that takes no file: wrong use, or a failing disk."""
    if error.errno in FAILING:
        return OSError(error.errno, error.strerror, str(target))
    remedy = f"It cannot be written there ({error.strerror}); name another place."
    return InputError(field, str(target), remedy)


def nearest_directory(place: Path) -> Path:
    """The directory around a place, or the nearest one above that exists."""
    return next(above for above in place.parents if above.exists())


def must_fill(place: Path) -> bool:
    """Whether a directory has to be filled, because it cannot be renamed or a process works in it.

    This holds for a place where a file system is mounted, a place under a directory that takes no
    files, and the current directory of the shell or one above it.
    """
    if not place.is_dir():
        return False
    return (
        is_mounted(place)
        or _current().is_relative_to(place)
        or not os.access(place.parent, os.W_OK | os.X_OK)
    )


def _current() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError:
        # The current directory has been removed.
        return Path("/")


def is_mounted(place: Path) -> bool:
    """Whether a file system is mounted at a place, even a part of the one around it."""
    try:
        table = Path("/proc/self/mountinfo").read_bytes()
    except OSError:
        return os.path.ismount(place)
    points = {line.split()[4] for line in table.splitlines()}
    return os.fsencode(place) in {
        re.sub(rb"\\([0-7]{3})", lambda code: bytes([int(code[1], 8)]), point) for point in points
    }
