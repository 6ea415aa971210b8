"""Layouts: the files of each kind of stored directory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

# Files that GDAL, QGIS and SQLite put beside a file of this kind when they read it.
_BESIDE = {
    ".tif": (".aux.xml", ".ovr"),
    ".png": (".aux.xml",),
    ".gpkg": ("-journal", "-shm", "-wal"),
}


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The files of one kind of directory.

    Parameters
    ----------
    mark
        File that identifies such a directory; it is written last.
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
        """Whether a subdirectory contains such files."""
        return any(PurePath(part).is_relative_to(name) for part in self.files)
