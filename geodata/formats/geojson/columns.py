"""Columns as JSON: every cell of a column encoded, by compiled code where its type allows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring
from math import isfinite
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from geodata.arrays import BoolArray, Column, Int64Array, UInt8Array, UInt64Array
from geodata.errors import DataError
from geodata.formats.geojson.kernels import (
    ESCAPED,
    WIDEST,
    write_floats,
    write_integers,
    write_rows,
    write_texts,
)

SINGLE, DOUBLE = 7, 12
"""Digits of a number that are written: as many as its type holds, and no noise."""


@dataclass(frozen=True)
class Cells:
    """JSON texts laid one after another.

    Parameters
    ----------
    letters
        UTF-8 bytes.
    starts, ends
        Where each text begins and ends; texts may be shared.
    """

    letters: UInt8Array
    starts: UInt64Array
    ends: UInt64Array

    @classmethod
    def of(cls, letters: UInt8Array, ends: UInt64Array) -> Cells:
        """Texts that follow each other without gaps."""
        starts = np.zeros_like(ends)
        starts[1:] = ends[:-1]
        return cls(letters[: int(ends[-1]) if len(ends) else 0], starts, ends)

    @classmethod
    def from_texts(cls, texts: Sequence[str]) -> Cells:
        """Texts that were encoded one by one."""
        pieces = [text.encode() for text in texts]
        letters = np.frombuffer(b"".join(pieces), np.uint8)
        return cls.of(letters, np.cumsum([len(piece) for piece in pieces], dtype=np.uint64))

    def texts(self, *, less: int = 0) -> Iterator[bytes]:
        """The texts one by one in UTF-8, each without so many bytes at its end."""
        letters = self.letters.tobytes()
        for start, end in zip(self.starts.tolist(), self.ends.tolist(), strict=True):
            yield letters[start : end - less]

    def take(self, rows: Int64Array) -> Cells:
        """Cells at these rows; nothing is copied but where they lie."""
        return Cells(self.letters, self.starts[rows], self.ends[rows])


def column_cells(column: pd.Series) -> Cells:
    """Encode the cells of a column.

    Numbers keep the digits that their type holds, floats their point; NaN, infinity and
    what is missing become null.

    Raises
    ------
    DataError
        For a cell that is a list, mapping or anything else that nests.
    """
    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        return _categories(column)
    if isinstance(kind, np.dtype) and kind.kind == "b":
        return Cells.from_texts(["false", "true"]).take(column.to_numpy().astype(np.int64))
    if isinstance(kind, np.dtype) and kind.kind == "f" and kind.itemsize in (4, 8):
        return _floats(column.to_numpy())
    if pd.api.types.is_integer_dtype(kind) and "uint64" not in str(kind).lower():
        missing = column.isna().to_numpy(bool)
        values = column.to_numpy(np.int64, na_value=0) if missing.any() else column.to_numpy()
        return _integers(values.astype(np.int64), missing)
    if isinstance(kind, pd.StringDtype) or _all_text(column):
        return _texts(column.array)
    return Cells.from_texts(list(_objects(column.to_numpy(dtype=object), str(column.name))))


def plain_texts(column: Column) -> list[str]:
    """Cells of a plain column as JSON, as `column_cells` has them for a frame."""
    if isinstance(column, list):
        return list(map(encode_basestring, column))
    if column.dtype.kind == "f":
        return [_number(value, DOUBLE) for value in column.tolist()]
    return [str(value) for value in column.tolist()]


def _all_text(column: pd.Series) -> bool:
    return column.dtype == object and pd.api.types.infer_dtype(column, skipna=True) == "string"


def _categories(column: pd.Series) -> Cells:
    """Each category is encoded once."""
    codes = column.cat.codes.to_numpy(np.int64)
    values = pd.Series([*column.cat.categories, None], name=column.name, dtype=object)
    return column_cells(values).take(np.where(codes < 0, len(values) - 1, codes))


def _floats(values: npt.NDArray[np.floating]) -> Cells:
    digits = SINGLE if values.dtype.itemsize == 4 else DOUBLE
    letters, ends = np.empty(len(values) * WIDEST, np.uint8), np.empty(len(values), np.uint64)
    exact = np.ascontiguousarray(values, np.float64)
    write_floats(exact, digits, letters, ends)
    cells = Cells.of(letters, ends)
    left = np.flatnonzero(cells.starts == cells.ends)
    if not len(left):
        return cells
    more = Cells.from_texts([_number(value, digits) for value in exact[left].tolist()])
    beyond = np.uint64(len(cells.letters))
    starts, after = cells.starts.copy(), ends.copy()
    starts[left], after[left] = more.starts + beyond, more.ends + beyond
    return Cells(np.concatenate([cells.letters, more.letters]), starts, after)


def _number(value: float, digits: int) -> str:
    if not isfinite(value):
        return "null"
    # QGIS guesses a column's type from the first few values: one that looks whole, as 0 does,
    # loses the decimals that follow.
    text = f"{value:.{digits}g}"
    return text if "." in text or "e" in text else f"{text}.0"


def _integers(values: Int64Array, missing: BoolArray) -> Cells:
    if len(values) and values.min() == np.iinfo(np.int64).min:
        listed = zip(values.tolist(), missing.tolist(), strict=True)
        return Cells.from_texts(["null" if lost else str(value) for value, lost in listed])
    letters, ends = np.empty(len(values) * WIDEST, np.uint8), np.empty(len(values), np.uint64)
    write_integers(values, missing, letters, ends)
    return Cells.of(letters, ends)


def text_buffers(values: Any) -> tuple[UInt8Array, Int64Array, BoolArray]:
    """Texts of a column: bytes in UTF-8, where each begins and the last ends, what is missing."""
    array = pa.array(values, type=pa.large_string(), from_pandas=True)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    _, places, source = array.buffers()
    missing = array.is_null().to_numpy(zero_copy_only=False)
    letters = np.frombuffer(source, np.uint8) if source else np.empty(0, np.uint8)
    if not len(array):
        return letters, np.zeros(1, np.int64), missing
    begins = np.frombuffer(places, np.int64)[array.offset : array.offset + len(array) + 1]
    return letters, begins, missing


def _texts(values: Any) -> Cells:
    source, begins, missing = text_buffers(values)
    size = int(begins[-1] - begins[0]) * ESCAPED
    letters, ends = np.empty(size + 4 * len(missing), np.uint8), np.empty(len(missing), np.uint64)
    write_texts(source, begins.view(np.uint64), missing, letters, ends)
    return Cells.of(letters, ends)


def _objects(cells: Iterable[object], name: str) -> Iterator[str]:
    for cell in cells:
        if isinstance(cell, str):
            yield encode_basestring(cell)
        elif cell is None or cell is pd.NA or cell is pd.NaT:
            yield "null"
        elif isinstance(cell, bool | np.bool_):
            yield "true" if cell else "false"
        elif isinstance(cell, int | np.integer):
            yield str(int(cell))
        elif isinstance(cell, float | np.floating):
            digits = SINGLE if isinstance(cell, np.float32 | np.float16) else DOUBLE
            yield _number(float(cell), digits)
        elif isinstance(cell, pd.Timestamp | np.datetime64):
            yield encode_basestring(moment(pd.Timestamp(cell)))
        else:
            remedy = "Properties are flat: join the parts into one text or use several columns."
            raise DataError(f"column {name}", cell, remedy)


def moment(at: pd.Timestamp) -> str:
    """A moment as RFC 3339 has it, with a Z for UTC."""
    return at.isoformat().replace("+00:00", "Z")


def rows(literals: Sequence[str], columns: Sequence[Cells]) -> Cells:
    """Rows put together: a literal before each cell, and the last one at the end."""
    pieces = [literal.encode() for literal in literals]
    base = np.cumsum([0, *(len(cells.letters) for cells in columns)], dtype=np.uint64)
    starts = np.stack([cells.starts + at for cells, at in zip(columns, base, strict=False)])
    ends = np.stack([cells.ends + at for cells, at in zip(columns, base, strict=False)])
    count = starts.shape[1]
    size = int((ends - starts).sum()) + count * sum(len(piece) for piece in pieces)
    out, row_ends = np.empty(size, np.uint8), np.empty(count, np.uint64)
    write_rows(
        np.frombuffer(b"".join(pieces), np.uint8),
        np.cumsum([len(piece) for piece in pieces], dtype=np.uint64),
        np.concatenate([cells.letters for cells in columns]), starts, ends, out, row_ends,
    )  # fmt: skip
    return Cells.of(out, row_ends)
