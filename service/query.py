"""Query parameters, read strictly: what is unknown or malformed is refused with a remedy."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from difflib import get_close_matches

from werkzeug.datastructures import MultiDict

from geodata.errors import InputError

MOST = 10_000
"""Features on a page at most."""
USUAL = 10
"""Features on a page when no limit is given."""

Box = tuple[float, float, float, float]

_DATE = r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?"
_INTERVAL = re.compile(rf"(?!(\.\.)?/(\.\.)?$)({_DATE}|(({_DATE})|(\.\.)?)/(({_DATE})|(\.\.)?))")


class Query:
    """The parameters of one request.

    Parameters
    ----------
    given
        As sent.
    known
        Names that this resource understands.
    repeatable
        Names that may be given more than once.

    Raises
    ------
    InputError
        When a name is unknown, or given more than once though it is not repeatable.
    """

    def __init__(
        self,
        given: MultiDict[str, str],
        known: Collection[str] = (),
        *,
        repeatable: Collection[str] = (),
    ) -> None:
        self._given = given
        for name, values in given.lists():
            if name not in known and name not in repeatable:
                raise InputError(name, values[0], _suggestion(name, [*known, *repeatable]))
            if len(values) > 1 and name not in repeatable:
                raise InputError(name, ", ".join(values), "Give this parameter once.")

    def text(self, name: str, default: str) -> str:
        """A text, not empty."""
        value = self._given.get(name, default).strip()
        if not value:
            raise InputError(name, value, "Give a value, or leave the parameter out.")
        return value

    def texts(self, name: str, *, most: int) -> tuple[str, ...]:
        """All values of a repeatable parameter, in order, none of them empty."""
        values = tuple(value.strip() for value in self._given.getlist(name))
        if len(values) > most:
            raise InputError(name, len(values), f"Give at most {most} of these.")
        if not all(values):
            raise InputError(name, "", "Give LON,LAT or a place name, or leave it out.")
        return values

    def number(self, name: str, default: float) -> float:
        """A finite number."""
        return _number(name, self._given.get(name, str(default)))

    def whole(self, name: str, default: int, *, least: int, most: int | None = None) -> int:
        """A whole number; above `most`, `most` (OGC 17-069r4, requirement 22)."""
        value = self._given.get(name, str(default))
        if not re.fullmatch(r"[0-9]{1,18}", value) or int(value) < least:
            raise InputError(name, value, f"Give a whole number, {least} or more.")
        return int(value) if most is None else min(int(value), most)

    def boxes(self) -> list[Box]:
        """The parameter ``bbox``: no box, one, or two where it crosses the antimeridian."""
        text = self._given.get("bbox")
        if text is None:
            return []
        numbers = [_number("bbox", part) for part in text.split(",")]
        if len(numbers) not in (4, 6):
            raise InputError("bbox", text, "Give west,south,east,north in degrees.")
        half = len(numbers) // 2
        west, south, east, north = *numbers[:2], *numbers[half : half + 2]
        if south > north:
            raise InputError("bbox", text, "South is above north: give west,south,east,north.")
        if west <= east:
            return [(west, south, east, north)]
        return [(west, south, 180.0, north), (-180.0, south, east, north)]

    def check_datetime(self) -> None:
        """Refuse a malformed ``datetime``; features without a time match any (Core, 7.15.4)."""
        value = self._given.get("datetime")
        if value is not None and not _INTERVAL.fullmatch(value):
            remedy = "Give an RFC 3339 time, or two with a slash between, '..' for an open end."
            raise InputError("datetime", value, remedy)


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(name, text, "Give numbers, with a point for the decimals.")
    return value


def _suggestion(name: str, known: Collection[str]) -> str:
    if not known:
        return "This resource takes no parameters."
    near = get_close_matches(name, known, n=1)
    guess = f"Did you mean {near[0]!r}? " if near else ""
    return f"{guess}This resource takes: {', '.join(known)}."
