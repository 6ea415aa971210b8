"""Standard streams: closed ones, readers that leave early, letters that a terminal lacks."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TextIO

import click


def open_streams() -> None:
    """Make standard streams take any text, and give closed ones a place to go.

    The next opened file would get a closed descriptor, and printed text would end up in that file.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def echo(text: str, *, err: bool = False) -> None:
    """Print a line; a reader that has gone, such as ``head``, is no reason to stop the work.

    Raises
    ------
    OSError
        When the disk that is printed to is full or fails.
    """
    try:
        click.echo(text, err=err)
    except BrokenPipeError:
        drop(sys.stderr if err else sys.stdout)
    except OSError as error:
        where = "standard error" if err else "standard output"
        raise OSError(error.errno, error.strerror, where) from error


def drop(stream: TextIO) -> None:
    """Discard buffered output, so that no error is raised at the very end."""
    with suppress(OSError), Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())
