"""Exchange of directories, in one step or in several steps that can be undone."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path, PurePath
from typing import Self

from geodata.formats.files.layouts import Layout

NEW, OLD = "new", "old"
"""Names in a hidden directory: the new content, the old content, and the plan."""

_HIDDEN = re.compile(r"\.vereda-[0-9a-f]{16}")
_PLAN = "plan.json"
_MOST_BYTES = 1 << 20
"""Largest size of a plan in bytes."""
_AT_CWD, _RENAME_EXCHANGE = -100, 2
_UNKNOWN = (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP)
"""Error numbers of a system or file system without exchange."""
_STUCK = (errno.EBUSY, errno.EXDEV, errno.EPERM, errno.EACCES, errno.EROFS)
"""Error numbers for a directory that cannot be renamed."""
_PATIENCE_SECONDS = 60.0
_PAUSE_SECONDS = 0.02


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Steps that a process is about to take.

    Parameters
    ----------
    place
        Name of the directory to write, beside the hidden one; ``.`` for the directory around it.
    mark
        File without which the directory is incomplete.
    files
        All files to put there, by path within it.
    """

    place: str
    mark: str
    files: tuple[str, ...]

    def note(self, aside: Path) -> None:
        """Put the plan on disk."""
        with (aside / _PLAN).open("w", encoding="utf-8") as file:
            json.dump(asdict(self), file)
            file.flush()
            os.fsync(file.fileno())
        sync_directory(aside)

    @staticmethod
    def forget(aside: Path) -> None:
        """Remove the plan once it is done."""
        (aside / _PLAN).unlink(missing_ok=True)

    @classmethod
    def read(cls, aside: Path) -> Self | None:
        """The plan of a hidden directory, if it has one.

        A plan may come with copied files, so that a plan which leads out of the place is ignored.
        """
        try:
            record = json.loads(_plain_text(aside / _PLAN))
            plan = cls(**{**record, "files": tuple(record["files"])})
        except (FileNotFoundError, ValueError, TypeError, KeyError, RecursionError):
            return None
        near = plan.place == "." or (_inside(plan.place) and "/" not in plan.place)
        links = [each for each in (OLD, NEW, f"../{plan.place}") if Path(aside, each).is_symlink()]
        return plan if near and not links and all(map(_inside, (plan.mark, *plan.files))) else None


