"""Values of attributes in graphs of osmnx: one text, or several where it merged ways.

In a simplified graph an edge may stand for several ways and has lists of their tags, which GraphML
stores as text. The share of each value in the edge is lost. Where values differ the slowest one
counts, so that no merged road is faster than its parts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from geodata.entries.lists import read_list
from geodata.sources.area_file import Roads

Several = tuple[str, ...]

_NOTHING = frozenset({"", "None", "nan", "NaN", "<NA>", "[]"})
_ACCESS = frozenset({"access", "vehicle", "motor_vehicle", "motorcar", "foot"})
_LIMITS = frozenset({
    "maxspeed", "maxspeed:forward", "maxspeed:backward", "maxspeed:practical",
})  # fmt: skip
_SMOOTH = (
    "excellent", "good", "intermediate", "bad", "very_bad", "horrible", "very_horrible",
    "impassable",
)  # fmt: skip
_TRUE = frozenset({"true", "yes", "1", "-1", "reverse", "t"})
_FALSE = frozenset({"false", "no", "0", "f"})


def texts_of(value: Any) -> Several:
    """All values of an attribute as texts; none if it is empty.

    Examples
    --------
    >>> from geodata.sources.osmnx.values import texts_of
    >>> texts_of(["primary", "trunk"]), texts_of("['50', '70|100']"), texts_of("[closed]")
    (('primary', 'trunk'), ('50', '70|100'), ('[closed]',))
    """
    if value is None:
        return ()
    if isinstance(value, str):
        listed = read_list(value)
        if listed is None:
            return () if value in _NOTHING else (value,)
        value = listed
    if isinstance(value, float):
        if not math.isfinite(value):
            return ()
        return (str(int(value)),) if value.is_integer() else (repr(float(value)),)
    if not isinstance(value, str | bytes) and isinstance(value, Iterable):
        return tuple(dict.fromkeys(text for each in value for text in texts_of(each)))
    return texts_of(value.item()) if hasattr(value, "item") else (str(value),)


def first_text(key: str, values: Several, rules: Roads) -> str:
    """What counts of several values of a tag; empty where none does."""
    if len(values) == 1 or not values:
        return values[0] if values else ""
    if key in _LIMITS:
        return ";".join(values)
    if key == "duration":
        # An edge may be a part of the way: its time follows from its length and class.
        return ""
    # Both edges of a street have the same values, in any order.
    return max(sorted(values), key=lambda value: _burden(key, value, rules))


def _burden(key: str, value: str, rules: Roads) -> float:
    """Rank of a value by how much it slows traffic, among values of the same tag."""
    if key == "highway":
        known = rules.classes.get(value)
        return math.inf if known is None else -rules.speed(known.into, "paved")
    if key == "surface":
        surface = rules.surfaces.get(value)
        return 0.0 if surface is None else ("paved", "mixed", "unpaved").index(surface.into)
    if key in _ACCESS:
        passing = rules.access.get(value)
        return 0.0 if passing is None else passing.minutes if passing.passable else math.inf
    if key == "smoothness":
        return float(_SMOOTH.index(value)) if value in _SMOOTH else -1.0
    if key == "tracktype":
        return float(value[-1]) if value[-1:].isdigit() else 0.0
    if key == "ford":
        return float(value not in ("no", "false", "0"))
    return 0.0


def truth_of(values: Several) -> bool | None:
    """Whether an attribute is true; None where it has both values or neither."""
    seen = {_truth(value.strip().lower()) for value in values}
    return seen.pop() if len(seen) == 1 else None


def _truth(text: str) -> bool | None:
    return True if text in _TRUE else False if text in _FALSE else None


def tags_of(attributes: Mapping[str, Several], keys: Iterable[str], rules: Roads) -> dict[str, str]:
    """Tags as in OpenStreetMap, of the keys that have a value."""
    tags = {key: first_text(key, attributes[key], rules) for key in keys if key in attributes}
    return {key: value for key, value in tags.items() if value}
