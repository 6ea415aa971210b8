"""Outputs of a command: files that can be written, apart from each other and from what is read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from geodata.entries.spelling import composed


def check_outputs(outputs: Mapping[str, Path | None], inputs: Iterable[Path] = ()) -> None:
    """Refuse files that cannot be written where they are to be, before long work.

    Parameters
    ----------
    outputs, inputs
        As `check_apart` takes them.

    Raises
    ------
    InputError
        Naming the option.
    OSError
        When the disk is full or fails.
    """
    from geodata.formats.files.store import check_file

    check_apart(outputs, inputs)
    for option, path in outputs.items():
        if path is not None:
            check_file(path, field=option)


def check_apart(outputs: Mapping[str, Path | None], inputs: Iterable[Path] = ()) -> None:
    """Refuse outputs that would replace each other, or a file that is read.

    Parameters
    ----------
    outputs
        By option; None where it is not given.
    inputs
        Files that the command reads, as far as they are there.

    Raises
    ------
    InputError
        Naming the second of two options.
    """
    from geodata.errors import InputError

    read = [path for path in inputs if path.is_file()]
    before: dict[str, Path] = {}
    for option, path in outputs.items():
        if path is None:
            continue
        for other, earlier in before.items():
            if _is_same(path, earlier):
                raise InputError(option, str(path), f"It is the file of --{other}; name another.")
        if any(_is_same(path, each) for each in read):
            raise InputError(option, str(path), "It is a file that is read; name another.")
        before[option] = path


def _is_same(one: Path, other: Path) -> bool:
    """Whether two paths lead to one file, on a disk that does not tell capitals apart too."""
    if one.exists() and other.exists() and one.samefile(other):
        return True
    return _bare(one) == _bare(other)


def _bare(path: Path) -> str:
    return composed(os.path.realpath(path)).casefold()
