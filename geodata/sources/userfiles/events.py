"""Events: dated, located records to validate a result, read from a user's file.

Events in a network are read by `geodata.network.evidence`. A row that lacks its date or its place
is left out and counted; a row with an unreadable value is an error that names the value.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from geodata.arrays import BoolArray, Float64Array, ObjectArray
from geodata.entries.numbers import as_float
from geodata.entries.spelling import bare, composed
from geodata.errors import DataError, InputError
from geodata.formats.files.store import sha256
from geodata.sources.userfiles.dates import (
    WRITE_DATE,
    UnreadableDateError,
    date_text,
    first_day,
    iso_dates,
    require_past,
)
from geodata.sources.userfiles.layer import UserLayer
from geodata.sources.userfiles.reader import read_layer
from geodata.sources.userfiles.source import Source

DATES = (
    "date", "event_date", "fecha", "fecha_evento", "fecha_del_evento", "fecha_hecho",
    "fecha_del_hecho", "fecha_hora", "datetime", "year", "ano", "anio", "time", "timestamp",
    "when", "begin",
)  # fmt: skip
"""Headings of the date, as `plain_heading` gives them; the first counts that a row has filled."""
_YEARS, _MONTHS, _DAYS = ("year", "ano", "anio"), ("month", "mes"), ("day", "dia")
"""Headings of dates in three columns."""
_CLOCK = re.compile(r"\d{1,2}:\d{2}")
FLOWS, KINDS, MODES = ("flow", "flujo"), ("kind", "tipo"), ("mode", "modo")
PRECISIONS = ("precision_km", "precision")
"""Headings of what need not be there, in English and in Spanish."""
OFFERED = ("date", "event_date", "fecha", "year", "año")
"""Those that a message offers."""
EXACT_WITHIN_KM = 25.0
"""Events whose place may be farther off say nothing of a corridor. Assumption."""


@dataclass(frozen=True, kw_only=True)
class Events:
    r"""Dated, located events.

    Parameters
    ----------
    x, y
        Degrees; shape (n,).
    date
        ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``, as exact as the file has it; shape (n,).
    precision_km
        How far off each may be, NaN where nobody says; shape (n,).
    flow, kind, mode
        What each tells of, such as ``cocaine``, ``seizure_road`` and ``road``; empty where nobody
        says; shape (n,).
    left_out
        Rows that could not be used, by reason.
    file
        Name of the file.
    sha256
        SHA-256 of the file.

    Examples
    --------
    >>> from pathlib import Path
    >>> from geodata import read_events
    >>> _ = Path("events.csv").write_text("date,lon,lat\n2016-10-03,-88.4,15.6\n")
    >>> read_events("events.csv").period
    ('2016-10-03', '2016-10-03')
    """

    x: Float64Array
    y: Float64Array
    date: npt.NDArray[np.str_]
    precision_km: Float64Array
    flow: ObjectArray
    kind: ObjectArray
    mode: ObjectArray
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
        r"""Events from a day on, such as those after the ones used for calibration.

        A date that is no more exact than a month or year counts as its first day.

        Parameters
        ----------
        day
            First day, as ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``.

        Raises
        ------
        InputError
            When the day is not a date.

        Examples
        --------
        >>> from pathlib import Path
        >>> from geodata import read_events
        >>> _ = Path("events.csv").write_text("date,lon,lat\n2016,-88.4,15.6\n2019,-88.1,15.3\n")
        >>> len(read_events("events.csv").since("2018"))
        1
        """
        try:
            (first,) = iso_dates([day])
        except UnreadableDateError as error:
            raise InputError("since", day, error.remedy) from None
        if first is None:
            raise InputError("since", day, WRITE_DATE)
        kept = np.array([first_day(own) >= first_day(first) for own in self.date.tolist()], bool)
        return self.only(kept, f"before {first}")

    def exact(self) -> Events:
        """Events that may lie no farther off than `EXACT_WITHIN_KM`.

        Examples
        --------
        >>> from geodata import load_network, recorded_events
        >>> events = recorded_events(load_network("network"), flow="migrants")
        >>> len(events.exact()) == len(events)
        True
        """
        return self.only(
            ~(self.precision_km > EXACT_WITHIN_KM), f"less exact than {EXACT_WITHIN_KM:g} km"
        )

    def of_flow(self, flow: str) -> Events:
        r"""Events of a flow; one that does not say of which counts.

        Parameters
        ----------
        flow
            Name of the flow, such as ``cocaine``.

        Raises
        ------
        DataError
            When all are of other flows.

        Examples
        --------
        >>> from pathlib import Path
        >>> from geodata import read_events
        >>> rows = "date,lon,lat,flow\n2016,-88.4,15.6,cocaine\n2019,-88.1,15.3,migrants\n"
        >>> _ = Path("events.csv").write_text(rows)
        >>> read_events("events.csv").of_flow("cocaine").date.tolist()
        ['2016']
        """
        flow = composed(flow)
        own = _folded(self.flow)
        kept = np.isin(own, ("", bare(flow).casefold()))
        if len(self) and not kept.any():
            there = ", ".join(sorted({*self.flow.tolist()}))
            remedy = (
                f"The profile models {flow}, the column flow has {there}: give events of {flow}, "
                "or leave that column out."
            )
            raise DataError("flow", there, remedy)
        return self.only(kept, "of another flow")

    def only(self, kept: BoolArray, reason: str) -> Events:
        r"""Some of the events; the others are left out for a reason.

        Parameters
        ----------
        kept
            Whether each event stays; shape (n,).
        reason
            Reason under which the others are counted.

        Examples
        --------
        >>> from pathlib import Path
        >>> from geodata import read_events
        >>> _ = Path("events.csv").write_text("date,lon,lat\n2016,-88.4,15.6\n2019,-88.1,15.3\n")
        >>> events = read_events("events.csv")
        >>> events.only(events.x > -88.2, "in the west").left_out["in the west"]
        1
        """
        dropped = dict(self.left_out)
        if not kept.all():
            dropped[reason] = int((~kept).sum())
        columns = ("x", "y", "date", "precision_km", "flow", "kind", "mode")
        return replace(
            self, **{name: getattr(self, name)[kept] for name in columns}, left_out=dropped
        )


def read_events(path: str | Path) -> Events:
    r"""Events of a user's file, or of a layer of it (``FILE#LAYER``).

    Parameters
    ----------
    path
        The file, or ``FILE#LAYER``.

    Raises
    ------
    InputError
        When there is no such file or layer, or it is of another kind.
    DataError
        When a column is missing, or a value is not a date or a place; the message names the
        file, the row, the column and the value.
    OSError
        When the system does not let it be read.

    Examples
    --------
    >>> from pathlib import Path
    >>> from geodata import read_events
    >>> _ = Path("events.csv").write_text("date,lon,lat\n2016-10-03,-88.4,15.6\n")
    >>> len(read_events("events.csv"))
    1
    """
    source = Source.parse(path, field="events")
    layer = read_layer(source)
    dates = _dates(layer)
    flow, kind, mode = (_texts(layer, names) for names in (FLOWS, KINDS, MODES))
    rows, shapes = layer.points()
    _check_points(layer, rows, shapes)
    placed = np.isin(np.arange(len(layer)), rows)
    dated = np.array([day is not None for day in dates], bool)
    kept = dated[rows]
    points, chosen = shapely.get_coordinates(shapes[kept]), rows[kept]
    events = Events(
        x=points[:, 0],
        y=points[:, 1],
        date=np.array([dates[row] for row in chosen], dtype=str),
        precision_km=_precision(layer)[chosen],
        flow=flow[chosen],
        kind=_lowered(kind[chosen]),
        mode=_lowered(mode[chosen]),
        left_out={"undated": int((~dated).sum()),
                  "without a place": int((dated & ~placed).sum())},
        file=source.path.name,
        sha256=sha256(source.path),
    )  # fmt: skip
    return events.exact()


def _dates(layer: UserLayer) -> list[str | None]:
    """Date of each row: of the first column of dates that has one."""
    dates: list[str | None] = [None] * len(layer)
    columns = _date_columns(layer)
    for rank, (heading, values) in enumerate(columns):
        waiting = [row for row, day in enumerate(dates) if day is None]
        texts = [date_text(values[row]) for row in waiting]
        if rank:
            # Beside a date a column called time has the time of day.
            texts = ["" if _CLOCK.match(text) else text for text in texts]
        try:
            days = iso_dates(texts)
        except UnreadableDateError as error:
            where = layer.where(waiting[error.position], heading)
            other = "" if error.other is None else f" See {layer.rows[waiting[error.other]]}."
            remedy = f"{error.remedy}{other} Empty is undated."
            raise DataError(where, error.text, remedy) from None
        require_past(days, partial(_cell, layer, waiting, heading))
        for row, day in zip(waiting, days, strict=True):
            dates[row] = day
    return dates


def _cell(layer: UserLayer, rows: Sequence[int], heading: str, at: int) -> str:
    """Name the cell of one of some rows for a message."""
    return layer.where(rows[at], heading)


def _date_columns(layer: UserLayer) -> list[tuple[str, Sequence[Any]]]:
    """Columns of dates in the order in which they count; a year has its month and day."""
    columns = [
        (column[0], _full_dates(layer, column[1]) if name in _YEARS else column[1])
        for name in DATES
        if (column := layer.find((name,)))
    ]
    return columns or [layer.column(DATES, offered=OFFERED)]


def _full_dates(layer: UserLayer, years: Sequence[Any]) -> Sequence[Any]:
    """Values of a column of years, with months and days of columns of their own."""
    month, day = layer.find(_MONTHS), layer.find(_DAYS)
    if month is None:
        return years
    days: Sequence[Any] = day[1] if day else [""] * len(layer)
    texts = []
    for row, cells in enumerate(zip(years, month[1], days, strict=True)):
        parts = [date_text(cell) for cell in cells]
        if parts[2] and not parts[1]:
            where = layer.where(row, month[0])
            raise DataError(where, "", "Give the month of the day too, or leave both empty.")
        # Another value may be a whole date, or none.
        is_year = re.fullmatch(r"\d{4}", parts[0])
        texts.append("-".join(filter(None, parts)) if is_year else parts[0])
    return texts


def _texts(layer: UserLayer, names: Sequence[str]) -> ObjectArray:
    """Values of a column that need not be there, composed; empty where it has none."""
    texts = np.full(len(layer), "", object)
    _, values = layer.find(names) or ("", ())
    for row, value in enumerate(values):
        texts[row] = "" if _empty(value) else composed(str(value).strip())
    return texts


def _precision(layer: UserLayer) -> Float64Array:
    """How far off each place may be in km, NaN where nobody says."""
    km = np.full(len(layer), np.nan)
    heading, values = layer.find(PRECISIONS) or ("", ())
    for row, value in enumerate(values):
        if _empty(value):
            continue
        try:
            km[row] = as_float(value)
        except ValueError:
            km[row] = np.inf
        if not 0 <= km[row] < np.inf:
            remedy = "Give km, zero or more; empty is not known."
            raise DataError(layer.where(row, heading), value, remedy)
    return km


def _lowered(texts: ObjectArray) -> ObjectArray:
    lowered = np.empty(len(texts), object)
    lowered[:] = [text.casefold() for text in texts]
    return lowered


def _folded(texts: ObjectArray) -> ObjectArray:
    """Texts by which they are compared: neither capitals nor accents make a difference."""
    folded = np.empty(len(texts), object)
    folded[:] = [bare(text).casefold() for text in texts]
    return folded


def _empty(value: object) -> bool:
    return value is None or (isinstance(value, float) and np.isnan(value)) or not str(value).strip()


def _check_points(layer: UserLayer, rows: npt.NDArray[np.intp], shapes: ObjectArray) -> None:
    others = np.flatnonzero(shapely.get_type_id(shapes) != 0)
    if len(others):
        at = int(others[0])
        raise DataError(layer.where(int(rows[at])), shapes[at].geom_type, "Give points.")
