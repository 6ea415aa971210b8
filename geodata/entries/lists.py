"""Lists that were written as text, as in files that have no lists.

osmnx has a list where it merged streets that differ, and writes it as Python would print it.
"""

from __future__ import annotations

import ast
import warnings
from typing import Any

LONGEST_LIST = 100_000
"""Letters of a text that is read as a list at most."""
_BRACKETS = {"[": "]", "{": "}", "(": ")"}


def read_list(text: str) -> list[Any] | tuple[Any, ...] | set[Any] | None:
    """The list that a text looks like; None where it only begins and ends as one does.

    Examples
    --------
    >>> read_list("['50', '70']"), read_list("[closed]")
    (['50', '70'], None)
    """
    if len(text) > LONGEST_LIST or _BRACKETS.get(text[:1]) != text[-1:]:
        return None
    try:
        with warnings.catch_warnings():
            # A backslash is no mistake in a name, though Python thinks of one.
            warnings.simplefilter("ignore")
            value = ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None
    flat = isinstance(value, list | tuple | set) and all(
        each is None or isinstance(each, str | int | float) for each in value
    )
    return value if flat else None
