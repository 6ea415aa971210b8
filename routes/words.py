"""Words for people: numbers of things and lists of names, as a sentence holds them."""

from __future__ import annotations

from collections.abc import Sequence


def number(count: int, what: str) -> str:
    """How many of something there are, such as ``1 node`` or ``1,200 nodes``."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def listed(words: Sequence[str]) -> str:
    """Some words, one at least, with commas and an "and" before the last."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
