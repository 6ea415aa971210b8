"""Compiled kernels that write JSON as bytes: numbers, texts, coordinates, whole rows.

Each writes into an array of bytes that the caller made large enough, and says where every
piece ends. `geodata.formats.geojson.columns` and `geodata.formats.geojson.features` decide what is
written. Places in arrays are unsigned throughout: a signed one is checked for counting from the
end, at four times the cost. What is done for every digit is compiled into its callers, since to
hand an array over costs more than to write a byte.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from geodata.arrays import BoolArray, Float64Array, Int64Array, UInt8Array, UInt64Array
from geodata.computing.compiled import kernel

WIDEST = 26
"""Bytes that one number takes at most."""
ESCAPED = 6
"""Bytes that one byte of a text takes at most."""
POINT, POLYGON, MULTI_POINT, MULTI_POLYGON = 0, 3, 4, 6
"""Types of shapes as shapely numbers them."""

_0, _1, _2, _4, _6 = np.uint64(0), np.uint64(1), np.uint64(2), np.uint64(4), np.uint64(6)
_TEN, _HUNDRED, _MILLION = np.uint64(10), np.uint64(100), np.uint64(1_000_000)
_CENTURY, _MYRIAD = np.uint32(100), np.uint32(10_000)
_TENS = 10 ** np.arange(19, dtype=np.uint64)
_EXACT = 10.0 ** np.arange(19)
_PAIRS = np.frombuffer("".join(f"{number:02}" for number in range(100)).encode(), np.uint8)
_NULL = np.frombuffer(b"null", np.uint8)
_HEX = np.frombuffer(b"0123456789abcdef", np.uint8)
_SHORT = np.zeros(32, np.uint8)
_SHORT[[8, 9, 10, 12, 13]] = np.frombuffer(b"btnfr", np.uint8)
_MINUS, _DOT, _ZERO, _QUOTE, _BACKSLASH, _COMMA, _OPEN, _CLOSE = b'-.0"\\,[]'
_U, _BRACE = b"u}"


class TextBuffer(NamedTuple):
    """Bytes of texts one after another, and where each ends."""

    letters: UInt8Array
    ends: UInt64Array


class ShapeArrays(NamedTuple):
    """Shapes as arrays.

    Parameters
    ----------
    kinds
        Type of each as shapely numbers it.
    parts, rings, points
        Where the parts of each shape, the rings of each part, and the points of each ring
        end; a point or a line is a part of one ring.
    xy
        Coordinates of the points; shape (points, 2).
    """

    kinds: UInt64Array
    parts: UInt64Array
    rings: UInt64Array
    points: UInt64Array
    xy: Float64Array


@kernel(nogil=True)
def _copy(out: UInt8Array, at: Any, source: UInt8Array, begun: Any, end: Any) -> Any:
    while begun < end:
        out[at] = source[begun]
        at += _1
        begun += _1
    return at


@kernel(nogil=True, inline="always")
def _put(out: UInt8Array, at: Any, byte: int) -> Any:
    out[at] = byte
    return at + _1


@kernel(nogil=True)
def _null(out: UInt8Array, at: Any) -> Any:
    return _copy(out, at, _NULL, _0, _4)


@kernel(nogil=True)
def _padded(out: UInt8Array, at: Any, value: Any, width: Any) -> Any:
    """Digits of a number with zeros before it."""
    place = at + width
    while place > at + _1:
        rest = value // _HUNDRED
        pair = (value - rest * _HUNDRED) * _2
        place -= _2
        out[place], out[place + _1] = _PAIRS[pair], _PAIRS[pair + _1]
        value = rest
    if place > at:
        out[at] = _ZERO + np.uint8(value % _TEN)
    return at + width


@kernel(nogil=True)
def _put_integer(out: UInt8Array, at: Any, value: Any) -> Any:
    """Digits of a number."""
    if value < _HUNDRED:
        # Degrees, mostly.
        pair = value * _2
        if value >= _TEN:
            at = _put(out, at, _PAIRS[pair])
        return _put(out, at, _PAIRS[pair + _1])
    width = _2
    while width < len(_TENS) and value >= _TENS[width]:
        width += _1
    return _padded(out, at, value, width)


@kernel(nogil=True)
def _decimals(out: UInt8Array, at: Any, value: Any, places: Any) -> Any:
    """`value` divided by ten to the power `places`, without idle zeros and their point."""
    integer = value // _TENS[places]
    rest = value - integer * _TENS[places]
    at = _put_integer(out, at, integer)
    if rest == _0:
        return at
    at = _padded(out, _put(out, at, _DOT), rest, places)
    while out[at - _1] == _ZERO:
        at -= _1
    return at


@kernel(nogil=True, inline="always")
def _millionths(out: UInt8Array, at: Any, value: Any) -> Any:
    """`value` divided by a million, as `_decimals` has it, in half the time.

    Nearly all that is written are degrees. Pairs of digits that do not wait for each other are
    what a processor does at once, and 32 bits are divided faster than 64.
    """
    integer = value // _MILLION
    rest = np.uint32(value - integer * _MILLION)
    at = _put_integer(out, at, integer)
    if rest == 0:
        return at
    at = _put(out, at, _DOT)
    first = rest // _MYRIAD
    others = rest - first * _MYRIAD
    second = others // _CENTURY
    _put_pair(out, at, first)
    _put_pair(out, at + _2, second)
    _put_pair(out, at + _4, others - second * _CENTURY)
    at += _6
    while out[at - _1] == _ZERO:
        at -= _1
    return at


@kernel(nogil=True, inline="always")
def _put_pair(out: UInt8Array, at: Any, value: Any) -> None:
    """Two digits of a number below a hundred."""
    pair = np.uint64(value) * _2
    out[at], out[at + _1] = _PAIRS[pair], _PAIRS[pair + _1]


@kernel(nogil=True)
def write_integers(
    values: Int64Array, missing: BoolArray, out: UInt8Array, ends: UInt64Array
) -> None:
    """Integers in full, one after another; null where missing."""
    at = _0
    for row in range(np.uint64(len(values))):
        if missing[row]:
            at = _null(out, at)
        else:
            if values[row] < 0:
                at = _put(out, at, _MINUS)
            at = _put_integer(out, at, np.uint64(abs(values[row])))
        ends[row] = at


@kernel(nogil=True)
def write_floats(values: Float64Array, digits: int, out: UInt8Array, ends: UInt64Array) -> None:
    """Floats as ``%.{digits}g`` writes them, with a point; what is not finite is null.

    A number is scaled to an integer of `digits` digits. Where rounding of the scaling
    could decide the last digit, or an exponent is due, the piece is left empty for the
    caller to fill in.
    """
    limit = _EXACT[digits]
    at = _0
    for row in range(np.uint64(len(values))):
        size = abs(values[row])
        if not np.isfinite(size):
            at = _null(out, at)
        elif size == 0.0 or 1e-4 <= size < limit:
            places = digits - 1 - int(np.floor(np.log10(size))) if size else 1
            scaled = size * _EXACT[places]
            near = np.floor(scaled + 0.5)
            sure = abs(scaled - np.floor(scaled) - 0.5) > 1e-3
            if size == 0.0 or (sure and limit / 10 <= near < limit):
                if np.signbit(values[row]):
                    at = _put(out, at, _MINUS)
                begun = at
                at = _decimals(out, at, np.uint64(near), np.uint64(places))
                at = _pointed(out, begun, at)
        ends[row] = at


@kernel(nogil=True)
def _pointed(out: UInt8Array, begun: Any, at: Any) -> Any:
    """A number that looks whole gets ``.0``."""
    while begun < at:
        if out[begun] == _DOT:
            return at
        begun += _1
    return _put(out, _put(out, at, _DOT), _ZERO)


@kernel(nogil=True)
def write_texts(
    source: UInt8Array, offsets: UInt64Array, missing: BoolArray, out: UInt8Array, ends: UInt64Array
) -> None:
    """Texts in UTF-8 as JSON strings; null where missing."""
    at = _0
    for row in range(np.uint64(len(missing))):
        if missing[row]:
            at = _null(out, at)
        else:
            at = _put(out, at, _QUOTE)
            for index in range(offsets[row], offsets[row + _1]):
                at = _escaped(out, at, source[index])
            at = _put(out, at, _QUOTE)
        ends[row] = at


@kernel(nogil=True)
def _escaped(out: UInt8Array, at: Any, byte: Any) -> Any:
    if byte >= 32 and byte != _QUOTE and byte != _BACKSLASH:
        return _put(out, at, byte)
    at = _put(out, at, _BACKSLASH)
    if byte >= 32:
        return _put(out, at, byte)
    if _SHORT[byte]:
        return _put(out, at, _SHORT[byte])
    at = _put(out, _put(out, _put(out, at, _U), _ZERO), _ZERO)
    return _put(out, _put(out, at, _HEX[byte >> 4]), _HEX[byte & 15])


@kernel(nogil=True)
def write_shapes(
    shapes: ShapeArrays, openings: TextBuffer, places: int, written: TextBuffer
) -> None:
    """Geometry objects; null where a shape has no parts.

    Parameters
    ----------
    openings
        How the object of each kind of shape begins; their ends follow a zero.
    places
        Decimals that are kept.
    written
        Filled in.
    """
    kinds, parts, rings, points, _ = shapes
    names, name_ends = openings
    out, ends = written
    at = part = ring = begun = _0
    for row in range(np.uint64(len(kinds))):
        if part == parts[row]:
            at = _null(out, at)
            ends[row] = at
            continue
        kind = kinds[row]
        at = _copy(out, at, names, name_ends[kind], name_ends[kind + _1])
        while part < parts[row]:
            at = _part(out, at, shapes, kind, ring, rings[part], begun, np.uint64(places))
            ring = rings[part]
            begun = points[ring - _1]
            part += _1
            if part < parts[row]:
                at = _put(out, at, _COMMA)
        if kind >= MULTI_POINT:
            at = _put(out, at, _CLOSE)
        at = _put(out, at, _BRACE)
        ends[row] = at


@kernel(nogil=True)
def _part(
    out: UInt8Array, at: Any, shapes: ShapeArrays, kind: Any, ring: Any, last: Any, begun: Any,
    places: Any,
) -> Any:  # fmt: skip
    """One point, line or polygon."""
    points, xy = shapes.points, shapes.xy
    area = kind in (POLYGON, MULTI_POLYGON)
    listed = kind not in (POINT, MULTI_POINT)
    if area:
        at = _put(out, at, _OPEN)
    while ring < last:
        at = _positions(out, at, begun, points[ring], xy, places, listed)
        begun = points[ring]
        ring += _1
        if ring < last:
            at = _put(out, at, _COMMA)
    return _put(out, at, _CLOSE) if area else at


@kernel(nogil=True, inline="always")
def _positions(
    out: UInt8Array, at: Any, index: Any, end: Any, xy: Float64Array, places: Any, listed: bool
) -> Any:
    if listed:
        at = _put(out, at, _OPEN)
    while index < end:
        at = _coordinate(out, _put(out, at, _OPEN), xy[index, _0], places)
        at = _coordinate(out, _put(out, at, _COMMA), xy[index, _1], places)
        at = _put(out, at, _CLOSE)
        index += _1
        if index < end:
            at = _put(out, at, _COMMA)
    return _put(out, at, _CLOSE) if listed else at


@kernel(nogil=True, inline="always")
def _coordinate(out: UInt8Array, at: Any, value: float, places: Any) -> Any:
    """Rounded as numpy rounds, without trailing zeros or a negative zero."""
    near = np.rint(value * _EXACT[places])
    if near < 0:
        at = _put(out, at, _MINUS)
    size = np.uint64(abs(near))
    return _millionths(out, at, size) if places == _6 else _decimals(out, at, size, places)


@kernel(nogil=True)
def write_rows(
    literals: UInt8Array, literal_ends: UInt64Array, cells: UInt8Array, starts: UInt64Array,
    ends: UInt64Array, out: UInt8Array, row_ends: UInt64Array,
) -> None:  # fmt: skip
    """Rows of cells with a literal before each cell and one at the end.

    Parameters
    ----------
    starts, ends
        Where each cell begins and ends, of shape (columns, rows).
    """
    at = _0
    columns, rows = np.uint64(starts.shape[0]), np.uint64(starts.shape[1])
    for row in range(rows):
        begun = _0
        for column in range(columns):
            at = _copy(out, at, literals, begun, literal_ends[column])
            begun = literal_ends[column]
            at = _copy(out, at, cells, starts[column, row], ends[column, row])
        at = _copy(out, at, literals, begun, literal_ends[columns])
        row_ends[row] = at
