"""Layouts: which files each kind of stored directory has."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

# What GDAL, QGIS and SQLite put beside a file of this kind as they read it.
_BESIDE = {
    ".tif": (".aux.xml", ".ovr"),
    ".png": (".aux.xml",),
    ".gpkg": ("-journal", "-shm", "-wal"),
}


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What a directory of one kind holds.

    Parameters
    ----------
    mark
        File by which such a directory is known; it is written last.
    files
        All its files, by path within it.
    """

    mark: str
    files: tuple[str, ...]

    def owns(self, name: str) -> bool:
        """Whether a file is part of such a directory, or was put beside a part by a reader."""
        return name in self.files or any(
            name == part + suffix
            for part in self.files
            for suffix in _BESIDE.get(PurePath(part).suffix, ())
        )

    def encloses(self, name: str) -> bool:
        """Whether a directory is one in which there are such files."""
        return any(PurePath(part).is_relative_to(name) for part in self.files)
