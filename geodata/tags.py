"""Properties of features as a vector tile holds them: keys and values, each written once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.errors import DataError

Texts = tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]
"""Encoded entries one after the other, and where each begins; one more offset than entries."""

_KEY, _VALUE = 3, 4
_STRING, _DOUBLE, _UNSIGNED, _SIGNED, _BOOLEAN = 1, 3, 5, 6, 7
_SINGLE_DIGITS, _DOUBLE_DIGITS = 7, 12


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

    keys: Texts
    values: Texts
    cells: npt.NDArray[np.int32]
    fields: dict[str, str]


def tags_of(table: pd.DataFrame) -> Tags:
    """Encode a table of scalars; what is missing or infinite is left out.

    Numbers keep the digits that `geodata.geojson` writes, so that a property is the same in a
    tile and in a feature.

    Raises
    ------
    DataError
        When a cell is not a text, a number or a truth.
    """
    cells = np.full((len(table), table.shape[1]), -1, np.int32)
    number_of: dict[bytes, int] = {}
    fields = {}
    for place, (name, column) in enumerate(table.items()):
        fields[str(name)], texts, codes = _encoded(column)
        numbers = [number_of.setdefault(text, len(number_of)) for text in texts]
        known = codes >= 0
        cells[known, place] = np.array(numbers, np.int32)[codes[known]]
    return Tags(
        keys=_joined([_field(_KEY, str(name).encode()) for name in table.columns]),
        values=_joined(list(number_of)),
        cells=cells,
        fields=fields,
    )


def _encoded(column: pd.Series) -> tuple[str, list[bytes], npt.NDArray[np.int64]]:
    """What a column holds, its different values encoded, and which of them each row has."""
    kind = column.dtype
    if pd.api.types.is_bool_dtype(kind):
        codes, found = pd.factorize(column)
        return "Boolean", [_boolean(value) for value in found], codes
    if pd.api.types.is_integer_dtype(kind):
        codes, found = pd.factorize(column)
        return "Number", [_whole(int(value)) for value in found], codes
    if pd.api.types.is_float_dtype(kind):
        values = column.to_numpy(np.float64, na_value=np.nan)
        digits = _SINGLE_DIGITS if getattr(kind, "itemsize", 8) <= 4 else _DOUBLE_DIGITS
        codes, unique = pd.factorize(np.where(np.isfinite(values), values, np.nan))
        return "Number", [_double(float(f"{value:.{digits}g}")) for value in unique], codes
    try:
        codes, found = pd.factorize(column.astype(object))
    except TypeError as error:
        raise _nested(column.name, column.iloc[0]) from error
    return "String", [_text(value, column.name) for value in found], codes


def _text(value: object, name: object) -> bytes:
    if isinstance(value, pd.Timestamp):
        value = value.isoformat()
    if not isinstance(value, str):
        raise _nested(name, value)
    return _field(_VALUE, _field(_STRING, value.encode()))


def _nested(name: object, value: object) -> DataError:
    remedy = "Properties are flat: join the parts into one text or use several columns."
    return DataError(f"column {name}", value, remedy)


def _double(value: float) -> bytes:
    return _field(_VALUE, bytes([_DOUBLE << 3 | 1]) + np.float64(value).tobytes())


def _whole(value: int) -> bytes:
    """A whole number, signed only where it has to be."""
    if value < 0:
        return _field(_VALUE, bytes([_SIGNED << 3]) + varint(-2 * value - 1))
    return _field(_VALUE, bytes([_UNSIGNED << 3]) + varint(value))


def _boolean(value: object) -> bytes:
    return _field(_VALUE, bytes([_BOOLEAN << 3, bool(value)]))


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2]) + varint(len(content)) + content


def varint(value: int) -> bytes:
    """A number in groups of seven bits, the lowest first, as protocol buffers hold it."""
    groups = []
    while value >= 128:
        groups.append(value & 127 | 128)
        value >>= 7
    return bytes([*groups, value])


def _joined(entries: list[bytes]) -> Texts:
    start: Any = np.cumsum([0, *map(len, entries)])
    return np.frombuffer(b"".join(entries), np.uint8), start.astype(np.int64)
