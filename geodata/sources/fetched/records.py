"""Records beside fetched files: holder, licence, origin and hash of each file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geodata.errors import VeredaError
from geodata.formats.files.store import sha256, whole_file
from geodata.formats.text.toml import read_toml

SUFFIX = ".source.toml"
OSM_CREDIT = {
    "licence": "ODbL-1.0",
    "attribution": "© OpenStreetMap contributors, https://www.openstreetmap.org/copyright",
}
UNKNOWN_CREDIT = {"licence": "not stated", "attribution": "source not stated"}
_HEAD = """\
# Written by vereda fetch: whose data this is. Keep it beside the files that it names.
"""
_NAME = re.compile(r"[^./\\\0][^/\\\0]*")
"""Valid names of files beside a record, on any system; hidden files do not belong to a layer."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """Origin of the files of one download.

    Parameters
    ----------
    source_key
        ``provider`` or ``url`` of the layer, by which its files are known.
    selection
        `source_key` with date and place, if the provider chooses files by these.
    parts
        Number of downloads of the selection.
    role
        Role of the layer.
    url, source
        Address that was asked, and the one that gave it; without name, password and query.
    fetched, modified
        Times of the download and, from the host, of the last change.
    bytes
        Size of the download.
    sha256
        SHA-256 of the download.
    checksum
        The published hash that it agreed with; empty without one.
    licence, attribution, note
        Licence, holder, and a further note.
    files
        SHA-256 by name of each file of the download beside the record.
    """

    source_key: str
    selection: str
    parts: int
    role: str
    url: str
    source: str
    fetched: str
    modified: str
    bytes: int
    sha256: str
    checksum: str
    licence: str
    attribution: str
    note: str
    files: dict[str, str]

    def write(self, path: Path) -> None:
        """Write the record to disk."""
        values = [(key, value) for key, value in vars(self).items() if key != "files"]
        lines = [f"{key} = {_toml(value)}" for key, value in values]
        lines += ["", "[files]", *(f"{_toml(k)} = {_toml(v)}" for k, v in self.files.items())]
        with whole_file(path, field="data") as fresh:
            fresh.write_text(_HEAD + "\n".join(lines) + "\n", encoding="utf-8")

    def holds(self, home: Path) -> bool:
        """Whether all files exist and are unchanged."""
        return all(is_unchanged(home / name, digest) for name, digest in self.files.items())


def is_unchanged(path: Path, digest: str) -> bool:
    """Whether a file exists and is unchanged since it was fetched."""
    return path.is_file() and not path.is_symlink() and sha256(path) == digest


def _toml(value: object) -> str:
    """A text or number in TOML; JSON escapes all characters but one as TOML does."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def read_record(path: Path) -> Record | None:
    """Read a record; None for a file that is not a record, or names files elsewhere."""
    try:
        table: dict[str, Any] = read_toml(path, field="record")
        record = Record(**table)
    except (VeredaError, OSError, TypeError):
        return None
    sound = isinstance(record.files, dict) and all(map(_NAME.fullmatch, record.files))
    return record if sound else None


def records(home: Path) -> Iterator[tuple[Path, Record]]:
    """Records of a directory, in order of their names."""
    if home.is_dir():
        for path in sorted(home.glob(f"*{SUFFIX}")):
            record = read_record(path)
            if record is not None:
                yield path, record


def files_of(home: Path, source_key: str) -> list[Path]:
    """Files of a directory that were fetched for a layer, as its `provider` or `url` says."""
    return [home / name for _, record in records(home) if record.source_key == source_key
            for name in record.files]  # fmt: skip


def records_beside(files: Iterable[Path]) -> list[Record]:
    """The existing records of the downloads of some files, each once."""
    names: dict[Path, set[str]] = {}
    for file in files:
        names.setdefault(file.parent, set()).add(file.name)
    return [
        record
        for home, own in names.items()
        for _, record in records(home)
        if own.intersection(record.files)
    ]
