"""Events: dated, located records that a result is held against, read from a user's file.

None come with Vereda. A row that lacks its date or its place is left out and counted; one
that holds something unreadable is an error that names it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from geodata.errors import DataError, InputError
from geodata.geojson import wgs84
from geodata.store import sha256

DATES = ("date", "event_date", "fecha", "year")
"""Columns that hold the date, the first that is there; case does not matter."""
PLACES = (("x", "y"), ("lon", "lat"), ("longitude", "latitude"), ("longitud", "latitud"))
"""Columns of a table that hold longitude and latitude in degrees (WGS 84)."""
SUFFIXES = (".csv", ".geojson", ".json", ".gpkg")
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?:[T ].*)?")
_WRITE_DATE = "Write dates as YYYY-MM-DD, YYYY-MM or YYYY."

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Events:
    """Dated, located events.

    Parameters
    ----------
    x, y
        Degrees; shape (n,).
    date
        ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``, as exact as the file has it; shape (n,).
    left_out
        Rows that could not be used, by reason.
    file
        Name of the file.
    sha256
        Of the file.
    """

    x: Floats
    y: Floats
    date: npt.NDArray[np.str_]
    left_out: dict[str, int]
    file: str
    sha256: str

    def __len__(self) -> int:
        return len(self.x)

    @property
    def period(self) -> tuple[str, str]:
        """First and last date."""
        days = sorted(self.date.tolist())
        return (days[0], days[-1]) if days else ("", "")

    def since(self, day: str) -> Events:
        """Events from a day on, such as those after the ones used for calibration.

        A date that is no more exact than a month or year counts as its first day.

        Raises
        ------
        InputError
            When the day is no date.
        """
        try:
            first = _day(day)
        except ValueError:
            first = None
        if first is None:
            raise InputError("since", day, _WRITE_DATE)
        kept = np.array([_first_day(own) >= _first_day(first) for own in self.date.tolist()], bool)
        dropped = {**self.left_out, f"before {first}": int((~kept).sum())}
        return replace(self, x=self.x[kept], y=self.y[kept], date=self.date[kept], left_out=dropped)


def _first_day(text: str) -> str:
    return "-".join([*text.split("-"), "01", "01"][:3])


def read_events(path: str | Path) -> Events:
    """Events of a CSV, GeoJSON or GeoPackage file.

    Raises
    ------
    InputError
        When there is no such file, or it is of another kind.
    DataError
        When a column is missing, or a value is no date or no place; the message names the
        column, the row and the value.
    """
    source = Path(path)
    if not source.is_file():
        raise InputError("events", str(source), "There is no such file.")
    suffix = source.suffix.lower()
    if suffix not in SUFFIXES:
        known = ", ".join(SUFFIXES)
        raise InputError("events", str(source), f"Name a file that ends in one of {known}.")
    rows = list(_table_rows(source) if suffix == ".csv" else _feature_rows(source))
    undated = sum(day is None for _, day in rows)
    unplaced = sum(place is None and day is not None for place, day in rows)
    kept = [(place, day) for place, day in rows if place is not None and day is not None]
    points = np.array([place for place, _ in kept], float).reshape(-1, 2)
    return Events(
        x=points[:, 0],
        y=points[:, 1],
        date=np.array([day for _, day in kept], dtype=str),
        left_out={"undated": undated, "without a place": unplaced},
        file=source.name,
        sha256=sha256(source),
    )


Found = tuple[tuple[float, float] | None, str | None]
"""Place and date of a row, None where it has none."""


def _table_rows(source: Path) -> Iterator[Found]:
    try:
        with source.open(encoding="utf-8-sig", newline="") as file:
            head = file.readline()
            file.seek(0)
            delimiter = max(",;\t", key=head.count)
            reader = csv.DictReader(file, delimiter=delimiter, restval="")
            columns = {name.strip().lower(): name for name in reader.fieldnames or () if name}
            day = _date_column(columns)
            x, y = _place_columns(columns)
            for row in reader:
                line = reader.line_num
                yield (
                    _place(row[x], row[y], names=(x, y), row=f"line {line}"),
                    _dated(row[day], name=day, row=f"line {line}"),
                )
    except UnicodeDecodeError as error:
        raise DataError("events", str(source), "Save the file as UTF-8.") from error
    except csv.Error as error:
        raise DataError("events", str(source), f"It is no CSV table: {error}.") from error


def _feature_rows(source: Path) -> Iterator[Found]:
    try:
        layers = pyogrio.list_layers(source)[:, 0].tolist()
        if len(layers) != 1:
            remedy = f"Keep one layer; it has {len(layers)}: {', '.join(layers)}."
            raise DataError("events", str(source), remedy)
        frame = pyogrio.read_dataframe(source)
    except (DataSourceError, DataLayerError) as error:
        raise DataError("events", str(source), f"It cannot be read: {error}") from error
    if not hasattr(frame, "geometry"):
        raise DataError("events", str(source), "Its features have no geometry; give points.")
    if frame.crs is None:
        raise DataError("events", str(source), "Say which CRS the layer has.")
    day = _date_column({str(name).lower(): str(name) for name in frame.columns})
    shapes = wgs84(frame).geometry.to_numpy()
    for number, (shape, value) in enumerate(zip(shapes, frame[day], strict=True), 1):
        where = f"feature {number}"
        yield _point(shape, row=where), _dated(value, name=day, row=where)


def _date_column(columns: dict[str, str]) -> str:
    for name in DATES:
        if name in columns:
            return columns[name]
    raise _missing("date", DATES, columns)


def _place_columns(columns: dict[str, str]) -> tuple[str, str]:
    for x, y in PLACES:
        if x in columns and y in columns:
            return columns[x], columns[y]
    raise _missing("x, y", [f"{x} and {y}" for x, y in PLACES], columns)


def _missing(field: str, wanted: Iterable[str], columns: dict[str, str]) -> DataError:
    there = ", ".join(columns.values()) or "none"
    remedy = f"Columns there are: {there}. Name one of: {', '.join(wanted)}."
    return DataError(field, None, remedy)


def _place(
    x: str | None, y: str | None, *, names: tuple[str, str], row: str
) -> tuple[float, float] | None:
    texts = [(text or "").strip() for text in (x, y)]
    if not any(texts):
        return None
    degrees = []
    for name, text in zip(names, texts, strict=True):
        try:
            degrees.append(float(text))
        except ValueError:
            remedy = "Give degrees as a number with a decimal point, or leave both empty."
            raise DataError(f"{name}, {row}", text, remedy) from None
    return _checked(degrees[0], degrees[1], names=names, row=row)


def _point(shape: Any, *, row: str) -> tuple[float, float] | None:
    if shape is None or shapely.is_empty(shape):
        return None
    if shape.geom_type != "Point":
        raise DataError(f"geometry, {row}", shape.geom_type, "Give points, one an event.")
    return _checked(shape.x, shape.y, names=("longitude", "latitude"), row=row)


def _checked(x: float, y: float, *, names: tuple[str, str], row: str) -> tuple[float, float]:
    for name, value, most in zip(names, (x, y), (180, 90), strict=True):
        if not -most <= value <= most:
            remedy = f"Give WGS 84 degrees between {-most} and {most}, longitude first."
            raise DataError(f"{name}, {row}", value, remedy)
    return x, y


def _dated(value: Any, *, name: str, row: str) -> str | None:
    try:
        return _day(value)
    except ValueError:
        text = value if isinstance(value, str) else str(value)
        raise DataError(f"{name}, {row}", text, f"{_WRITE_DATE} Empty is undated.") from None


def _day(value: Any) -> str | None:
    """A date as text, None for an empty one; a ValueError for anything else."""
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, date):
        return value.isoformat()[:10]
    text = f"{value:.0f}" if isinstance(value, float) else str(value).strip()
    if not text:
        return None
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError(text)
    parts = [part for part in match.groups() if part]
    whole = "-".join([*parts, "01", "01"][:3])
    return date.fromisoformat(whole).isoformat()[: len("-".join(parts))]
