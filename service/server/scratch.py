"""Temporary files of a run of the service: all in one directory, which goes when the run ends.

Processes that answer end at once, and some are killed, so that none can clear up after itself;
the one that started them does. After one that was killed, the next one to start does.
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
