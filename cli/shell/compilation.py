"""A place for compiled code, if neither the package nor the home directory takes files."""

from __future__ import annotations

import atexit
import os
from pathlib import Path

import geodata

VARIABLE = "NUMBA_CACHE_DIR"


def place_compiled_code() -> None:
    """Set a temporary directory if numba would find no directory for its code and fail.

    It is removed when the process ends or, after a killed process, when the next one makes such a
    directory; to keep the code, set NUMBA_CACHE_DIR.

    Raises
    ------
    OSError
        When no temporary directory can be made either.
    """
    if any(_takes_files(place) for place in _places()):
        return
    from geodata.formats.files.temporary import Temporary

    directory = Temporary("vereda-code-")
    os.environ[VARIABLE] = str(directory.path)
    atexit.register(directory.remove)


def _places() -> list[Path]:
    """Places where numba looks: NUMBA_CACHE_DIR, beside the code, and the user's cache."""
    chosen = os.environ.get(VARIABLE)
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    beside = [Path(each, "__pycache__") for each in geodata.__path__]
    return [*([Path(chosen)] if chosen else []), *beside, Path(os.path.expanduser(cache), "numba")]  # noqa: PTH111


def _takes_files(place: Path) -> bool:
    try:
        nearest = next(each for each in (place, *place.absolute().parents) if each.exists())
    except OSError:
        # A home that its own user may not enter, as systemd's ProtectHome makes it.
        return False
    return nearest.is_dir() and os.access(nearest, os.R_OK | os.W_OK | os.X_OK)