def _plain_text(path: Path) -> str:
    """The text of a short regular file; reading a pipe would wait."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError(path)
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(_MOST_BYTES).decode()
    finally:
        os.close(descriptor)


def _inside(name: object) -> bool:
    """Whether a path is in normal form and leads to a file within its directory."""
    if not isinstance(name, str) or "\0" in name:
        return False
    path = PurePath(name)
    return (
        bool(path.parts) and not path.is_absolute() and ".." not in path.parts and str(path) == name
    )


def put_directory(aside: Path, place: Path, layout: Layout, *, check: Callable[[], bool]) -> None:
    """Put the new content of a hidden directory in its place, and the old content there.

    Parameters
    ----------
    aside
        The hidden directory, beside the place or in it; holds `NEW`.
    layout
        Files of such a directory.
    check
        Function that refuses files that have come in the way, and else returns whether the
        directory is to be filled instead of exchanged.

    Raises
    ------
    OSError
        When the exchange fails, or another process locks the place for a minute.
    """
    fresh = aside / NEW
    while True:
        with hold(place) as there:
            if there:
                if check() or not _exchanged(aside, place):
                    _fill(aside, place, layout)
                return
            try:
                fresh.rename(place)
            except OSError as error:
                # Another process has just created it.
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                    raise
            else:
                sync_directory(place.parent)
                return


@contextmanager
def hold(place: Path) -> Iterator[bool]:
    """Lock a directory against other writers; yields whether it exists.

    Raises
    ------
    OSError
        When another process locks the directory for longer than the time to wait (EBUSY).
    """
    end = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            descriptor = lock(place)
        except FileNotFoundError:
            yield False
            return
        except BlockingIOError as error:
            if time.monotonic() > end:
                words = "Another process holds it"
                raise OSError(errno.EBUSY, words, str(place)) from error
            time.sleep(_PAUSE_SECONDS)
            continue
        try:
            if has_name(place, descriptor):
                yield True
                return
        finally:
            os.close(descriptor)


def has_name(place: Path, descriptor: int) -> bool:
    """Whether an open directory still has this name; it may have been exchanged or removed."""
    try:
        return os.path.samestat(place.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def lock(directory: Path, *, required: bool = False) -> int:
    """Open a directory and lock it for as long as the descriptor is open.

    Parameters
    ----------
    required
        Whether to fail on a file system without locks, where all processes could lock it at once.

    Raises
    ------
    BlockingIOError
        When another process has locked the directory.
    OSError
        When the directory cannot be opened, or locks are `required` and the file system has none.
    """
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        flock(descriptor, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise
    except OSError:
        # A file system without locks.
        if required:
            os.close(descriptor)
            raise
    return descriptor


def _exchanged(aside: Path, place: Path) -> bool:
    """Exchange old and new; false, and all as it was, when these directories cannot be.

    Between two renames the place would be empty for a moment, in which another writer could put its
    own directory there.
    """
    try:
        if not swap(aside / NEW, place):
            return False
    except OSError as error:
        if error.errno in _STUCK:
            return False
        raise
    sync_directory(place.parent)
    return True


def swap(one: Path, other: Path) -> bool:
    """Exchange two directories in one step; returns False if the system cannot.

    Python has no call for it (https://man7.org/linux/man-pages/man2/rename.2.html).

    Raises
    ------
    OSError
        When the system can exchange but refuses, for example without permission.
    """
    exchange = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if exchange is None:
        return False
    if exchange(_AT_CWD, os.fsencode(one), _AT_CWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNKNOWN:
        return False
    raise OSError(number, os.strerror(number), str(other))


def _fill(aside: Path, place: Path, layout: Layout) -> None:
    """Move old files out and new ones in, one by one; only meanwhile the mark is missing."""
    fresh, old, mark = aside / NEW, aside / OLD, layout.mark
    home = "." if aside.parent == place else place.name
    Plan(place=home, mark=mark, files=files_of(fresh)).note(aside)
    old.mkdir(exist_ok=True)
    for name in sorted(files_of(place), key=lambda name: (name != mark, name)):
        if layout.owns(name):
            _move(place, old, name)
            if name == mark:
                sync_directory(place)
    _move_all(fresh, place, mark=mark)
    Plan.forget(aside)


def take_back(aside: Path, plan: Plan) -> None:
    """Restore the old files, unless all steps of a plan were done or none was.

    This may itself be interrupted at any point and begun again.
    """
    place, old, new = aside.parent / plan.place, aside / OLD, aside / NEW
    if (place / plan.mark).exists():
        return
    if not place.exists():
        # The place has been moved away: only the old content is left to put there.
        if old.exists():
            old.rename(place)
        return
    for name in plan.files:
        # The new content is not in the hidden directory: it is already in its place.
        if not (new / name).exists() and (place / name).exists():
            _move(place, new, name)
    for within in {Path(name).parent for name in plan.files} - {Path()}:
        # The expected files are missing, or there are others.
        with suppress(OSError):
            _refuse_links(place, within)
            (place / within).rmdir()
    _move_all(old, place, mark=plan.mark)


def files_of(directory: Path) -> tuple[str, ...]:
    """All files of a directory, by path within it, but those in hidden directories of writers."""
    names = []
    for home, within, files in os.walk(directory):
        # A link to a directory counts as a file.
        links = [name for name in within if Path(home, name).is_symlink()]
        within[:] = [name for name in within if name not in links and not is_hidden(name)]
        names += [str(Path(home, name).relative_to(directory)) for name in (*files, *links)]
    return tuple(sorted(names))


def is_hidden(name: str) -> bool:
    """Whether a name is that of a hidden directory; see `geodata.formats.files.staging`."""
    return _HIDDEN.fullmatch(name) is not None


def _move_all(origin: Path, target: Path, *, mark: str) -> None:
    """Move all files of a directory, the mark at the very end."""
    for name in sorted(files_of(origin), key=lambda name: (name == mark, name)):
        if name == mark:
            sync_directory(target)
        _move(origin, target, name)
    sync_directory(target)


def _move(origin: Path, target: Path, name: str) -> None:
    """Move a file to the same path within another directory; no link leads it elsewhere."""
    for home in (origin, target):
        _refuse_links(home, PurePath(name))
    (target / name).parent.mkdir(parents=True, exist_ok=True)
    (origin / name).replace(target / name)


def _refuse_links(home: Path, name: PurePath) -> None:
    """Refuse a path within a directory that a link would lead elsewhere."""
    for within in name.parents[:-1]:
        if (home / within).is_symlink():
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(home / within))


def sync_all(directory: Path) -> None:
    """Flush a directory with all its content to disk."""
    for name in files_of(directory):
        sync_file(directory / name)
    for each in (directory, *(path for path in directory.rglob("*") if path.is_dir())):
        sync_directory(each)


def sync_file(path: Path) -> None:
    """Flush a file to disk.

    Raises
    ------
    OSError
        When the disk does not take it, which some disks report only now.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_directory(directory: Path) -> None:
    """Flush the names in a directory to disk."""
    # Not every file system can do this; on others it is left out.
    with suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
