"""Steps of a build, kept under a hash of their inputs, so that only changed steps run again.

Each step is a file whose name ends in a hash of its inputs and of the code that made it. It is
written completely or not at all; one that cannot be read is made again.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from geodata.formats.files.store import whole_file
from geodata.formats.keys import key_of

Array = npt.NDArray[Any]
Kept = TypeVar("Kept")

_WORDS = ".said"
_UNREADABLE = (OSError, ValueError, KeyError, zipfile.BadZipFile, pa.ArrowException)
_MAKERS = (
    "vereda", "geopandas", "numpy", "osmium", "pandas", "pyarrow", "pyogrio", "pyproj", "rasterio",
    "scipy", "shapely",
)  # fmt: skip
"""Packages whose versions may change what a step makes."""
_ROOMS = ("area", "builder", "computing", "entries", "formats", "network", "sources")
"""Rooms of this package whose code may."""


@cache
def code_key() -> str:
    """Hash of this version's code and of the libraries under it: what others made is not kept."""
    digest = hashlib.sha256("".join(f"{name} {version(name)}\n" for name in _MAKERS).encode())
    package = Path(__file__).parents[1]
    rooms = [package / room for room in _ROOMS]
    files = [path for room in rooms for path in room.rglob("*")]
    for path in sorted([*files, *package.glob("*.py")]):
        if path.suffix in (".py", ".toml"):
            digest.update(path.read_bytes())
    return digest.hexdigest()


@dataclass(kw_only=True)
class Steps:
    """Where steps are kept.

    Parameters
    ----------
    directory
        Of one study; None to keep nothing.
    progress
        Called with the name of each step that is made.

    made, kept
        Names of the steps that were made, and that were there.
    remarks
        What readers remarked while steps were made, in this run or in the one that kept them.
    """

    directory: Path | None = None
    progress: Callable[[str], None] = lambda _: None
    made: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def frame(
        self, name: str, key: str, make: Callable[[], gpd.GeoDataFrame | pd.DataFrame]
    ) -> gpd.GeoDataFrame | pd.DataFrame:
        """A table: the one that is kept under this key, or else the one that is made."""
        path = self._path(name, key, "parquet")
        kept = self._kept(name, path, _read_frame)
        if kept is not None:
            return kept
        frame = self._made(name, path, make)
        if path is not None:
            with self._fresh(name, path) as fresh:
                frame.to_parquet(fresh)
        return frame

    def arrays(
        self, name: str, key: str, make: Callable[[], Mapping[str, Array]]
    ) -> Mapping[str, Array]:
        """Arrays by name: those that are kept under this key, or else those that are made."""
        path = self._path(name, key, "npz")
        kept = self._kept(name, path, _read_arrays)
        if kept is not None:
            return kept
        arrays = self._made(name, path, make)
        if path is not None:
            with self._fresh(name, path) as fresh, fresh.open("wb") as file:
                np.savez(file, **arrays)  # type: ignore[arg-type]
        return arrays

    def _path(self, name: str, key: str, suffix: str) -> Path | None:
        if self.directory is None:
            return None
        return self.directory / f"{name}-{key_of(key, code_key())[:32]}.{suffix}"

    def _kept(self, name: str, path: Path | None, read: Callable[[Path], Kept]) -> Kept | None:
        if path is None or not path.exists():
            return None
        words = path.with_suffix(_WORDS)
        try:
            kept = read(path)
            self.remarks += json.loads(words.read_bytes()) if words.exists() else []
        except _UNREADABLE:
            return None
        self.kept.append(name)
        return kept

    def _made(self, name: str, path: Path | None, make: Callable[[], Kept]) -> Kept:
        self.progress(name)
        before = len(self.remarks)
        made = make()
        self.made.append(name)
        if path is not None and self.remarks[before:]:
            # Remarks come first, so that a kept step always has its remarks.
            with self._fresh(name, path.with_suffix(_WORDS)) as fresh:
                fresh.write_text(json.dumps(self.remarks[before:]), encoding="utf-8")
        return made

    @contextmanager
    def _fresh(self, name: str, path: Path) -> Iterator[Path]:
        """A file that is being written; older ones of the same step go once it is whole."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path, field="cache") as fresh:
            yield fresh
        for other in path.parent.glob(f"{name}-*"):
            key = other.stem[len(name) + 1 :]
            if other.stem != path.stem and re.fullmatch(r"[0-9a-f]{32}", key):
                other.unlink(missing_ok=True)


def _read_frame(path: Path) -> gpd.GeoDataFrame | pd.DataFrame:
    with path.open("rb") as file:
        names = pq.read_schema(file).metadata or {}
    return gpd.read_parquet(path) if b"geo" in names else pd.read_parquet(path)


def _read_arrays(path: Path) -> Mapping[str, Array]:
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}
