"""Stores: files and directories that are written whole or not at all."""

from __future__ import annotations

import hashlib
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geodata.errors import InputError


def check_target(directory: Path, *, mark: str, files: tuple[str, ...], overwrite: bool) -> None:
    """Refuse a place where a store must not be written; callers ask before long work.

    Parameters
    ----------
    mark
        File by which a store of this kind is known.
    files
        Names, or their beginnings, of all that such a store holds.
    overwrite
        Whether a store that is there may be replaced.

    Raises
    ------
    InputError
        When something is in the way that is not such a store, or is one and `overwrite`
        is false, or holds files of somebody else; or when nothing can be written there.
    """
    check_writable(directory)
    if not directory.exists():
        return
    if not directory.is_dir():
        raise InputError("output", str(directory), "It is a file; name a new directory.")
    held = sorted(entry.name for entry in directory.iterdir())
    if not held:
        return
    if mark not in held:
        remedy = f"It holds other files and no {mark}; name a new or empty directory."
        raise InputError("output", str(directory), remedy)
    if not overwrite:
        remedy = f"It holds a {mark} already; name another, or add --overwrite to replace it."
        raise InputError("output", str(directory), remedy)
    foreign = [name for name in held if not name.startswith(files)]
    if foreign:
        remedy = f"Move {', '.join(foreign)} elsewhere: overwriting would delete it."
        raise InputError("output", str(directory), remedy)


def check_writable(target: Path) -> None:
    """Refuse a place where nothing can be written; callers ask before long work.

    Raises
    ------
    InputError
        When the directory that is to hold it, or the nearest one above that exists, takes no
        file.
    """
    try:
        above = next(place for place in target.absolute().parents if place.exists())
        tempfile.TemporaryFile(dir=above).close()
    except OSError as error:
        remedy = f"It cannot be written there ({error.strerror}); name another place."
        raise InputError("output", str(target), remedy) from error


@contextmanager
def whole_directory(target: Path) -> Iterator[Path]:
    """Yield a temporary directory that takes the target's place if the block ends well."""
    target = target.absolute()
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = _sibling(target)
    fresh.mkdir()
    try:
        yield fresh
        _swap(fresh, target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Yield a temporary path of the same suffix that takes the target's place in the end."""
    partial = _sibling(target)
    try:
        yield partial
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def sha256(path: Path) -> str:
    """Hex digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _swap(fresh: Path, target: Path) -> None:
    """Put a finished directory in its place; what was there goes only afterwards."""
    if not target.exists():
        fresh.rename(target)
        return
    old = _sibling(target)
    target.rename(old)
    try:
        fresh.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old)


def _sibling(target: Path) -> Path:
    """Make up a free hidden name beside the target."""
    return target.with_name(f".{target.stem}.{secrets.token_hex(4)}{target.suffix}")
