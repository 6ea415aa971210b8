"""The cache: files fetched once for all studies, and partial downloads.

Each address has a directory of its own, which one process at a time locks: of two processes that
fetch the same file, the second uses the file of the first. A file in the cache is named by its
SHA-256 and is read-only; its hash is checked again before each use.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from geodata.computing.tasks import Check, unhindered
from geodata.errors import InputError
from geodata.formats.files.disks import FAILING
from geodata.formats.files.exchange import lock, sync_directory, sync_file
from geodata.formats.files.store import sha256
from geodata.sources.download.hosts.partial import Partial
from geodata.sources.fetched.addresses import redact

_PAUSE_SECONDS = 0.2
_DIGEST = re.compile(r"(?:[0-9a-f]{64})?")
_READ_ONLY = 0o444


def default_cache() -> Path:
    """Default directory of the cache."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "vereda" / "downloads"


@dataclass(frozen=True, kw_only=True)
class CachedFile:
    """A complete file of the cache, or a note that the host has none.

    Parameters
    ----------
    url
        Address that was asked, without name, password and query.
    source
        Address that gave it in the end.
    sha256, size
        Hash and size of the file; empty and 0 without a file.
    etag, modified
        Version of the file at its host.
    checksum
        Published hash that was checked, such as ``md5 0123...``; empty without one.
    fetched
        Time of the download.
    """

    url: str
    source: str
    sha256: str
    size: int
    etag: str
    modified: str
    checksum: str
    fetched: str

    @property
    def absent(self) -> bool:
        """Whether the host has no such file."""
        return not self.sha256


class CacheEntry:
    """The directory of one address in the cache.

    Parameters
    ----------
    home
        Directory of the cache.
    url
        The address as the study has it, whichever mirror is asked.
    """

    def __init__(self, home: Path, url: str) -> None:
        self.url = redact(url)
        # The query takes part as a hash, since it may hold a secret key.
        self.home = home / hashlib.sha256(url.encode()).hexdigest()[:32]
        self._note = self.home / "file.json"

    def cached(self) -> CachedFile | None:
        """The file that is cached, or the note that there is none; None where that is damaged."""
        try:
            cached = CachedFile(**json.loads(self._note.read_bytes()))
        except (OSError, ValueError, TypeError):
            return None
        if not isinstance(cached.sha256, str) or not _DIGEST.fullmatch(cached.sha256):
            return None
        if cached.absent:
            return cached
        path = self.file(cached)
        try:
            same = path.stat().st_size == cached.size and sha256(path) == cached.sha256
        except OSError:
            return None
        return cached if same else None

    def file(self, cached: CachedFile) -> Path:
        """Path of a cached file."""
        return self.home / cached.sha256

    @contextmanager
    def locked(
        self, *, say: Callable[[str], None] = lambda _: None, check: Check = unhindered
    ) -> Iterator[None]:
        """Lock the directory against other processes; wait for one that has locked it.

        Raises
        ------
        InputError
            When the cache cannot be written, or cannot be locked.
        """
        descriptor = self._lock(say, check)
        try:
            yield
        finally:
            os.close(descriptor)

    def _lock(self, say: Callable[[str], None], check: Check) -> int:
        announced = False
        while True:
            try:
                self.home.mkdir(parents=True, exist_ok=True)
                return lock(self.home, required=True)
            except BlockingIOError:
                if not announced:
                    say("another vereda fetch is getting it; waiting")
                    announced = True
                check()
                time.sleep(_PAUSE_SECONDS)
            except OSError as error:
                if error.errno in FAILING:
                    raise
                reason = (error.strerror or "no locks there").lower()
                remedy = f"It cannot be written ({reason}); name another with --cache."
                raise InputError("cache", str(self.home.parent), remedy) from error

    def part(self) -> Partial:
        """The part that has come so far, for the process that has locked the entry."""
        return Partial(self.home)

    def keep(self, part: Partial, cached: CachedFile) -> Path:
        """Make a part the file of the entry.

        The part is removed last: wherever a process is killed, the part or the file is there.
        """
        path = self.file(cached)
        part.path.chmod(_READ_ONLY)
        sync_file(part.path)
        with suppress(FileNotFoundError):
            path.unlink()
        try:
            os.link(part.path, path)
        except OSError:
            # A file system without hard links: a process killed after this fetches the file
            # again.
            part.path.rename(path)
        before = self._noted()
        self.note(cached)
        part.drop()
        if before and before != cached.sha256:
            with suppress(OSError):
                (self.home / before).unlink()
        return path

    def note(self, cached: CachedFile) -> None:
        """Write down what is cached, at once and to disk."""
        fresh = self.home / "file.json.new"
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(asdict(cached), file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._note)
        sync_directory(self.home)

    def _noted(self) -> str:
        try:
            return str(json.loads(self._note.read_bytes())["sha256"])
        except (OSError, ValueError, TypeError, KeyError):
            return ""
