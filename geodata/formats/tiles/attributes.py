"""Properties of features as a vector tile holds them: keys and values, each written once.

Compiled code looks for each cell of a column among the entries so far, by a hash of what it
says, and adds an entry only when it is new.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from geodata.arrays import BoolArray, Int32Array, Int64Array, UInt8Array, UInt64Array
from geodata.computing.compiled import kernel
from geodata.errors import DataError
from geodata.formats.geojson.columns import DOUBLE, SINGLE, moment, text_buffers
from geodata.formats.tiles.clip import inner
from geodata.formats.tiles.varint import put_varint, varint, width

_KEY, _VALUE = 3, 4
_STRING, _DOUBLE, _UNSIGNED, _SIGNED, _BOOLEAN = 1, 3, 5, 6, 7
_WIDEST = 16
"""Bytes that a number takes at most, or a text beyond its own."""
_EXACT = 10.0 ** np.arange(23)
"""Powers of ten that a float holds exactly."""
_MOST_PLACES = len(_EXACT) - 1
_TURN = np.uint64(0x9E3779B97F4A7C15)
"""Odd number near 2**64 by the golden ratio: multiplied by it, bytes spread well."""


class TileTexts(NamedTuple):
    """Encoded entries one after the other, and where each begins; one more offset than entries."""

    letters: UInt8Array
    begins: Int64Array


@dataclass(frozen=True, kw_only=True)
class Tags:
    """All keys and values of a layer, encoded as fields of a layer of a vector tile.

    Parameters
    ----------
    keys, values
        Entries to be copied into a tile.
    cells
        Which value each feature has of each key, -1 for none; shape (features, keys).
    fields
        Name of each property, and what it holds: Number, String or Boolean, as TileJSON says it.
    """

    keys: TileTexts
    values: TileTexts
    cells: Int32Array
    fields: dict[str, str]


class _Texts(NamedTuple):
    """A column of texts in UTF-8, one after the other, and where each begins."""

    source: UInt8Array
    begins: Int64Array
    known: BoolArray

    @property
    def says(self) -> str:
        """What TileJSON calls it."""
        return "String"

    @property
    def size(self) -> int:
        """Bytes that its entries take at most."""
        return int(self.begins[-1] - self.begins[0]) + _WIDEST * len(self.known)


class _Numbers(NamedTuple):
    """A column of numbers or truths as 64 bits each, and the field of a value that they fill."""

    bits: UInt64Array
    form: int
    known: BoolArray

    @property
    def says(self) -> str:
        """What TileJSON calls it."""
        return "Boolean" if self.form == _BOOLEAN else "Number"

    @property
    def size(self) -> int:
        """Bytes that its entries take at most."""
        return _WIDEST * len(self.known)


def tags_of(table: pd.DataFrame) -> Tags:
    """Encode a table of scalars; what is missing or infinite is left out.

    Numbers keep the digits that `geodata.formats.geojson.features` writes, so that a property is
    the same in a tile and in a feature.

    Raises
    ------
    DataError
        When a cell is not a text, a number or a truth.
    """
    columns = {str(name): _read(column) for name, column in table.items()}
    cells = np.full((len(table), len(columns)), -1, np.int32)
    entries = TileTexts(
        np.empty(_WIDEST + sum(column.size for column in columns.values()), np.uint8),
        np.zeros(cells.size + 1, np.int64),
    )
    texts, numbers, count = _slots(columns, _Texts), _slots(columns, _Numbers), 0
    for place, column in enumerate(columns.values()):
        write: Any = _write_texts if isinstance(column, _Texts) else _write_numbers
        slots = texts if isinstance(column, _Texts) else numbers
        count = write(column, entries, slots, count, cells, place)
    begins = entries.begins[: count + 1].copy()
    return Tags(
        keys=_keys(columns),
        values=TileTexts(entries.letters[: begins[-1]].copy(), begins),
        cells=cells,
        fields={name: column.says for name, column in columns.items()},
    )


def _slots(columns: dict[str, _Texts | _Numbers], kind: type) -> Int32Array:
    """Room for the entries of all columns of a kind, by their hash."""
    cells = sum(len(column.known) for column in columns.values() if isinstance(column, kind))
    # Twice as many slots as entries at least, so that an empty one is never far.
    return np.full(2 << cells.bit_length(), -1, np.int32)


def _keys(names: Any) -> TileTexts:
    """Names of properties as entries."""
    texts = [name.encode() for name in names]
    entries = [bytes([_KEY << 3 | 2]) + varint(len(text)) + text for text in texts]
    begins: Any = np.cumsum([0, *map(len, entries)])
    return TileTexts(np.frombuffer(b"".join(entries), np.uint8), begins.astype(np.int64))


def _read(column: pd.Series) -> _Texts | _Numbers:
    """A column as compiled code takes it."""
    kind = column.dtype
    if isinstance(kind, pd.StringDtype):
        return _texts(column.array)
    if pd.api.types.is_float_dtype(kind):
        return _float(column)
    if pd.api.types.is_bool_dtype(kind):
        return _integers(column, _BOOLEAN)
    if pd.api.types.is_integer_dtype(kind):
        return _integers(column, _UNSIGNED if "uint" in str(kind).lower() else _SIGNED)
    return _texts([_cell_text(value, column.name) for value in column.astype(object)])


def _integers(column: pd.Series, form: int) -> _Numbers:
    if isinstance(column.dtype, np.dtype):
        bits = column.to_numpy().astype(np.uint64)
        return _Numbers(bits, form, np.ones(len(column), np.bool_))
    known = np.array(column.notna())
    # Signed integers are read as int64 first, whose bits uint64 keeps.
    signed = column.to_numpy(np.int64 if form == _SIGNED else np.uint64, na_value=0)
    return _Numbers(signed.view(np.uint64), form, known)


def _float(column: pd.Series) -> _Numbers:
    if isinstance(column.dtype, np.dtype):
        values = column.to_numpy().astype(np.float64)
    else:
        values = np.array(column.to_numpy(np.float64, na_value=np.nan))
    digits = SINGLE if getattr(column.dtype, "itemsize", 8) <= 4 else DOUBLE
    rounded, known, unsure = _rounded(values, digits)
    for row in unsure:
        rounded[row] = float(f"{values[row]:.{digits}g}")
    return _Numbers(rounded.view(np.uint64), _DOUBLE, known)


def _texts(values: Any) -> _Texts:
    source, begins, missing = text_buffers(values)
    return _Texts(source=source, begins=begins, known=~missing)


def _cell_text(value: object, name: object) -> str | None:
    """A cell as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, pd.Timestamp):
        return moment(value)
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, float) and np.isnan(value):
        return None
    remedy = "Properties are flat: join the parts into one text or use several columns."
    raise DataError(f"column {name}", value, remedy)


