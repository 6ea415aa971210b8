"""Outputs of a command: checks that they can be written and replace no input or other output."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from geodata.entries.spelling import composed

if TYPE_CHECKING:
    from geodata.formats.files.layouts import Layout


def check_outputs(
    outputs: Mapping[str, Path | None], inputs: Iterable[Path] = (), *, overwrite: bool
) -> None:
    """Refuse files that cannot be written, before long work.

    Parameters
    ----------
    outputs, inputs
        As `check_apart` takes them.
    overwrite
        Whether files that are there may be replaced.

    Raises
    ------
    InputError
        With the name of the option.
    OSError
        When the disk is full or fails.
    """
    from geodata.errors import InputError
    from geodata.formats.files.store import check_file

    check_apart(outputs, inputs)
    _check_overwrite(outputs, overwrite=overwrite)
    for option, path in outputs.items():
        if path is None:
            continue
        check_file(path, field=option)
        if path.exists() and not overwrite:
            remedy = "It is there already; name another, or add --overwrite to replace it."
            raise InputError(option, str(path), remedy)


def check_directory(
    output: Path | None, layout: Layout, inputs: Iterable[Path] = (), *, overwrite: bool
) -> None:
    """Refuse a directory that cannot be written, before long work.

    Parameters
    ----------
    output
        None where it is not given.
    layout
        What such a directory holds.
    inputs
        As `check_apart` takes them.
    overwrite
        Whether one that is there may be replaced.

    Raises
    ------
    InputError
        As `check_target`, or when an input lies in it.
    OSError
        When the disk is full or fails.
    """
    from geodata.formats.files.store import check_target

    _check_overwrite({"output": output}, overwrite=overwrite)
    if output is not None:
        check_apart({"output": output}, inputs)
        check_target(output, layout, overwrite=overwrite)


def _check_overwrite(outputs: Mapping[str, Path | None], *, overwrite: bool) -> None:
    """Refuse to replace what is not written."""
    from geodata.errors import InputError

    if overwrite and not any(outputs.values()):
        options = " or ".join(f"--{option}" for option in outputs)
        raise InputError("overwrite", True, f"Nothing is written: add {options}, or leave it out.")


def check_apart(outputs: Mapping[str, Path | None], inputs: Iterable[Path] = ()) -> None:
    """Refuse outputs that would replace each other or an input.

    Parameters
    ----------
    outputs
        By option; None where it is not given.
    inputs
        Files that the command reads, as far as they are there.

    Raises
    ------
    InputError
        With the name of the second of two options.
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
        for each in read:
            if _is_same(path, each):
                raise InputError(option, str(path), "It is a file that is read; name another.")
            if _bare(each).startswith(f"{_bare(path)}{os.sep}"):
                remedy = f"It holds {each}, which is read; name another."
                raise InputError(option, str(path), remedy)
        before[option] = path


def _is_same(one: Path, other: Path) -> bool:
    """Whether two paths lead to one file, on a disk that does not tell capitals apart too."""
    if one.exists() and other.exists() and one.samefile(other):
        return True
    return _bare(one) == _bare(other)


def _bare(path: Path) -> str:
    return composed(os.path.realpath(path)).casefold()
