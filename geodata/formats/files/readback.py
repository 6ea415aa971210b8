"""Files read again right after writing, because a full disk leaves some that cannot be read."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from geodata.formats.files.disks import require_room


def read_back(path: Path) -> None:
    """Read a file that a library wrote; files that Python writes need no such check.

    Raises
    ------
    Exception
        Any error of the library that cannot read it; see
        `geodata.formats.files.disks.translate_disk_errors`.
    """
    read = _READERS.get(path.suffix.lower())
    if read:
        require_room(path.parent, path.stat().st_size)
        read(path)


def _read_raster(path: Path) -> None:
    import rasterio

    with rasterio.open(path) as raster:
        raster.read()


def _read_database(path: Path) -> None:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as rows:
        (verdict,) = rows.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(verdict)


def _read_parquet(path: Path) -> None:
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        for _ in file.iter_batches():
            pass


def _read_features(path: Path) -> None:
    import pyogrio

    pyogrio.read_arrow(path)


_READERS: Mapping[str, Callable[[Path], None]] = {
    ".fgb": _read_features,
    ".gpkg": _read_database,
    ".parquet": _read_parquet,
    ".tif": _read_raster,
}
