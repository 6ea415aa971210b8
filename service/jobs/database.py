"""The file of the records of jobs, in SQLite.

Every change is one transaction, on disk before it is reported. Each process and thread
opens the file for itself, so that it can be read and written by all of them; those that read never
wait.
"""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from geodata.formats.files.staging import staged, sweep
from service.access.privacy import private_directory, private_file
from service.jobs.tables import SCHEMA
from service.web.problems.problems import NO_ROOM

_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
"""Errors of file systems without hard links, such as exFAT."""
_BUSY_SECONDS = 10.0
"""Seconds that a change waits for other changes."""


class JobDatabase:
    """``jobs.db`` in one directory; it is made with the first change.

    Parameters
    ----------
    directory
        Directory of jobs.
    """

    def __init__(self, directory: Path) -> None:
        self.path = directory.absolute() / "jobs.db"
        self._log = directory / "jobs.db-wal"

    def read(self, query: str, *values: object) -> list[sqlite3.Row]:
        """Rows of a query; none before the first record."""
        if not self.path.exists():
            return []
        try:
            with self.transaction("BEGIN") as rows:
                return rows.execute(query, values).fetchall()
        except sqlite3.OperationalError as error:
            changed = self._log.exists() and self._log.stat().st_size
            if changed or error.sqlite_errorcode & 0xFF not in NO_ROOM:
                raise
        # Reading would make helper files, for which a full disk has no room; all data are in the
        # main file.
        with closing(sqlite3.connect(f"{self.path.as_uri()}?immutable=1", uri=True)) as rows:
            _set_up(rows)
            return rows.execute(query, values).fetchall()

    def change(self, query: str, *values: object) -> bool:
        """Change rows in one transaction; returns whether there was one to change."""
        with self.transaction() as rows:
            return rows.execute(query, values).rowcount > 0

    @contextmanager
    def transaction(self, begin: str = "BEGIN IMMEDIATE") -> Iterator[sqlite3.Connection]:
        """A transaction; it is on disk when the block ends.

        Parameters
        ----------
        begin
            Statement that begins the transaction: the default waits for writers; ``BEGIN`` suffices
            to read and does not wait.
        """
        if not self.path.exists():
            self._make()
        rows = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            _set_up(rows)
            rows.execute("PRAGMA synchronous = FULL")
            rows.execute(begin)
            yield rows
            rows.execute("COMMIT")
        finally:
            # Closing rolls back uncommitted changes.
            rows.close()

    def _make(self) -> None:
        """Make the complete file aside and move it to its place, unless another process did."""
        home = self.path.parent
        private_directory(home, field="jobs")
        sweep(home)
        with staged(home) as aside:
            # Helper files get the mode of this file.
            fresh = private_file(aside / self.path.name, field="jobs")
            with closing(sqlite3.connect(fresh)) as rows:
                rows.executescript(SCHEMA)
            try:
                self.path.hardlink_to(fresh)
            except FileExistsError:
                return
            except OSError as error:
                if error.errno not in _NO_LINKS:
                    raise
                _move(fresh, self.path)


def _move(fresh: Path, path: Path) -> None:
    """Move a file to its place, unless there is one, where a file has one name alone."""
    home = os.open(path.parent, os.O_RDONLY)
    try:
        # One process at a time, as a move would replace the file of another one.
        fcntl.flock(home, fcntl.LOCK_EX)
        if not path.exists():
            fresh.rename(path)
    finally:
        os.close(home)


def _set_up(rows: sqlite3.Connection) -> None:
    """Have rows with names, and read damaged text as well as it goes."""
    rows.row_factory = sqlite3.Row
    rows.text_factory = lambda data: data.decode("utf-8", "replace")
