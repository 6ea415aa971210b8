"""Tables of a spreadsheet (CSV): commas, semicolons or tabs, decimal points or commas."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from geodata.arrays import ObjectArray
from geodata.entries.numbers import as_float
from geodata.errors import DataError
from geodata.sources.userfiles.formats.text import read_text
from geodata.sources.userfiles.layer import MOST_ROWS, UserLayer, heading_of, missing
from geodata.sources.userfiles.source import Source

EASTINGS = (
    "lon", "long", "lng", "longitude", "longitud", "decimallongitude", "longitude_deg", "lon_dd",
    "x", "x_coord", "xcoord", "coord_x", "point_x", "coordenada_x",
)  # fmt: skip
"""Headings of the longitude, as `plain_heading` gives them; the first that is there."""
NORTHINGS = (
    "lat", "latitude", "latitud", "decimallatitude", "latitude_deg", "lat_dd",
    "y", "y_coord", "ycoord", "coord_y", "point_y", "coordenada_y",
)  # fmt: skip
"""Headings of the latitude."""
_DEGREES = "Give WGS 84 degrees as a number such as -88.03, or leave both empty."
_THOUSANDS = "Give degrees as a number with one decimal point or comma, and no other separator."
_SPLIT = (
    "Are these degrees with decimal commas? Quote them, or save the table with semicolons; "
    "write whole degrees with a decimal point, such as -88.0."
)
_UNITS, _DECIMALS = r"[+-]?\d+", r"\d+"
_BROKEN = "Quote fields that hold a comma, or save the table with semicolons."


@dataclass(frozen=True, kw_only=True)
class _Line:
    """A record of a table, and the line that it begins in."""

    number: int
    fields: list[str]

    @property
    def is_blank(self) -> bool:
        return not any(field.strip() for field in self.fields)

    @property
    def is_marked(self) -> bool:
        """Whether it begins as a comment does."""
        return self.fields[0].lstrip().startswith("#")


@dataclass(frozen=True, kw_only=True)
class _Heading:
    """The first record, and which of its fields are longitude and latitude."""

    names: list[str]
    x: int
    y: int


def read_table(source: Source) -> UserLayer:
    """Points of a CSV table, whose first line names its columns.

    Empty lines and lines that begin with ``#`` are passed over; numbers of lines count them.

    Raises
    ------
    InputError, DataError, OSError
        When it cannot be read; the message names the line and the column.
    """
    records = _records(source)
    heading = _heading(records, source)
    kept = _kept(records, heading, source)
    places = [_place(line, heading, source) for line in kept]
    shapes = np.full(len(kept), None, object)
    there = np.array([place is not None for place in places], bool)
    placed = [place for place in places if place is not None]
    shapes[there] = shapely.points(np.array(placed, float).reshape(-1, 2))
    return _layer(kept, heading, shapes, source)


def read_rows(source: Source) -> UserLayer:
    """Rows of a CSV table that are of no place; none has a shape.

    Raises
    ------
    InputError, DataError, OSError
        As `read_table`, but for places.
    """
    records = _records(source)
    heading = _Heading(names=[name.strip() for name in _head(records)], x=-1, y=-1)
    if not heading.names:
        raise source.refusal("The file is empty.")
    kept = _kept(records, heading, source)
    return _layer(kept, heading, np.full(len(kept), None, object), source)


def _records(source: Source) -> Iterator[_Line]:
    text = read_text(source)
    return (line for line in _lines(text, _delimiter(text, source), source) if not line.is_blank)


def _kept(records: Iterator[_Line], heading: _Heading, source: Source) -> list[_Line]:
    """Rows that are no comments, each as long as the heading."""
    kept: list[_Line] = []
    for line in records:
        if not _is_comment(line, heading, source):
            kept.append(line)
        if len(kept) > MOST_ROWS:
            raise source.refusal(f"It has more than {MOST_ROWS:,} rows; give fewer.")
    if not kept:
        raise source.refusal("It has a heading and no rows.")
    # Where all rows end with as many delimiters, nobody has put a comma into one of them.
    even = len({len(line.fields) for line in kept}) == 1
    kept = [_fitted(line, heading, source, even=even) for line in kept]
    _check_split(kept, heading, source)
    return kept


def _check_split(kept: list[_Line], heading: _Heading, source: Source) -> None:
    """Refuse a table of whole degrees that may be the halves of numbers with decimal commas."""
    x, y = sorted((heading.x, heading.y))
    if x < 0 or y != x + 1 or x + 4 > len(heading.names):
        return
    placed = [line for line in kept if any(line.fields[at].strip() for at in (x, y))]
    if placed and all(_is_split(line.fields[x : x + 4]) for line in placed):
        where = f"{source.path.name}, line {placed[0].number}"
        raise DataError(where, ",".join(placed[0].fields)[:60], _SPLIT)


def _is_split(fields: list[str]) -> bool:
    """Whether four fields may be two numbers, each parted at its comma."""
    return all(
        re.fullmatch(sign, text.strip())
        for sign, text in zip((_UNITS, _DECIMALS) * 2, fields, strict=True)
    )


def _layer(kept: list[_Line], heading: _Heading, shapes: ObjectArray, source: Source) -> UserLayer:
    columns = [
        (name, [line.fields[at].strip() for line in kept]) for at, name in enumerate(heading.names)
    ]
    return UserLayer(
        name=source.path.name,
        rows=[f"line {line.number}" for line in kept],
        shapes=shapes,
        columns=columns,
    )


def _lines(text: str, delimiter: str, source: Source) -> Iterator[_Line]:
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=True
    )
    before = 0
    while True:
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            remedy = _csv_remedy(error, before + 1)
            raise source.refusal(remedy) from error
        if not (before == 0 and re.fullmatch(r"sep=.?", "".join(fields), re.IGNORECASE)):
            yield _Line(number=before + 1, fields=fields)
        before = reader.line_num


def _csv_remedy(error: csv.Error, line: int) -> str:
    if "unexpected end" in str(error):
        return f"A quotation mark is opened in line {line} and not closed."
    if "field limit" in str(error):
        most = f"{csv.field_size_limit():,}"
        return f"Line {line} has a field of over {most} letters; is a quotation mark not closed?"
    return f"Line {line} is no line of a table: {error}."


def _delimiter(text: str, source: Source) -> str:
    """The delimiter by which the heading has a longitude and a latitude, or most fields."""
    declared = re.match(r"sep=([,;\t|])\r?\n", text, re.IGNORECASE)
    if declared:
        return declared[1]
    scores: dict[str, tuple[bool, int]] = {}
    failure: DataError | None = None
    for delimiter in ",;\t|":
        try:
            names = _head(_lines(text, delimiter, source))
        except DataError as error:
            failure = error
            continue
        pair = [_position(names, wanted, source) for wanted in (EASTINGS, NORTHINGS)]
        scores[delimiter] = (None not in pair, len(names))
    if not scores and failure is not None:
        raise failure
    return max(scores, key=lambda delimiter: scores[delimiter])


def _position(names: list[str], wanted: tuple[str, ...], source: Source) -> int | None:
    return heading_of(names, wanted, file=source.path.name)


def _head(lines: Iterator[_Line]) -> list[str]:
    """Fields of the first line that is neither empty nor a comment."""
    for line in lines:
        if not line.is_blank and not (line.is_marked and not _names_columns(line.fields)):
            return line.fields
    return []


def _names_columns(fields: list[str]) -> bool:
    """Whether a line that begins with ``#`` is a heading, such as ``#,lon,lat``."""
    bare = [fields[0].lstrip(" #"), *fields[1:]]
    try:
        pair = [heading_of(bare, wanted, file="") for wanted in (EASTINGS, NORTHINGS)]
    except DataError:
        # A comment may say a word twice, a heading may not.
        return False
    return None not in pair


