"""Temporary files of a run of the service, in one directory that is removed when the run ends.

Processes that answer end at once or are killed, so that they cannot remove their own files; the
process that started them does. After that process was killed, the next run removes them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geodata.formats.files.temporary import Temporary

_BEGINS = "vereda-serve-"


@contextmanager
def scratch() -> Iterator[Path]:
    """Make the directory in which this process and those that it forks put temporary files."""
    usual = tempfile.tempdir
    with Temporary(_BEGINS) as home:
        tempfile.tempdir = str(home)
        try:
            yield home
        finally:
            tempfile.tempdir = usual
