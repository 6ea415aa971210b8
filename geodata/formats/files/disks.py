"""Full and failing disks: reports of several libraries translated to one kind of error."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geodata.errors import VeredaError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""Error numbers for a lack of room: on the disk, for the user, for one file."""
FAILING = (*FULL, errno.EIO)
"""Error numbers that do not mean a wrong name."""

# Classes by module and name, so that libraries are not imported for errors that do not occur.
_WRITERS = {
    ("sqlite3", "OperationalError"),
    ("sqlite3", "DatabaseError"),
    ("pyogrio.errors", "DataSourceError"),
    ("pyogrio.errors", "DataLayerError"),
    ("pyogrio.errors", "FeatureError"),
    ("rasterio.errors", "RasterioIOError"),
}
_GDAL = "rasterio._err"
_PROBED_BYTES = 1 << 20


@contextmanager
def translate_disk_errors(target: Path, aside: Path) -> Iterator[None]:
    """Translate an error in writing to an OSError that names the target.

    Parameters
    ----------
    target
        File or directory to be written.
    aside
        Directory in which the work is done.

    Raises
    ------
    OSError
        In place of errors of libraries that could not write, and of errors that name a temporary
        file or no file. Its number comes from a further write, because most libraries do not report
        the number.
    """
    try:
        yield
    except VeredaError:
        raise
    except OSError as error:
        if error.errno is None or _unknown(error.filename, aside):
            raise _plain(error, target, aside) from error
        raise
    except Exception as error:
        kinds = {(kind.__module__, kind.__name__) for kind in type(error).__mro__}
        if kinds & _WRITERS or any(module == _GDAL for module, _ in kinds):
            raise _plain(error, target, aside) from error
        raise


def _unknown(name: object, aside: Path) -> bool:
    """Whether a file name means nothing to the user."""
    if not isinstance(name, str | bytes | os.PathLike):
        return True
    return Path(os.fsdecode(name)).absolute().is_relative_to(aside)


def _plain(error: Exception, target: Path, aside: Path) -> OSError:
    number = getattr(error, "errno", None)
    if number is None:
        number = _refusal(aside)
    words = os.strerror(number) if number else " ".join(str(error).split())
    return OSError(number or errno.EIO, words, str(target))


def _refusal(aside: Path) -> int | None:
    """The error of the system when another, larger file is written."""
    sizes = [path.stat().st_size for path in aside.rglob("*") if path.is_file()]
    try:
        require_room(aside, max(sizes, default=0))
    except OSError as error:
        return error.errno
    return None


def require_room(directory: Path, size: int) -> None:
    """Refuse a disk without room for another file, somewhat larger than the one just written.

    GDAL does not report that it could not write the end of a file, and leaves a readable file
    without an index or a statistic. If that write failed, there is no room now either.

    Raises
    ------
    OSError
        When there is no room.
    """
    probe = directory / "room"
    try:
        with probe.open("xb") as file:
            os.posix_fallocate(file.fileno(), 0, size + _PROBED_BYTES)
    finally:
        probe.unlink(missing_ok=True)