@kernel(nogil=True, error_model="numpy")
def _rounded(values: Any, digits: Any) -> Any:
    """Floats as ``%.{digits}g`` writes them.

    A number is scaled to a whole one of `digits` digits, rounded, and scaled back, which is
    exact where the power of ten is. Where the rounding of the scaling could decide the last
    digit, it is left as it is.

    Returns
    -------
    (rounded, known, unsure)
        Numbers, which of them are finite, and rows of those that are left to be rounded.
    """
    least, limit = _EXACT[digits - 1], _EXACT[digits]
    rounded, known = values.copy(), np.isfinite(values)
    unsure, left, places = np.empty(len(values), np.int64), 0, 0
    for row in range(len(values)):
        size = abs(values[row])
        if size == 0.0 or not known[row]:
            continue
        # Neighbours are often of one magnitude: where the last was scaled to is a good guess.
        scaled = _scaled(size, places)
        while scaled >= limit and places > -_MOST_PLACES:
            places -= 1
            scaled = _scaled(size, places)
        while scaled < least and places < _MOST_PLACES:
            places += 1
            scaled = _scaled(size, places)
        near = np.floor(scaled + 0.5)
        if abs(scaled - np.floor(scaled) - 0.5) > 1e-3 and least <= near < limit:
            rounded[row] = np.copysign(_scaled(near, -places), values[row])
        else:
            unsure[left] = row
            left += 1
    return rounded, known, unsure[:left]


@inner
def _scaled(value: Any, places: Any) -> Any:
    """A number times a power of ten."""
    return value * _EXACT[places] if places >= 0 else value / _EXACT[-places]


