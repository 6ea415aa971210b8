"""Lists written as text, as in file formats without lists.

osmnx has lists for merged streets with different values, and writes them as Python prints them.
"""

from __future__ import annotations

import ast
import warnings
from typing import Any

LONGEST_LIST = 100_000
"""Largest number of letters in a text that is read as a list."""
_BRACKETS = {"[": "]", "{": "}", "(": ")"}


def read_list(text: str) -> list[Any] | tuple[Any, ...] | set[Any] | None:
    """The list in a text; None for a text that only begins and ends like a list.

    Examples
    --------
    >>> read_list("['50', '70']"), read_list("[closed]")
    (['50', '70'], None)
    """
    if len(text) > LONGEST_LIST or _BRACKETS.get(text[:1]) != text[-1:]:
        return None
    try:
        with warnings.catch_warnings():
            # A backslash in a name is no error, although Python warns about it.
            warnings.simplefilter("ignore")
            value = ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None
    flat = isinstance(value, list | tuple | set) and all(
        each is None or isinstance(each, str | int | float) for each in value
    )
    return value if flat else None
