"""Edits of a scenario: named things are closed, made dearer, avoided, or must be passed.

A thing is a gateway (a crossing, a sector, a landing, a port, a river mouth), a district, a
country, a mode, or the surroundings of a place, each of them named; or a zone of the sea.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from geodata.entries.spelling import require_text
from geodata.errors import InputError
from routes.scenario.keys.ranges import FACTOR, HOURS


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One change to the cost of passing a thing.

    Parameters
    ----------
    target
        Name or id of the thing.
    factor
        Cost is multiplied by this, within `ranges.FACTOR`; infinity closes the thing.
    hours
        Hours added, within `ranges.HOURS`: at each passing of a gateway, or on each link of any
        other thing.
    field
        Name of the edit in errors, as the user wrote it.

    Raises
    ------
    InputError
        When factor or hours lie outside their range, or the target is not a name.

    Examples
    --------
    >>> from routes import Edit
    >>> Edit(target="a bridge", hours=6.0).factor
    1.0
    """

    target: str
    factor: float = 1.0
    hours: float = 0.0
    field: str = dataclasses.field(default="edit", compare=False)

    def __post_init__(self) -> None:
        remedy = "Give one name or id, in a text."
        target = require_text(self.target, field=self.field, remedy=remedy)
        object.__setattr__(self, "target", target)
        hint = f"Or close {target}."
        object.__setattr__(self, "hours", HOURS.check(self.field, self.hours, hint=hint))
        closes = self.factor == np.inf
        factor = np.inf if closes else FACTOR.check(self.field, self.factor, hint=hint)
        object.__setattr__(self, "factor", factor)

    def record(self) -> dict[str, Any]:
        """The edit as a JSON object; a factor of null closes the thing.

        Examples
        --------
        >>> from routes import close
        >>> close("a bridge").record()
        {'target': 'a bridge', 'factor': None, 'hours': 0.0}
        """
        factor = None if np.isinf(self.factor) else self.factor
        return {"target": self.target, "factor": factor, "hours": self.hours}


def close(target: str, *, field: str = "edit") -> Edit:
    """An edit that closes a thing.

    Parameters
    ----------
    target
        Name or id of the thing.
    field
        Name of the edit in errors, as the user wrote it.

    Examples
    --------
    >>> from routes import close
    >>> close("a bridge").factor
    inf
    """
    return Edit(target=target, factor=np.inf, field=field)


def parse_strengthening(text: str, *, field: str = "edit") -> Edit:
    """An edit from ``NAME=HOURS`` or ``NAME=xFACTOR``.

    Parameters
    ----------
    text
        The text; what stands before the last ``=`` is the name or id of the thing.
    field
        Name of the edit in errors, as the user wrote it.

    Raises
    ------
    InputError
        When the text has another form, or the number lies outside its range.

    Examples
    --------
    >>> from routes import parse_strengthening
    >>> parse_strengthening("a bridge=6").hours
    6.0
    >>> parse_strengthening("a bridge=x2").factor
    2.0
    """
    name, equals, amount = (part.strip() for part in text.rpartition("="))
    times = amount[:1] in ("x", "X")
    try:
        value = float(amount[1:] if times else amount)
    except ValueError:
        value = np.nan
    if not (name and equals and np.isfinite(value) and value >= 0):
        such = (name if equals else amount) or "NAME"
        remedy = f"Give NAME=HOURS to add hours or NAME=xFACTOR to multiply, such as {such}=6."
        raise InputError(field, text, remedy)
    span = FACTOR if times else HOURS
    if value not in span:
        raise InputError(field, text, f"{span.remedy} Or close {name}.")
    if times:
        return Edit(target=name, factor=value, field=field)
    return Edit(target=name, hours=value, field=field)


def read_edits(
    *, avoid: Iterable[str] = (), shut: Iterable[str] = (), strengthen: Iterable[str] = ()
) -> tuple[Edit, ...]:
    """Edits from texts: things to avoid, things to close, and texts for `parse_strengthening`.

    Raises
    ------
    InputError
        When a text is wrong in itself; names are looked up later.
    """
    return (
        *(close(name, field="avoid") for name in avoid),
        *(close(name, field="close") for name in shut),
        *(parse_strengthening(text, field="strengthen") for text in strengthen),
    )