@inner
def _repeats(source: Any, ends: Any, row: Any) -> Any:
    """Whether a text says the same as the one before it."""
    start, before, size = ends[row], ends[row - 1], ends[row + 1] - ends[row]
    if size != start - before:
        return False
    same = 0
    while same < size and source[start + same] == source[before + same]:
        same += 1
    return same == size


@inner
def _slot(
    slots: Any, mixed: Any, entries: TileTexts, length: Any, source: Any, start: Any, size: Any
) -> Any:
    """Where the number of an entry is noted, or is to be noted when it is new.

    Parameters
    ----------
    slots
        Numbers of entries by their hash, -1 where there is none.
    mixed
        Hash of what the entry says.
    entries
        Those so far.
    length
        Bytes of the entry.
    source, start, size
        Bytes with which it ends; what comes before them is the same in all of its length.
    """
    letters, begins = entries
    mask = np.uint64(len(slots) - 1)
    slot = (mixed ^ (mixed >> np.uint64(32))) & mask
    while slots[slot] >= 0:
        end = begins[slots[slot] + 1]
        if end - begins[slots[slot]] == length:
            same = 0
            while same < size and letters[end - size + same] == source[start + same]:
                same += 1
            if same == size:
                return slot
        slot = (slot + np.uint64(1)) & mask
    return slot


@kernel(nogil=True, error_model="numpy")
def _write_texts(
    column: _Texts, entries: TileTexts, slots: Any, count: Any, cells: Any, place: Any
) -> Any:
    """Enter a column of texts at its place; gives how many entries there are now."""
    source, ends, known = column
    letters, begins = entries
    for row in range(len(known)):
        if not known[row]:
            continue
        # Neighbours often say the same: a country, a class of road.
        if row and known[row - 1] and _repeats(source, ends, row):
            cells[row, place] = cells[row - 1, place]
            continue
        start, size = ends[row], ends[row + 1] - ends[row]
        mixed = np.uint64(size)
        for k in range(start, start + size):
            mixed = (mixed ^ np.uint64(source[k])) * _TURN
        inside = size + 1 + width(size)
        length = inside + 1 + width(inside)
        slot = _slot(slots, mixed, entries, length, source, start, size)
        if slots[slot] < 0:
            n = begins[count]
            letters[n] = _VALUE << 3 | 2
            n = put_varint(letters, n + 1, np.uint64(inside))
            letters[n] = _STRING << 3 | 2
            n = put_varint(letters, n + 1, np.uint64(size))
            for k in range(size):
                letters[n + k] = source[start + k]
            slots[slot] = count
            count += 1
            begins[count] = n + size
        cells[row, place] = slots[slot]
    return count


@kernel(nogil=True, error_model="numpy")
def _write_numbers(
    column: _Numbers, entries: TileTexts, slots: Any, count: Any, cells: Any, place: Any
) -> Any:
    """Enter a column of numbers at its place; gives how many entries there are now."""
    bits, form, known = column
    letters, begins = entries
    for row in range(len(known)):
        if not known[row]:
            continue
        if row and known[row - 1] and bits[row] == bits[row - 1]:
            cells[row, place] = cells[row - 1, place]
            continue
        begin, value = begins[count], bits[row]
        field = form if form != _SIGNED or np.int64(value) < 0 else _UNSIGNED
        mixed = (value ^ (value >> np.uint64(32)) ^ np.uint64(field)) * _TURN
        # Written behind the others, where it stays when it is new.
        letters[begin] = _VALUE << 3 | 2
        n = begin + 3
        if field == _DOUBLE:
            letters[n - 1] = _DOUBLE << 3 | 1
            for _ in range(8):
                letters[n] = value & np.uint64(255)
                value >>= np.uint64(8)
                n += 1
        else:
            letters[n - 1] = field << 3
            n = put_varint(letters, n, ~(value << np.uint64(1)) if field == _SIGNED else value)
        letters[begin + 1] = n - begin - 2
        slot = _slot(slots, mixed, entries, n - begin, letters, begin, n - begin)
        if slots[slot] < 0:
            slots[slot] = count
            count += 1
            begins[count] = n
        cells[row, place] = slots[slot]
    return count
