"""The log of evaluations: one line for each time that a result was held against events.

Many tries on few events find, sooner or later, a model that fits them by chance (White 2000; Dwork
et al. 2015). How many there were is therefore counted, and told with what they say.

References
----------
White 2000, A reality check for data snooping, Econometrica 68, 1097-1126.
Dwork et al. 2015, The reusable holdout: preserving validity in adaptive data analysis, Science 349,
636-638.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from fcntl import LOCK_EX, flock
from io import FileIO
from pathlib import Path
from typing import Any

from geodata.errors import DataError, InputError
from geodata.formats.files.places import unwritable_error

LOG = "evaluations.jsonl"
"""Name of the file: JSON, one object a line."""
COUNTED = "events"
"""Evaluations with the same value of this are on the same events, whatever the flow is called."""
_MOST_BYTES = 1 << 28


def check_log(directory: Path) -> Path:
    """Path of a directory's log, after a look at what is there; callers ask before long work.

    Raises
    ------
    InputError
        When the directory is missing, or no file can be written there.
    DataError
        When a line of the log cannot be read.
    """
    path = directory / LOG
    if not directory.is_dir():
        remedy = "There is no such directory; make it, or name another with --log."
        raise InputError("log", str(directory), remedy)
    if path.exists():
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            remedy = "It is no log of evaluations: move it away, or name a directory with --log."
            raise InputError("log", str(path), remedy)
        _read(path)
    if not os.access(path if path.exists() else directory, os.W_OK):
        raise InputError("log", str(path), "It cannot be written; name a directory with --log.")
    return path


def log_evaluation(path: Path, evaluation: Mapping[str, object]) -> int:
    """Append an evaluation, with the time, and count those on the same events.

    Parameters
    ----------
    path
        As `check_log` gives it.
    evaluation
        JSON; its member `COUNTED` says on what events.

    Returns
    -------
    int
        How many there are now, this one among them.

    Raises
    ------
    InputError
        When no line can be added; the file is then unchanged.
    DataError
        When a line of it cannot be read.
    """
    line = {"time": datetime.now(UTC).isoformat(timespec="seconds"), **evaluation}
    # Plain ASCII: names of files may hold what is no text, or ends a line.
    text = json.dumps(line, allow_nan=False)
    try:
        # Locked, so that of two evaluations that end at the same time each has a number of its own.
        with path.open("a+b", buffering=0) as file:
            flock(file, LOCK_EX)
            lines = _read(path)
            _append(file, f"{text}\n".encode("ascii"))
    except OSError as error:
        raise unwritable_error(error, path, "log") from error
    return 1 + [each.get(COUNTED) for each in lines].count(evaluation[COUNTED])


def _append(file: FileIO, line: bytes) -> None:
    """Write a line of its own at the end, or leave the file as it was."""
    size = file.seek(0, os.SEEK_END)
    if size:
        file.seek(-1, os.SEEK_END)
        # A line mended by hand may lack its end.
        line = line if file.read(1) == b"\n" else b"\n" + line
    try:
        while line:
            line = line[file.write(line) :]
        os.fsync(file.fileno())
    except OSError:
        file.truncate(size)
        raise


def _read(path: Path) -> list[dict[str, Any]]:
    lines = []
    text = path.read_text("utf-8", errors="replace")
    rows = text.removesuffix("\n").split("\n") if text else []
    for number, line in enumerate(rows, start=1):
        try:
            content = json.loads(line)
        except (ValueError, RecursionError):
            content = None
        if not isinstance(content, dict):
            remedy = "The line is no evaluation: mend it, or move the file away and keep it."
            raise DataError(f"{path.name}, line {number}", line[:80], remedy)
        lines.append(content)
    return lines
