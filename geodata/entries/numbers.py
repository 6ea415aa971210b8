"""Numbers as users write them: one rule for every column and member that holds one."""

from __future__ import annotations

import re
from numbers import Real

_NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:e[+-]?\d+)?", re.IGNORECASE)


def as_float(value: object) -> float:
    """A number, or the text of one with a decimal point or a decimal comma.

    Raises
    ------
    ValueError
        When it is neither, such as True, ``1_0`` and ``nan``, or too large for a float.

    Examples
    --------
    >>> from geodata.entries.numbers import as_float
    >>> as_float("-88,5")
    -88.5
    """
    if isinstance(value, str):
        text = value.strip().replace("\N{MINUS SIGN}", "-").replace("\N{NO-BREAK SPACE}", "")
        if not _NUMBER.fullmatch(text):
            raise ValueError(value[:40])
        return float(text.replace(",", "."))
    if isinstance(value, bool) or not isinstance(value, Real):
        raise ValueError(type(value).__name__)
    try:
        return float(value)
    except OverflowError:
        raise ValueError("too large for a float") from None
