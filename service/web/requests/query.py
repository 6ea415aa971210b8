"""Query parameters, read strictly: unknown or malformed ones are refused with a remedy."""

from __future__ import annotations

import math
import re
from collections.abc import Collection

from werkzeug.datastructures import MultiDict

from geodata.area.box import Box
from geodata.entries.forms import LONGEST_TEXT
from geodata.entries.spelling import suggestion
from geodata.errors import InputError

MOST = 10_000
"""Largest number of features on a page."""
USUAL = 10
"""Default number of features on a page."""
PAGE = f"Features on a page; more than {MOST:,} is read as that"
"""Description of the limit."""
LARGEST = 10**18
"""Whole numbers above it are read as it: no page begins so far on, and databases hold it."""
MOST_DIGITS = 100
"""Digits of a whole number at most."""


class Query:
    """The parameters of one request.

    Parameters
    ----------
    parameters
        Parameters as the client sent them.
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
        parameters: MultiDict[str, str],
        known: Collection[str] = (),
        *,
        repeatable: Collection[str] = (),
    ) -> None:
        # As lists: an absent name of a MultiDict costs an exception of HTTP.
        self._parameters = dict(parameters.lists())
        for name, values in self._parameters.items():
            if name not in known and name not in repeatable:
                raise InputError(name, values[0], _suggestion(name, [*known, *repeatable]))
            if len(values) > 1 and name not in repeatable:
                raise InputError(name, ", ".join(values), "Give this parameter once.")

    def text(self, name: str, default: str) -> str:
        """A text, not empty.

        Parameters
        ----------
        name
            Name of the parameter.
        default
            Value where it is left out.
        """
        value = self._first(name, default).strip()
        if not value:
            raise InputError(name, value, "Give a value, or leave the parameter out.")
        return value

    def _first(self, name: str, default: str) -> str:
        """A parameter as it was sent."""
        return self._parameters.get(name, (default,))[0]

    def texts(self, name: str, *, most: int) -> tuple[str, ...]:
        """All values of a repeatable parameter, in order, none of them empty."""
        values = tuple(value.strip() for value in self._parameters.get(name, ()))
        if len(values) > most:
            raise InputError(name, len(values), f"Give at most {most} of these.")
        longest = max(values, key=len, default="")
        if len(longest) > LONGEST_TEXT:
            raise InputError(name, longest, f"Give at most {LONGEST_TEXT} letters.")
        if not all(values):
            raise InputError(
                name,
                "",
                "Give LON,LAT or a place name, or leave it out.",
            )
        return values

    def number(self, name: str, default: float) -> float:
        """A finite number.

        Parameters
        ----------
        name
            Name of the parameter.
        default
            Value where it is left out.
        """
        return read_number(name, self._first(name, str(default)))

    def integer(self, name: str, default: int, *, least: int, most: int | None = None) -> int:
        """A whole number; above `most`, `most` (OGC 17-069r4, requirement 22).

        Parameters
        ----------
        name
            Name of the parameter.
        default
            Value where it is left out.
        least
            Smallest value that is accepted.
        most
            Largest value that is accepted; none by default.
        """
        value = self._first(name, str(default))
        if not re.fullmatch(rf"[0-9]{{1,{MOST_DIGITS}}}", value) or int(value) < least:
            remedy = f"Give a whole number, {least} or more, of at most {MOST_DIGITS} digits."
            raise InputError(name, value, remedy)
        return min(int(value), LARGEST if most is None else most)

    def optional(self, name: str) -> str | None:
        """A text, None when the parameter is left out."""
        return self.text(name, "") if name in self._parameters else None

    def box(self) -> Box | None:
        """The parameter ``bbox``: lower and upper corner, heights dropped, None without it."""
        if "bbox" not in self._parameters:
            return None
        text = self._first("bbox", "")
        numbers = [read_number("bbox", part) for part in text.split(",")]
        if len(numbers) not in (4, 6):
            raise InputError("bbox", text, "Give four numbers: the lower and the upper corner.")
        half = len(numbers) // 2
        return Box(*numbers[:2], *numbers[half : half + 2])

    def order(self, known: Collection[str]) -> list[tuple[str, bool]]:
        """The parameter ``sortby``: properties, and whether each descends."""
        text = self.optional("sortby")
        keys = []
        for part in text.split(",") if text else []:
            # A plus that was not escaped arrives as a space.
            name = part.strip().removeprefix("+").removeprefix("-")
            if name not in known:
                raise InputError("sortby", part.strip(), _suggestion(name, known))
            keys.append((name, part.strip().startswith("-")))
        if len({name for name, _ in keys}) < len(keys):
            raise InputError("sortby", text, "Name each property once.")
        return keys


_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


def read_number(name: str, text: str) -> float:
    """A finite number.

    Raises
    ------
    InputError
        When the text is not a finite number. Python accepts more: 1_000, inf, and digits of other
        scripts.
    """
    value = float(text) if _NUMBER.fullmatch(text.strip()) else math.nan
    if not math.isfinite(value):
        raise InputError(name, text, "Give numbers, with a point for the decimals.")
    return value


def _suggestion(name: str, known: Collection[str]) -> str:
    if not known:
        return "This resource takes no parameters."
    return f"{suggestion(name, known)}This resource takes: {', '.join(known)}."