def _heading(records: Iterator[_Line], source: Source) -> _Heading:
    names = [name.strip().lstrip("#").strip() for name in _head(records)]
    x = _position(names, EASTINGS, source)
    y = _position(names, NORTHINGS, source)
    if x is None or y is None:
        wanted = ["lon and lat", "longitude and latitude", "longitud and latitud", "x and y"]
        raise missing(names, wanted, file=source.path.name)
    return _Heading(names=names, x=x, y=y)


def _is_comment(line: _Line, heading: _Heading, source: Source) -> bool:
    """Whether a line is a comment; one that could be a row as well is refused."""
    if not line.is_marked:
        return False
    if (
        heading.x >= 0
        and len(line.fields) == len(heading.names)
        and 0 not in (heading.x, heading.y)
    ):
        texts = [line.fields[at].strip() for at in (heading.x, heading.y)]
        if all(map(_is_number, texts)):
            remedy = "It begins with # as a comment and holds a place: take away the # or the line."
            where = f"{source.path.name}, line {line.number}"
            raise DataError(where, line.fields[0], remedy)
    return True


def _is_number(text: str) -> bool:
    try:
        as_float(text)
    except ValueError:
        return False
    return True


def _fitted(line: _Line, heading: _Heading, source: Source, *, even: bool) -> _Line:
    """A line with as many fields as the heading, whose surplus is blank and that of all rows."""
    wanted = len(heading.names)
    surplus = line.fields[wanted:]
    if any(field.strip() for field in surplus) or (surplus and not even):
        remedy = f"It has more fields than the {wanted} that the heading names. {_BROKEN}"
        raise DataError(f"{source.path.name}, line {line.number}", len(line.fields), remedy)
    fields = [*line.fields, *[""] * (wanted - len(line.fields))][:wanted]
    return _Line(number=line.number, fields=fields)


def _place(line: _Line, heading: _Heading, source: Source) -> tuple[float, float] | None:
    """Longitude and latitude, None where both are empty."""
    ends = (heading.x, heading.y)
    if not any(line.fields[at].strip() for at in ends):
        return None
    x, y = (_degrees(line, at, heading.names[at], source) for at in ends)
    return x, y


def _degrees(line: _Line, at: int, name: str, source: Source) -> float:
    text: Any = line.fields[at].strip()
    where = f"{source.path.name}, line {line.number}, {name}"
    try:
        return as_float(text)
    except ValueError:
        separators = sum(text.count(mark) for mark in ".,'")
        raise DataError(where, text, _THOUSANDS if separators > 1 else _DEGREES) from None
