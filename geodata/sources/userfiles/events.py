"""Events: dated, located records to validate a result, read from a user's file.

Events in a network are read by `geodata.network.evidence`. A row that lacks its date or its place
is left out and counted; a row with an unreadable value is an error that names the value.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely

from geodata.arrays import Float64Array, ObjectArray
from geodata.errors import DataError, InputError
from geodata.formats.files.store import sha256
from geodata.sources.userfiles.dates import WRITE_DATE, UnreadableDateError, iso_dates
from geodata.sources.userfiles.layer import UserLayer
from geodata.sources.userfiles.reader import read_layer
from geodata.sources.userfiles.source import Source

DATES = (
    "date", "event_date", "fecha", "fecha_evento", "fecha_del_evento", "fecha_hecho",
    "fecha_del_hecho", "fecha_hora", "datetime", "year", "ano", "anio", "time", "timestamp",
    "when", "begin",
)  # fmt: skip
"""Headings of the date, as `plain_heading` gives them; the first that is there."""
OFFERED = ("date", "event_date", "fecha", "year", "año")
"""Those that a message offers."""


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
        Distance by which each may be off, NaN when unknown; shape (n,).
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
            When the day is not a date.
        """
        try:
            (first,) = iso_dates([day])
        except UnreadableDateError as error:
            raise InputError("since", day, error.remedy) from None
        if first is None:
            raise InputError("since", day, WRITE_DATE)
        kept = np.array([_first_day(own) >= _first_day(first) for own in self.date.tolist()], bool)
        dropped = {**self.left_out, f"before {first}": int((~kept).sum())}
        return replace(
            self, x=self.x[kept], y=self.y[kept], date=self.date[kept],
            precision_km=self.precision_km[kept], left_out=dropped,
        )  # fmt: skip


def _first_day(text: str) -> str:
    return "-".join([*text.split("-"), "01", "01"][:3])


def read_events(path: str | Path) -> Events:
    r"""Events of a user's file, or of a layer of it (``FILE#LAYER``).

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
    rows, shapes = layer.points()
    _check_points(layer, rows, shapes)
    placed = np.isin(np.arange(len(layer)), rows)
    dated = np.array([day is not None for day in dates], bool)
    kept = dated[rows]
    points = shapely.get_coordinates(shapes[kept])
    return Events(
        x=points[:, 0],
        y=points[:, 1],
        date=np.array([dates[row] for row in rows[kept]], dtype=str),
        precision_km=np.full(int(kept.sum()), np.nan),
        left_out={"undated": int((~dated).sum()),
                  "without a place": int((dated & ~placed).sum())},
        file=source.path.name,
        sha256=sha256(source.path),
    )  # fmt: skip


def _dates(layer: UserLayer) -> list[str | None]:
    heading, values = layer.column(DATES, offered=OFFERED)
    try:
        return iso_dates(values)
    except UnreadableDateError as error:
        where = layer.where(error.position, heading)
        raise DataError(where, error.text, f"{error.remedy} Empty is undated.") from None


def _check_points(layer: UserLayer, rows: npt.NDArray[np.intp], shapes: ObjectArray) -> None:
    others = np.flatnonzero(shapely.get_type_id(shapes) != 0)
    if len(others):
        at = int(others[0])
        raise DataError(layer.where(int(rows[at])), shapes[at].geom_type, "Give points.")
