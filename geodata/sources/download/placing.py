"""Files of the cache put where a study reads them; other files are never replaced."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from geodata.computing.tasks import Check, unhindered
from geodata.errors import InputError
from geodata.formats.files.disks import translate_disk_errors
from geodata.formats.files.exchange import sync_directory, sync_file
from geodata.formats.files.places import check_place
from geodata.formats.files.staging import staged
from geodata.formats.files.store import sha256
from geodata.sources.fetched.records import is_unchanged, records
from geodata.sources.fetched.unpacking import unpack

_READ_ONLY = 0o444
_MAIN = (".shp",)
"""Files that make others beside them a layer: they come last."""


def place(
    cached: Path,
    target: Path,
    *,
    members: Sequence[str] = (),
    replace: bool = False,
    check: Check = unhindered,
) -> dict[str, str]:
    """Put a file of the cache, or the members of an archive, in a directory of a study.

    It is the same file twice where the disk allows (a hard link that can only be read), so that
    one extract for ten layers takes its room once; else a copy.

    Parameters
    ----------
    target
        The file; of an archive, the name of the archive in the directory of its members.
    members
        Patterns of the members that are wanted; without any, the file itself is.
    replace
        Whether files may be replaced that were changed since they were fetched.

    Returns
    -------
    dict of str
        SHA-256 by name of each file.

    Raises
    ------
    InputError
        When another file is in the way, or nothing can be written there.
    DataError
        When an archive is refused.
    OSError
        When the disk is full or fails.
    """
    home = target.parent
    make_directory(home)
    check_place(home / target.name, target, directory=False, field="data")
    with staged(home) as aside, translate_disk_errors(target, aside):
        if members:
            fresh = unpack(cached, aside, patterns=members, name=target.name, check=check)
        else:
            fresh = [_same(cached, aside / target.name)]
        digests = {path.name: sha256(path) for path in fresh}
        for path in fresh:
            _refuse_foreign(home / path.name, digests[path.name], replace=replace)
        for path in sorted(fresh, key=lambda path: path.suffix.lower() in _MAIN):
            if path.stat().st_mode & ~_READ_ONLY & 0o777:
                path.chmod(_READ_ONLY)
            sync_file(path)
            path.replace(home / path.name)
    sync_directory(home)
    return digests


def make_directory(home: Path) -> None:
    """Make the directory of a layer.

    Raises
    ------
    InputError
        When the directory cannot be made.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        remedy = f"It cannot be made ({(error.strerror or '').lower()}); give the layer a path."
        raise InputError("data", str(home), remedy) from error


def _same(cached: Path, fresh: Path) -> Path:
    try:
        os.link(cached, fresh)
    except OSError:
        shutil.copyfile(cached, fresh)
    return fresh


def _refuse_foreign(path: Path, digest: str, *, replace: bool) -> None:
    """Refuse to replace files that were not fetched, or were changed since."""
    if not (path.exists() or path.is_symlink()) or is_unchanged(path, digest):
        return
    own = [record for _, record in records(path.parent) if path.name in record.files]
    if any(is_unchanged(path, record.files[path.name]) for record in own):
        return
    if own and replace and path.is_file() and not path.is_symlink():
        return
    if own:
        remedy = "It was changed since it was fetched; move it away, or add --refresh."
    else:
        remedy = "It is there and was not fetched; move it away, or give the layer a path."
    raise InputError("data", str(path), remedy)


def clear_away(home: Path, source_key: str, *, but: Sequence[str]) -> list[str]:
    """Remove what was fetched for a layer before and is no longer part of it.

    Parameters
    ----------
    source_key
        ``provider`` or ``url`` of the layer.
    but
        Names of records that stay.

    Returns
    -------
    list of str
        Names of files that were left, since somebody has changed them.
    """
    listed = list(records(home))
    kept = {name for path, record in listed if path.name in but for name in record.files}
    changed = []
    for path, record in listed:
        if record.source_key != source_key or path.name in but:
            continue
        for name, digest in record.files.items():
            if name in kept:
                continue
            if is_unchanged(home / name, digest):
                (home / name).unlink()
            elif (home / name).exists():
                changed.append(name)
        with suppress(FileNotFoundError):
            path.unlink()
    return changed
