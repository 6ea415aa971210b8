"""Stores: files and directories that are written completely or not at all.

New content is made in a hidden directory beside its place, flushed to disk, read again, and only
then moved to its place: see `geodata.formats.files.staging` and `geodata.formats.files.exchange`.
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from geodata.errors import InputError
from geodata.formats.files.disks import translate_disk_errors
from geodata.formats.files.exchange import (
    NEW,
    files_of,
    hold,
    is_hidden,
    put_directory,
    sync_all,
    sync_directory,
    sync_file,
)
from geodata.formats.files.layouts import Layout
from geodata.formats.files.places import (
    check_place,
    is_mounted,
    must_fill,
    real_place,
    unwritable_error,
)
from geodata.formats.files.readback import read_back
from geodata.formats.files.staging import recover, staged

_OF_DISKS = "lost+found"
"""Directory in every new file system of some types."""


def check_target(target: Path, layout: Layout, *, overwrite: bool) -> Path:
    """Refuse a place where a directory must not be written; called before long work.

    Parameters
    ----------
    layout
        What such a directory holds.
    overwrite
        Whether an existing one may be replaced.

    Returns
    -------
    Path
        The place itself, links followed.

    Raises
    ------
    InputError
        When something other than such a directory is in the way, such a directory exists and
        `overwrite` is false or it has foreign files, or the place cannot be written.
    OSError
        When the disk is full or fails.
    """
    place = real_place(target)
    try:
        if place.exists() and not place.is_dir():
            raise InputError("output", str(target), "It is a file; name a new directory.")
        check_place(place, target, directory=True)
        # The lock keeps other processes from filling it during the check.
        with hold(place) as there:
            if there:
                recover(place, layout.mark)
                _check_contents(place, target, layout, overwrite=overwrite)
    except OSError as error:
        raise unwritable_error(error, target, "output") from error
    return place


def _check_contents(place: Path, target: Path, layout: Layout, *, overwrite: bool) -> None:
    """Refuse content that must not be replaced."""
    entries = [entry for entry in _entries(place) if not _passing(place, entry)]
    if not entries:
        return
    if not (place / layout.mark).is_file():
        remedy = f"It holds other files and no {layout.mark}; name a new or empty directory."
        raise InputError("output", str(target), remedy)
    _check_mark(place, target, layout, overwrite=overwrite)
    foreign = _foreign(place, layout)
    if foreign:
        remedy = f"Move {', '.join(foreign)} elsewhere: overwriting would delete it."
        raise InputError("output", str(target), remedy)


def _check_mark(place: Path, target: Path, layout: Layout, *, overwrite: bool) -> None:
    """Refuse to replace what nobody has asked to replace, whatever else lies beside it."""
    if not overwrite and (place / layout.mark).is_file():
        remedy = (
            f"It holds a {layout.mark} already; name another, or add --overwrite to replace it."
        )
        raise InputError("output", str(target), remedy)


def _entries(place: Path) -> list[str]:
    return sorted(entry.name for entry in place.iterdir())


def _passing(place: Path, name: str) -> bool:
    """Whether an entry belongs to a running writer, or to the disk itself."""
    return is_hidden(name) or (name == _OF_DISKS and is_mounted(place))


def _foreign(place: Path, layout: Layout) -> list[str]:
    """Files of a directory that are not part of its layout."""
    foreign = []
    for name in _entries(place):
        if _passing(place, name) or (layout.owns(name) and not _is_directory(place / name)):
            continue
        if layout.encloses(name) and _is_directory(place / name):
            within = (f"{name}/{part}" for part in _entries(place / name))
            foreign += [part for part in within
                        if not layout.owns(part) or _is_directory(place / part)]  # fmt: skip
        else:
            foreign.append(name)
    return foreign


def _is_directory(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


@contextmanager
def whole_directory(target: Path, layout: Layout, *, overwrite: bool) -> Iterator[Path]:
    """Yield a temporary directory that takes the target's place if the block ends well.

    Raises
    ------
    InputError
        As `check_target`.
    OSError
        When the new content cannot be written completely; the old one is then unchanged.
    """
    place = check_target(target, layout, overwrite=overwrite)
    filled = must_fill(place)
    home = place if filled else place.parent
    home.mkdir(parents=True, exist_ok=True)
    with staged(home) as aside, translate_disk_errors(target, aside):
        fresh = aside / NEW
        fresh.mkdir()
        yield fresh
        sync_all(fresh)
        if place.is_dir():
            fresh.chmod(stat.S_IMODE(place.stat().st_mode))
        check = partial(_meanwhile, place, target, layout, overwrite=overwrite)
        put_directory(aside, place, layout, check=lambda: check() or filled)


def _meanwhile(place: Path, target: Path, layout: Layout, *, overwrite: bool) -> bool:
    """Whether other processes have put files there since the check; such files must stay."""
    recover(place, layout.mark)
    _check_mark(place, target, layout, overwrite=overwrite)
    if _foreign(place, layout):
        return True
    _check_contents(place, target, layout, overwrite=overwrite)
    return False


def check_file(target: Path, *, field: str = "output") -> Path:
    """Refuse a place where a file cannot be written; called before long work.

    Parameters
    ----------
    field
        Name of the parameter or option with the place, for errors.

    Returns
    -------
    Path
        The place itself, links followed.

    Raises
    ------
    InputError
        When its directory does not exist or takes no file, or something else is there.
    OSError
        When the disk is full or fails.
    """
    place = real_place(target, field=field)
    try:
        if place.is_dir():
            raise InputError(field, str(target), "It is a directory; name a file.")
        if not place.parent.is_dir():
            remedy = "Its directory does not exist; make it first."
            raise InputError(field, str(target), remedy)
    except OSError as error:
        raise unwritable_error(error, target, field) from error
    check_place(place, target, directory=False, field=field)
    return place


@contextmanager
def whole_file(target: Path, *, private: bool = False, field: str = "output") -> Iterator[Path]:
    """Yield a temporary path of the same name, whose file takes the target's place in the end.

    Parameters
    ----------
    private
        Whether only its owner may read it; else the permissions of an existing file are kept.
    field
        Name of the parameter or option with the place, for errors.

    Raises
    ------
    InputError
        As `check_file`.
    OSError
        When the new content cannot be written completely; the old one is then unchanged.
    """
    place = check_file(target, field=field)
    with staged(place.parent) as aside, translate_disk_errors(target, aside):
        fresh = aside / place.name
        if private:
            fresh.touch(mode=0o600)
        yield fresh
        sync_file(fresh)
        read_back(fresh)
        with suppress(FileNotFoundError):
            if not private:
                fresh.chmod(stat.S_IMODE(place.stat().st_mode))
        fresh.replace(place)
        sync_directory(place.parent)


def digests(directory: Path) -> dict[str, str]:
    """SHA-256 of all files of a directory that was just written, by path within it.

    Each file is first flushed to disk and read again, because a hash does not show that a file can
    be read.
    """
    hashes = {}
    for name in files_of(directory):
        sync_file(directory / name)
        read_back(directory / name)
        hashes[name] = sha256(directory / name)
    return hashes


def sha256(path: Path) -> str:
    """Hex digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
