"""Seals: regular files identified by their hash, opened only while their content is unchanged."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
import threading
import time
from io import BufferedReader
from pathlib import Path
from typing import NamedTuple

from geodata.errors import DataError, LostError

MOST_BYTES = 1 << 30
"""Largest file in bytes, because a file is read completely before it is used."""

_SETTLED_SECONDS = 2.0
"""A file changed less than this time before it was read may change again with the same stamp."""
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Stamp(NamedTuple):
    """Metadata of a file, which change whenever the file does."""

    device: int
    inode: int
    size: int
    modified_ns: int
    changed_ns: int


class Seal:
    """A file, and the hash of its expected content.

    It is read when it is sealed, and again when its metadata have changed since. An opened file
    therefore has the sealed content, even when another file was put in its place.

    Parameters
    ----------
    path
        Path of the file, which is not a link, a device or a pipe.
    digest
        SHA-256 of its content, in hexadecimal digits.

    Raises
    ------
    DataError
        When the file is missing, not a regular file, too large, or has other content.
    """

    def __init__(self, path: Path, digest: object) -> None:
        self.path = path.absolute()
        if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
            raise DataError("file", path.name, "Its hash is no SHA-256 in hexadecimal digits.")
        self.digest = digest
        self._stamp: Stamp | None = None
        self._lock = threading.Lock()
        with open_plain(self.path) as file:
            self._check(file)
            self.size = os.fstat(file.fileno()).st_size

    def open(self) -> BufferedReader:
        """The file at its beginning, to be read and closed.

        Raises
        ------
        LostError
            When the file has been removed, or its content has changed.
        """
        file = None
        try:
            file = open_plain(self.path)
            if not self.holds(file):
                self._check(file)
        except DataError as error:
            if file is not None:
                file.close()
            raise self._lost(error.remedy) from error
        return file

    def holds(self, file: BufferedReader) -> bool:
        """Whether an open file has not changed since it was read completely."""
        return stamp(file) == self._stamp

    def read(self) -> bytes:
        """The content of the file.

        Raises
        ------
        LostError
            When the file has been removed, or its content has changed.
        """
        with self.open() as file:
            content = file.read(self.size + 1)
            if not self.holds(file) and hashlib.sha256(content).hexdigest() != self.digest:
                raise self._lost("It was changed.")
        return content

    def _check(self, file: BufferedReader) -> None:
        """Read a file completely and check its hash; later calls trust its stamp."""
        with self._lock:
            before = os.fstat(file.fileno())
            file.seek(0)
            same = hashlib.file_digest(file, "sha256").hexdigest() == self.digest
            file.seek(0)
            if not same or stamp(file) != _stamp(before):
                raise DataError("file", self.path.name, "It is damaged or was changed.")
            # The clock of a file system is coarse, so that a file this fresh is read again next
            # time.
            changed = max(before.st_mtime, before.st_ctime)
            settled = time.time() - changed > _SETTLED_SECONDS
            self._stamp = _stamp(before) if settled else None

    def _lost(self, reason: str) -> LostError:
        remedy = "Put it back as it was, or start the service again with what is there now."
        return LostError("file", self.path.name, f"{reason} {remedy}")


def open_plain(path: Path, *, most: int = MOST_BYTES) -> BufferedReader:
    """Open a regular file; a link, a pipe or a device is refused without waiting for it.

    Parameters
    ----------
    most
        Largest size in bytes.

    Raises
    ------
    DataError
        When the file is missing, unreadable, too large, or not a regular file.
    """
    try:
        # Opening a device may have effects: the type is checked before opening, and again after.
        about = path.lstat()
        descriptor = -1
        if stat.S_ISREG(about.st_mode):
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            about = os.fstat(descriptor)
    except (OSError, ValueError) as error:
        raise DataError("file", path.name, _reason(error)) from error
    if descriptor >= 0 and stat.S_ISREG(about.st_mode) and about.st_size <= most:
        return os.fdopen(descriptor, "rb")
    if descriptor >= 0:
        os.close(descriptor)
    kind = stat.filemode(about.st_mode)[0]
    reason = f"It is larger than {most:,} bytes." if kind == "-" else _KINDS.get(kind, _OTHER)
    raise DataError("file", path.name, reason)


def stamp(file: BufferedReader) -> Stamp:
    """Metadata that change whenever an open file does."""
    return _stamp(os.fstat(file.fileno()))


_LINK = "It is a link; only regular files are taken."
_OTHER = "It is no regular file."
_KINDS = {
    "l": _LINK,
    "d": "It is a directory, not a file.",
    "p": "It is a pipe, not a file.",
    "c": "It is a device, not a file.",
    "b": "It is a device, not a file.",
}


def _reason(error: OSError | ValueError) -> str:
    number = getattr(error, "errno", None)
    if number in (errno.ENOENT, errno.ENOTDIR):
        return "The file is missing."
    if number == errno.ELOOP:
        return _LINK
    return f"It cannot be read ({getattr(error, 'strerror', None) or error})."


def _stamp(about: os.stat_result) -> Stamp:
    return Stamp(about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns)
