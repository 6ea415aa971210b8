"""A partial download, and the version of its file."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from errno import ENOSPC
from pathlib import Path
from typing import BinaryIO

from geodata.sources.download.hosts.web import Answer

_SPARE_BYTES = 1 << 24
"""Bytes to leave free on a disk."""
_SURE_SECONDS = 1
"""How much older than its answer a file is to be for its date to tell it from any other."""


@dataclass(frozen=True)
class Version:
    """Headers that identify the version of a file at its host.

    Parameters
    ----------
    etag, modified
        As the host sends them.
    dated
        Whether `modified` lies so far back that no other version can have the same.
    total
        Bytes of the whole file, where the host says.
    encoded
        Whether it is encoded on the way, so that no part of it can be asked for.
    """

    etag: str = ""
    modified: str = ""
    dated: bool = False
    total: int | None = None
    encoded: bool = False

    @classmethod
    def of(cls, answer: Answer, total: int | None) -> Version:
        """The version that an answer is of."""
        encoded = answer.header("content-encoding").lower() not in ("", "identity")
        return cls(
            etag=answer.header("etag"),
            modified=answer.header("last-modified"),
            dated=_dated(answer.header("last-modified"), answer.header("date")),
            total=None if encoded else total,
            encoded=encoded,
        )

    @property
    def strong(self) -> str:
        """What ``If-Range`` may hold (RFC 9110, 13.1.5), or nothing."""
        if self.etag.startswith('"'):
            return self.etag
        return self.modified if self.dated and not self.etag else ""

    @property
    def known(self) -> bool:
        """Whether the host says enough to tell another version from this one."""
        return bool(self.etag or self.modified)

    def agrees(self, other: Version) -> bool:
        """Whether a part of the other version may be one of this."""
        pairs = ((self.etag, other.etag), (self.modified, other.modified),
                 (self.total, other.total))  # fmt: skip
        return not other.encoded and all(
            mine == its for mine, its in pairs if mine not in ("", None) and its not in ("", None)
        )


def _dated(modified: str, now: str) -> bool:
    try:
        moments = [parsedate_to_datetime(text) for text in (modified, now)]
    except (ValueError, TypeError, IndexError, OverflowError):
        return False
    first, second = (
        (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() for moment in moments
    )
    return second - first >= _SURE_SECONDS


class Partial:
    """The part of a file downloaded so far; the process that locks its directory may resume it.

    Parameters
    ----------
    home
        Directory of the file's own.
    """

    def __init__(self, home: Path) -> None:
        self.path, self._note = home / "part", home / "part.json"
        self.version = self._read()
        self.resumed = self.size > 0

    def _read(self) -> Version:
        """Version of the stored part; one without a valid note is begun anew."""
        try:
            return Version(**json.loads(self._note.read_bytes()))
        except (OSError, ValueError, TypeError):
            self.drop()
            return Version()

    @property
    def size(self) -> int:
        """Bytes that have come."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    @property
    def complete(self) -> bool:
        """Whether all has come."""
        return self.version.total is not None and self.size == self.version.total

    def begin(self, version: Version) -> None:
        """Start over with a version; its note is written first, so that every part has its own."""
        self.path.unlink(missing_ok=True)
        self.resumed = False
        fresh = self._note.with_name("part.json.new")
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(asdict(version), file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._note)
        self.version = version

    def learn(self, total: int | None) -> None:
        """Note the size of the complete file, once it is known."""
        if total is not None and self.version.total is None:
            self.version = replace(self.version, total=total)

    def open(self) -> BinaryIO:
        """The part, open at its end and unbuffered."""
        self.resumed = self.resumed or self.size > 0
        return self.path.open("ab", buffering=0)

    def drop(self) -> None:
        """Remove the part."""
        self.path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)
        self.version, self.resumed = Version(), False

    def require_room(self, total: int | None, target: Path) -> None:
        """Refuse a file that the disk has no room for.

        Raises
        ------
        OSError
            Saying what is lacking.
        """
        if total is None:
            return
        free = shutil.disk_usage(self.path.parent).free
        lacking = total - self.size
        if lacking + _SPARE_BYTES > free:
            words = f"no room: {lacking / 1e6:,.0f} MB are to come, {free / 1e6:,.0f} MB are free"
            raise OSError(ENOSPC, words, str(target))

    def digest(self, algorithm: str) -> str:
        """Hash of the part received so far, in hexadecimal digits."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, algorithm).hexdigest()


def now() -> str:
    """The present moment, as records tell it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
