"""Times: RFC 3339 texts, intervals, and relations of two intervals."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.arrays import BoolArray
from geodata.errors import InputError
from geodata.publication.layers.properties import END, START

Times = npt.NDArray[Any]


class TimeSpan(NamedTuple):
    """An interval, or one of each feature: its first moment and its last."""

    begin: Times
    end: Times


EARLIEST, LATEST = (np.datetime64(f"{year}-01-01", "ms") for year in ("-9999", "29999"))
_FORM = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2}))?")
_REMEDY = "Give an RFC 3339 time, or two with a slash between, '..' for an open end."


def moment(text: str, field: str, *, last: bool = False) -> np.datetime64:
    """The moment of a date or time; for a date its first moment, or with `last` its last one.

    Raises
    ------
    InputError
        When the text is neither a date nor a time.
    """
    # GDAL 3.6 writes a date as 2020-01-01T.
    text = text.removesuffix("T")
    try:
        if not _FORM.fullmatch(text):
            raise ValueError
        # Nanoseconds are cut: Python counts to the microsecond.
        read = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
        read = read.astimezone(UTC).replace(tzinfo=None) if read.tzinfo else read
    except (ValueError, OverflowError):
        raise InputError(field, text, _REMEDY) from None
    day = np.timedelta64(86_399_999 if last and len(text) == 10 else 0, "ms")
    return np.datetime64(read, "ms") + day


def span(first: str, last: str, field: str) -> TimeSpan:
    """An interval, of which either end may be open: empty or ``..``.

    Raises
    ------
    InputError
        When an end is not a time, both ends are open, or the interval ends before it begins.
    """
    if {first, last} <= {"", ".."}:
        raise InputError(field, f"{first}/{last}", _REMEDY)
    begun = EARLIEST if first in ("", "..") else moment(first, field)
    ended = LATEST if last in ("", "..") else moment(last, field, last=True)
    if begun > ended:
        raise InputError(field, f"{first}/{last}", "The interval ends before it begins.")
    return TimeSpan(np.asarray(begun), np.asarray(ended))


def datetime_span(text: str) -> TimeSpan:
    """The parameter ``datetime``."""
    first, slash, last = text.partition("/")
    return span(first, last if slash else first, "datetime")


def spans(table: pd.DataFrame) -> TimeSpan | None:
    """The time of every feature, not-a-time when unknown; None without times."""
    if START not in table.columns:
        return None
    begun, ended = (column(table[name]) for name in (START, END))
    return TimeSpan(begun, ended + np.timedelta64(999, "ms"))


def column(at: pd.Series) -> Times:
    """A column of times in UTC."""
    return np.asarray(at.to_numpy("datetime64[ms]"))


RELATIONS: Mapping[str, Callable[[TimeSpan, TimeSpan], BoolArray]] = {
    "t_after": lambda a, b: a.begin > b.end,
    "t_before": lambda a, b: a.end < b.begin,
    "t_contains": lambda a, b: (a.begin < b.begin) & (a.end > b.end),
    "t_disjoint": lambda a, b: (a.begin > b.end) | (a.end < b.begin),
    "t_during": lambda a, b: (a.begin > b.begin) & (a.end < b.end),
    "t_equals": lambda a, b: (a.begin == b.begin) & (a.end == b.end),
    "t_finishedby": lambda a, b: (a.begin < b.begin) & (a.end == b.end),
    "t_finishes": lambda a, b: (a.begin > b.begin) & (a.end == b.end),
    "t_intersects": lambda a, b: (a.begin <= b.end) & (a.end >= b.begin),
    "t_meets": lambda a, b: a.end == b.begin,
    "t_metby": lambda a, b: a.begin == b.end,
    "t_overlappedby": lambda a, b: (a.begin > b.begin) & (a.begin < b.end) & (a.end > b.end),
    "t_overlaps": lambda a, b: (a.begin < b.begin) & (a.end > b.begin) & (a.end < b.end),
    "t_startedby": lambda a, b: (a.begin == b.begin) & (a.end > b.end),
    "t_starts": lambda a, b: (a.begin == b.begin) & (a.end < b.end),
}
"""Temporal functions of CQL2 (OGC 21-065r2, table 13); not-a-time stands in no relation."""
