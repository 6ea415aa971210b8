"""Files and directories that only the owner of the service may read, whatever the umask."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from geodata.errors import InputError

DIRECTORY, FILE = 0o700, 0o600


def private_directory(path: Path, *, field: str) -> Path:
    """Make a directory that only its owner can enter, or restrict an existing one.

    Parameters
    ----------
    path
        The directory; its parents are made as well.
    field
        Setting that names it.

    Raises
    ------
    InputError
        When others can enter it, and this process may not change its mode.
    """
    path.mkdir(mode=DIRECTORY, parents=True, exist_ok=True)
    _tighten(path, DIRECTORY, field)
    return path


def private_file(path: Path, *, field: str) -> Path:
    """Make an empty file that only its owner can read, or restrict an existing one.

    Parameters
    ----------
    path
        The file, in an existing directory.
    field
        Setting that names it.

    Raises
    ------
    InputError
        When others can read it, and this process may not change its mode; or it is not a file.
    """
    if path.exists() and not path.is_file():
        raise InputError(field, str(path), "It is no plain file; name one.")
    # Made with its mode, so that it is never open to others.
    os.close(os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK, FILE))
    _tighten(path, FILE, field)
    return path


def tighten_files(directory: Path, *patterns: str, field: str) -> None:
    """Restrict existing files to their owner.

    Parameters
    ----------
    directory
        Where the files are.
    *patterns
        Patterns of their names.
    field
        Setting that names the directory.

    Raises
    ------
    InputError
        When others can read one of them, and this process may not change its mode.
    """
    for pattern in patterns:
        for path in directory.glob(pattern):
            if path.is_file():
                _tighten(path, FILE, field)


def _tighten(path: Path, mode: int, field: str) -> None:
    try:
        bits = stat.S_IMODE(path.stat().st_mode)
        if bits & ~mode:
            path.chmod(bits & mode)
    except FileNotFoundError:
        # SQLite removes its helper files when the last connection closes.
        return
    except OSError as error:
        fault = f"Others can use it (mode {bits:o}), and it cannot be closed to them"
        remedy = f"{fault} ({error.strerror}); let its owner run: chmod {mode:o} {path.name}."
        raise InputError(field, str(path), remedy) from error
