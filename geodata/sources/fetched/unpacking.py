"""ZIP archives of others: members that are wanted, by their plain names, within limits."""

from __future__ import annotations

import lzma
import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable, Sequence
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from geodata.computing.tasks import Check, unhindered
from geodata.errors import DataError
from geodata.sources.fetched.addresses import plain_name

MOST_MEMBERS = 10_000
MOST_BYTES = 1 << 35
"""Bytes of all members at most, unpacked."""
MOST_RATIO = 1000
"""How many times larger than the archive at most; of an archive of nothing but zeros, 1,032."""
_CHUNK = 1 << 20
DAMAGED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, UnicodeError,
)  # fmt: skip
"""What `zipfile` raises at an archive that it cannot read."""


def unpack(
    archive: Path,
    home: Path,
    *,
    patterns: Sequence[str],
    name: str,
    called: Callable[[str], str] = plain_name,
    remedy: str = "Fetch it again later.",
    nothing: str = "There is no such file in it; nothing of it was kept.",
    check: Check = unhindered,
) -> list[Path]:
    """Write the members of an archive whose plain names match, without their directories.

    Parameters
    ----------
    home
        Directory for them; only files in it are written, whatever members are called.
    patterns
        Such as ``*.shp``; case does not matter.
    name
        How errors call the archive.
    called
        What the file of a member is called, of the last part of its name.
    remedy
        What to do about an archive that is damaged.
    nothing
        What is said of an archive without such members.
    check
        Called once a megabyte.

    Raises
    ------
    DataError
        When the archive is damaged or too large, lacks the members, or one leads outside `home`.
    """
    try:
        with zipfile.ZipFile(archive) as packed:
            members = packed.infolist()
            if len(members) > MOST_MEMBERS:
                raise _refused(name, len(members), "It has too many members")
            selected = _select(members, patterns, name, called)
            if not selected:
                raise DataError(f"archive {name}", ", ".join(patterns), nothing)
            _refuse_size(selected, archive, home, name)
            return [_write(packed, member, home / plain, name, check)
                    for plain, member in selected.items()]  # fmt: skip
    except DAMAGED as error:
        raise _damaged(name, error, remedy) from error
    except OSError as error:
        # A damaged stream of bzip2 raises OSError without a number; an error of the disk has one.
        if error.errno is not None:
            raise
        raise _damaged(name, error, remedy) from error


def _damaged(name: str, error: Exception, remedy: str) -> DataError:
    what = "It is damaged, or packed in a way that is not known."
    return DataError(f"archive {name}", str(error), f"{what} {remedy}")


def _select(
    members: Sequence[zipfile.ZipInfo],
    patterns: Sequence[str],
    name: str,
    called: Callable[[str], str],
) -> dict[str, zipfile.ZipInfo]:
    """Members by their plain name."""
    selected: dict[str, zipfile.ZipInfo] = {}
    names: set[str] = set()
    for member in members:
        path = PurePosixPath(member.filename.replace("\\", "/"))
        kind = stat.S_IFMT(member.external_attr >> 16)
        if path.is_absolute() or ".." in path.parts or kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise _refused(name, member.filename, "It leads out of the archive")
        if member.is_dir() or not any(fnmatch(path.name.lower(), each) for each in patterns):
            continue
        if path.name.startswith("."):
            # What a Mac adds of its own.
            continue
        if member.flag_bits & 1:
            raise _refused(name, member.filename, "It is encrypted")
        plain = called(path.name)
        if plain.lower() in names:
            raise _refused(name, member.filename, "Two members are called so")
        names.add(plain.lower())
        selected[plain] = member
    return selected


def _refuse_size(
    selected: dict[str, zipfile.ZipInfo], archive: Path, home: Path, name: str
) -> None:
    size = sum(member.file_size for member in selected.values())
    if size > MOST_BYTES or size > MOST_RATIO * max(archive.stat().st_size, 1):
        raise _refused(name, f"{size:,} bytes", "It is too large when unpacked")
    free = shutil.disk_usage(home).free if size else size
    if size > free:
        raise _refused(name, f"{size:,} bytes", f"Only {free:,} are free for what is in it")


def _write(
    packed: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path, name: str, check: Check
) -> Path:
    """Write one member; zipfile gives no more than announced, and looks at its checksum."""
    with packed.open(member) as source, path.open("xb") as file:
        while chunk := source.read(_CHUNK):
            check()
            file.write(chunk)
    if path.stat().st_size != member.file_size:
        raise _refused(name, member.filename, "It is cut off")
    return path


def _refused(name: str, value: object, what: str) -> DataError:
    return DataError(f"archive {name}", value, f"{what}; nothing of it was kept.")
