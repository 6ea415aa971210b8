"""Dates as people write them: ISO 8601, or day, month and year where their order is plain."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from geodata.errors import DataError

WRITE_DATE = "Write dates as YYYY-MM-DD, YYYY-MM or YYYY; DD/MM/YYYY is read too."
FIRST_YEAR = 1900
"""Years before it are slips of the hand, such as 0016."""
_TIME = r"(?:[T ]+\d{1,2}(?::?\d{2}.*|Z|[+-]\d{2}:?\d{2})?|Z|[+-]\d{2}:?\d{2})?"
_ISO = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_TIME}")
_SHORT = re.compile(r"(\d{4})(?:[-/](\d{1,2}))?")
"""A year, or a month; ``2016.5`` is neither, nor is ``2016.1``, which may have been ``2016.10``."""
_COMPACT = re.compile(rf"(\d{{4}})(\d{{2}})(\d{{2}}){_TIME}")
_TURNED = re.compile(rf"(\d{{1,2}})([/.-])(\d{{1,2}})\2(\d{{4}}){_TIME}")
_MONTH = re.compile(r"(\d{1,2})[/.-](\d{4})")
_YEAR = re.compile(r"(\d{4})[.,]0*")
"""A year that a program has kept as a number with decimals."""
_NONE = ("", "NaT")


def iso_dates(values: Sequence[Any]) -> list[str | None]:
    """Dates of a column as ISO 8601 texts, as exact as they are; None for empty ones.

    A time of day is left away with its zone, so that the day is the one that was written.
    Whether ``01/02/2016`` begins with the day or the month must be plain from a value of the
    column that can be read in one way only.

    Raises
    ------
    UnreadableDateError
        For anything else, with the position in the column.
    """
    texts = [date_text(value) for value in values]
    order = _order(texts)
    other = _contrary(texts) if order is None else None
    dates: list[str | None] = []
    for position, text in enumerate(texts):
        try:
            dates.append(None if text in _NONE else _iso(text, order))
        except ValueError as error:
            turned = _TURNED.fullmatch(text)
            raise UnreadableDateError(
                position, text, str(error), other=other if turned else None
            ) from None
    return dates


def first_day(text: str) -> str:
    """The day of a date, the first one of a month or year."""
    return "-".join([*text.split("-"), "01", "01"][:3])


def require_past(dates: Sequence[str | None], where: Callable[[int], str]) -> None:
    """Refuse dates of events that are still to come.

    Parameters
    ----------
    where
        Names the cell at a position, for the message.

    Raises
    ------
    DataError
        With the first one that lies after today.
    """
    today = date.today().isoformat()
    for position, text in enumerate(dates):
        if text and first_day(text) > today:
            remedy = f"An event has happened already; today is {today}. Mend the date."
            raise DataError(where(position), text, remedy)


class UnreadableDateError(ValueError):
    """A value that is no date.

    Parameters
    ----------
    position
        In the column.
    text
        The value.
    remedy
        What to do about it.
    other
        Position of a value of the column that contradicts it, if there is one.
    """

    def __init__(self, position: int, text: str, remedy: str, *, other: int | None = None) -> None:
        self.position, self.text, self.remedy, self.other = position, text, remedy, other
        super().__init__(text)


def date_text(value: Any) -> str:
    """The text of a cell, empty where it has none; whole numbers without decimals."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _order(texts: Sequence[str]) -> tuple[int, int] | None:
    """Places of month and day in dates that end with the year; None where they are not plain."""
    pairs = [(int(match[1]), int(match[3])) for text in texts if (match := _TURNED.fullmatch(text))]
    day_first = all(month <= 12 for _, month in pairs)
    month_first = all(month <= 12 for month, _ in pairs)
    if day_first == month_first:
        return None
    return (3, 1) if day_first else (1, 3)


def _contrary(texts: Sequence[str]) -> int | None:
    """Position of the first date that only reads the other way than one before it."""
    first: bool | None = None
    for position, text in enumerate(texts):
        match = _TURNED.fullmatch(text)
        if match is None or (int(match[1]) > 12) == (int(match[3]) > 12):
            continue
        day_first = int(match[1]) > 12
        if first is not None and day_first != first:
            return position
        first = day_first
    return None


def _iso(text: str, order: tuple[int, int] | None) -> str:
    """One date; a ValueError with the remedy where there is none."""
    parts = _parts(text, order)
    latest = date.today().year + 1
    if not FIRST_YEAR <= int(parts[0]) <= latest:
        raise ValueError(f"Years are read from {FIRST_YEAR} to {latest}. {WRITE_DATE}")
    day = "-".join([*parts, "01", "01"][:3])
    try:
        return date.fromisoformat(day).isoformat()[: len("-".join(parts))]
    except ValueError:
        raise ValueError(WRITE_DATE) from None


def _parts(text: str, order: tuple[int, int] | None) -> list[str]:
    if match := _YEAR.fullmatch(text):
        return [match[1]]
    if match := _SHORT.fullmatch(text):
        return [part.zfill(2) for part in match.groups() if part]
    if match := _ISO.fullmatch(text):
        return [match[1], match[3].zfill(2), match[4].zfill(2)]
    if match := _COMPACT.fullmatch(text):
        return list(match.groups())
    if match := _MONTH.fullmatch(text):
        return [match[2], match[1].zfill(2)]
    match = _TURNED.fullmatch(text)
    if match is None:
        raise ValueError(WRITE_DATE)
    if order is None and match[1] != match[3]:
        raise ValueError(f"Day and month cannot be told apart. {WRITE_DATE}")
    month, day = order or (1, 3)
    return [match[4], match[month].zfill(2), match[day].zfill(2)]
