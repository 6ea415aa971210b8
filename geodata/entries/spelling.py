"""Spelling of texts: one Unicode form for each, and the names nearest to a misspelt one.

Unicode spells many letters in two ways: with their accent, or with the accent after them. The
two look alike and are not equal. All text is brought to the first form (NFC) where it enters:
from files, requests, arguments, and the layers that a network is made of.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar

from geodata.errors import InputError, require_kind

if TYPE_CHECKING:
    import pandas as pd

LONGEST_NAME = 200
"""Largest number of letters of a name that is compared; a longer one resembles no name."""

MOST_ACCENTS = 30
"""Largest number of accents after one letter (Unicode Standard Annex 15, stream-safe text)."""

NO_UNICODE = "Give a text in Unicode; half of a surrogate pair is none."
"""Remedy for a text that no file in UTF-8 can hold."""

Frame = TypeVar("Frame", bound="pd.DataFrame")


def composed(text: str) -> str:
    """A text with letters and accents as one (NFC)."""
    return unicodedata.normalize("NFC", text) if _written(text) else text


def require_text(value: Any, *, field: str, remedy: str = "Give a text.") -> str:
    """A text from a call, composed.

    Raises
    ------
    InputError
        When it is of another kind, or no text in Unicode.
    """
    require_kind(value, str, field=field, remedy=remedy)
    text = composed(value)
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise InputError(field, text, NO_UNICODE) from None
    return text


def bare(text: str) -> str:
    """A text without accents, and with its letters in their plainest form (NFKD)."""
    if text.isascii():
        return text
    spread = unicodedata.normalize("NFKD", text) if _written(text) else text
    return "".join(letter for letter in spread if not unicodedata.combining(letter))


def _written(text: str) -> bool:
    """Whether a text can belong to a language: no language has letters with so many accents.

    Bringing the accents of one letter in order takes time that grows with their square.
    """
    if len(text) <= MOST_ACCENTS or text.isascii():
        return True
    run = 0
    for letter in text:
        run = run + 1 if unicodedata.combining(letter) else 0
        if run > MOST_ACCENTS:
            return False
    return True


def composed_columns(frame: Frame) -> Frame:
    """A frame with all its texts composed; itself when they are, as nearly always."""
    # pandas is imported here, because the help of the command line must not load slow modules.
    import pandas as pd

    changed: dict[str, pd.Series] = {}
    for name, column in frame.items():
        categorical = isinstance(column.dtype, pd.CategoricalDtype)
        if not (categorical or pd.api.types.is_string_dtype(column.dtype)):
            continue
        # Few columns have a text outside ASCII, and that check is fast.
        array = column.cat.categories if categorical else column
        texts = [text for text in pd.unique(array.to_numpy(object)) if isinstance(text, str)]
        if "".join(texts).isascii():
            continue
        spelt = {text: composed(text) for text in texts}
        if any(text != one for text, one in spelt.items()):
            values = [spelt.get(text, text) if isinstance(text, str) else text for text in column]
            kind = "category" if categorical else column.dtype
            changed[str(name)] = pd.Series(values, index=column.index, dtype=kind)
    return frame.assign(**changed) if changed else frame


def nearest(name: str, known: Iterable[str], *, most: int = 1, cutoff: float = 0.6) -> list[str]:
    """The names most similar to a name, nearest first.

    Comparing two texts takes time that grows with the product of their lengths.

    Parameters
    ----------
    most
        Largest number of names to return.
    cutoff
        Least share of letters in common.
    """
    if len(name) > LONGEST_NAME:
        return []
    return get_close_matches(name, list(known), n=most, cutoff=cutoff)


def suggestion(name: str, known: Iterable[str]) -> str:
    """``Did you mean 'slack'? `` with a blank at its end, or an empty text without a near name."""
    near = nearest(name, known)
    return f"Did you mean {near[0]!r}? " if near else ""
