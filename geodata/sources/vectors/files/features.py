"""Rows of a vector file: their names, shapes and columns, and errors in reading them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, overload

import pyarrow as pa
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS
from shapely.errors import ShapelyError

from geodata.area.box import Box
from geodata.arrays import Int64Array, ObjectArray
from geodata.errors import DataError
from geodata.sources.userfiles.source import Source

SMALL = 200_000
"""Features of a file that is read as a whole: rows without a geometry, and longitudes from 0 to
360, are seen then."""
UNREADABLE = (
    DataSourceError, DataLayerError, ValueError, IndexError, pa.ArrowException, OSError,
    ShapelyError, UnboundLocalError,
)  # fmt: skip


class FeatureNames(Sequence[str]):
    """Names of rows by their numbers, such as ``feature 12``, made when they are asked for."""

    def __init__(self, word: str, numbers: Int64Array) -> None:
        self._word, self._numbers = word, numbers

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> FeatureNames: ...
    def __getitem__(self, at: int | slice) -> str | FeatureNames:
        if isinstance(at, slice):
            return FeatureNames(self._word, self._numbers[at])
        return f"{self._word} {self._numbers[at]}"


@dataclass(frozen=True, kw_only=True)
class Features:
    """What a reader by box gives: shapes in the CRS of the file; `every` heading in its order."""

    rows: Sequence[str]
    shapes: ObjectArray
    columns: Sequence[tuple[str, Sequence[Any]]]
    every: Sequence[str]


def as_column(values: Any) -> Sequence[Any]:
    """An array as values of a column."""
    column: Sequence[Any] = values
    return column


def unreadable_error(source: Source, error: Exception) -> DataError:
    """The error for a file that a library cannot read."""
    if isinstance(error, UnicodeDecodeError):
        remedy = (
            f"Its texts are not {error.encoding.upper()}, as its .cpg says: write ISO-8859-1 into "
            f"{source.path.stem}.cpg, or save the layer as GeoPackage."
        )
        return source.refusal(remedy)
    reason = " ".join(str(error).split())[:120]
    return source.refusal(f"It cannot be read ({reason}). Save the layer as GeoPackage.")


Choice = Callable[[Sequence[str]], Sequence[str]]
"""Headings of a file that are read, in its order."""
BoxReader = Callable[[Source, "Box | None", "CRS | None", Choice], "tuple[Features, CRS | None]"]
"""Reads the features of a file that meet a box in degrees, from the CRS that the layer states.

The shapes are in the CRS of the file, which is given too; None where the file states none.
"""
