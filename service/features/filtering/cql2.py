"""CQL2 text filters: read by the package ``cql2``, answered from a collection's columns.

A predicate is true, false or, when a value is missing, unknown; only features for which it is true
are kept (OGC 21-065r2, 6.3).
"""

from __future__ import annotations

import itertools
import operator
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import cql2
import numpy as np

from geodata.arrays import BoolArray
from geodata.errors import InputError
from service.features.collections import Collection, match_written
from service.features.coordinate_systems import CoordinateSystem
from service.features.filtering.values import (
    FIELD,
    SPATIAL,
    Number,
    Operand,
    Shape,
    Text,
    Time,
    Truth,
    literal,
    pattern,
    property_of,
    refuse,
    same_kind,
    spatial,
)
from service.features.times import RELATIONS
from service.web.deadline import check

LONGEST = 4000
"""Largest number of characters in a filter."""
MOST_SHAPES = 16
"""Largest number of comparisons of geometries; each tests every feature."""
MOST_TEXTS = 64
"""Largest number of LIKE, CASEI and ACCENTI; each tests every text."""
PARENTHESES = 10
"""Largest depth of parentheses."""
DEEPEST = 48
"""Largest depth of operators."""

# Ten times the stack that the parser took for a text of the largest length.
_STACK_BYTES = LONGEST * 32 * 1024
_STACK = threading.Lock()

Record = Mapping[str, Any]

COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.fmod,
    "^": np.power,
    "div": np.floor_divide,
}
CASES = ("casei", "accenti")
LOGIC = ("and", "or", "not")
ARGUMENTS: Mapping[str, tuple[int, int]] = {
    **dict.fromkeys((*COMPARISONS, *SPATIAL, *RELATIONS, "like", "in", "interval"), (2, 2)),
    **dict.fromkeys((*CASES, "not", "isNull"), (1, 1)),
    **dict.fromkeys(ARITHMETIC, (1, 2)),
    **dict.fromkeys(("and", "or"), (1, LONGEST)),
    "between": (3, 3),
}
"""Least and largest number of arguments of an operator: any may be written as a function."""


def chosen(text: str, here: Collection, system: CoordinateSystem) -> BoolArray:
    """Whether a filter keeps each feature of a collection.

    Parameters
    ----------
    text
        CQL2 text; the geometry is called ``geometry``.
    here
        The collection.
    system
        System of the coordinates in the filter.

    Raises
    ------
    InputError
        When it is not CQL2 text, names an unknown property, or compares values of different types.
    """
    # The parser tries two rules at each parenthesis: twenty unclosed ones take minutes.
    nested = list(itertools.accumulate((letter == "(") - (letter == ")") for letter in text))
    if len(text) > LONGEST or max(nested, default=0) > PARENTHESES:
        remedy = f"Give at most {LONGEST} characters and {PARENTHESES} nested parentheses."
        raise InputError(FIELD, f"{text[:40]}...", remedy)
    try:
        record = _parsed(text)
    except Exception as error:
        # The parser has no exception class of its own for invalid geometries.
        where = " ".join(str(error).split())[:160]
        raise InputError(FIELD, text, f"This is no CQL2 text: {where}") from None
    kept = Reading(here, system).truth(record, 0).yes
    return np.broadcast_to(kept, len(here))


def _parsed(text: str) -> object:
    """A filter as CQL2 JSON.

    The parser recurses for every nested character, and a stack overflow ends the process: it gets a
    stack that suffices for the longest text.
    """
    with _STACK:
        usual = threading.stack_size(_STACK_BYTES)
        try:
            pool = ThreadPoolExecutor(1)
            reading = pool.submit(lambda: cql2.parse_text(text).to_json())
        finally:
            threading.stack_size(usual)
    try:
        return reading.result()
    finally:
        pool.shutdown()


class Reading:
    """One filter over one collection.

    Parameters
    ----------
    here
        The collection.
    system
        System of the coordinates of literals.
    """

    def __init__(self, here: Collection, system: CoordinateSystem) -> None:
        self._here, self._system = here, system
        self._read: dict[str, Operand] = {}
        self._shapes_compared = self._texts_changed = 0

    def truth(self, record: object, depth: int) -> Truth:
        """Value of a predicate."""
        check()
        if depth > DEEPEST:
            raise InputError(FIELD, "...", f"Nest at most {DEEPEST} operators.")
        if not isinstance(record, Mapping) or "op" not in record:
            operand = self._operand(record, depth)
            if isinstance(operand, Truth):
                return operand
            raise refuse(record, "A comparison or a property that is true or false is needed.")
        name = str(record["op"])
        args, lower = _arguments(name, record["args"]), name.lower()
        if lower in LOGIC:
            return _logic(lower, [self.truth(each, depth + 1) for each in args])
        if name in COMPARISONS:
            return self._compared(name, args, depth)
        if lower in SPATIAL or lower in RELATIONS:
            return self._related(lower, args, depth)
        others = {
            "like": self._like, "between": self._between, "in": self._in, "isNull": self._missing
        }  # fmt: skip
        if name not in others:
            known = ", ".join([*SPATIAL, *RELATIONS, *CASES]).upper()
            raise refuse(name, f"There is no such function. There are: {known}.")
        return others[name](args, depth)

    def _operand(self, record: object, depth: int) -> Operand:
        """A value: a property, a literal, or an expression of these."""
        check()
        if depth > DEEPEST:
            raise InputError(FIELD, "...", f"Nest at most {DEEPEST} operators.")
        if not isinstance(record, Mapping):
            return literal(record, self._system)
        if "property" in record:
            name = str(record["property"])
            if name not in self._read:
                self._read[name] = property_of(self._here, name)
            return self._read[name]
        if "interval" in record:
            first, last = _arguments("interval", record["interval"])
            return Time.between(self._end(first, depth), self._end(last, depth))
        name = str(record.get("op", ""))
        if name in ARITHMETIC:
            return self._computed(name, _arguments(name, record["args"]), depth)
        if name.lower() in CASES:
            return self._text(_arguments(name, record["args"]), depth).folded(name.lower())
        if name:
            return self.truth(record, depth + 1)
        return literal(record, self._system)

    def _end(self, record: object, depth: int) -> Time | None:
        """An end of an interval, None for an open end."""
        if record == "..":
            return None
        operand = self._operand({"date": record} if isinstance(record, str) else record, depth + 1)
        if isinstance(operand, Text):
            operand = operand.time()
        if not isinstance(operand, Time):
            raise refuse(record, "The end of an interval is a time.")
        return operand

    def _text(self, args: list[object], depth: int) -> Text:
        self._count_text()
        operand = self._operand(args[0], depth + 1)
        if not isinstance(operand, Text):
            raise refuse(args, "CASEI and ACCENTI take one text.")
        return operand

    def _computed(self, name: str, args: list[object], depth: int) -> Number:
        operands = [self._operand(each, depth + 1) for each in args]
        values = [each for each in operands if isinstance(each, Number)]
        if len(values) < len(operands) or not values:
            raise refuse(name, "Arithmetic takes numbers.")
        if len(values) == 1:
            values = [Number(np.float64(0), np.False_), *values]
        with np.errstate(all="ignore"):
            result = ARITHMETIC[name](values[0].value, values[1].value)
        # An expression without a value, such as a division by zero, is unknown.
        missing = values[0].missing | values[1].missing | ~np.isfinite(result)
        return Number(result, missing)

    def _compared(self, name: str, args: list[object], depth: int) -> Truth:
        left, right = same_kind(*(self._operand(each, depth + 1) for each in args))
        return _comparison(name, left, right)

    def _related(self, name: str, args: list[object], depth: int) -> Truth:
        left, right = (self._operand(each, depth + 1) for each in args)
        if name in RELATIONS:
            left, right = (_timely(each) for each in (left, right))
            if isinstance(left, Time) and isinstance(right, Time):
                known = ~(left.missing | right.missing)
                return Truth.of(RELATIONS[name](left.span, right.span), known)
            raise refuse(name, "Give times: a property with a time, DATE, TIMESTAMP or INTERVAL.")
        if isinstance(left, Shape) and isinstance(right, Shape):
            self._shapes_compared += 1
            if self._shapes_compared > MOST_SHAPES:
                raise refuse(name, f"Compare geometries at most {MOST_SHAPES} times.")
            return spatial(name, left, right, self._here)
        raise refuse(name, "Give the property geometry and a geometry.")

    def _count_text(self) -> None:
        self._texts_changed += 1
        if self._texts_changed > MOST_TEXTS:
            raise refuse("texts", f"Use LIKE, CASEI and ACCENTI at most {MOST_TEXTS} times.")

    def _like(self, args: list[object], depth: int) -> Truth:
        self._count_text()
        left, right = (self._operand(each, depth + 1) for each in args)
        if not isinstance(left, Text) or not isinstance(right, Text) or right.value.ndim:
            raise refuse("LIKE", "Compare a text with a pattern: name LIKE 'San%'.")
        match = pattern(str(right.value[()])).fullmatch
        return Truth.of(left.mapped(lambda text: match(text) is not None, bool), ~left.missing)

    def _between(self, args: list[object], depth: int) -> Truth:
        value, low, high = args
        return _logic(
            "and",
            [self._compared(">=", [value, low], depth), self._compared("<=", [value, high], depth)],
        )

    def _in(self, args: list[object], depth: int) -> Truth:
        value, listed = args
        if not isinstance(listed, list) or not listed:
            raise refuse("IN", "Give a list: kind IN ('port', 'landing').")
        return _logic("or", [self._compared("=", [value, each], depth) for each in listed])

    def _missing(self, args: list[object], depth: int) -> Truth:
        operand = self._operand(args[0], depth + 1)
        missing = ~(operand.yes | operand.no) if isinstance(operand, Truth) else operand.missing
        return Truth.of(missing, np.True_)


def _arguments(name: str, args: list[object]) -> list[object]:
    """Arguments of an operator, whose number is checked; unknown operators may have any number."""
    least, most = ARGUMENTS.get(name, ARGUMENTS.get(name.lower(), (0, LONGEST)))
    if not least <= len(args) <= most:
        many = f"{least}" if least == most else f"{least} to {most}"
        raise refuse(name, f"It takes {many} argument{'s' if most > 1 else ''}.")
    return list(args)


def _timely(value: Operand) -> Operand:
    return value.time() if isinstance(value, Text) else value


def _logic(name: str, parts: list[Truth]) -> Truth:
    """Kleene's three-valued logic."""
    result = parts[0]
    if name == "not":
        return Truth(result.no, result.yes)
    for part in parts[1:]:
        if name == "and":
            result = Truth(result.yes & part.yes, result.no | part.no)
        else:
            result = Truth(result.yes | part.yes, result.no & part.no)
    return result


def _comparison(name: str, left: Operand, right: Operand) -> Truth:
    if isinstance(left, Truth) and isinstance(right, Truth):
        if name not in ("=", "<>"):
            raise refuse(name, "True and false have no order.")
        known = (left.yes | left.no) & (right.yes | right.no)
        return Truth.of(COMPARISONS[name](left.yes, right.yes), known)
    assert not isinstance(left, Truth | Shape) and not isinstance(right, Truth | Shape)
    known = ~(left.missing | right.missing)
    if isinstance(left, Number) and isinstance(right, Number):
        # A number counts as equal to its text in replies, and neither above nor below it.
        same = match_written(np.asarray(left.value), right.value)
        met = COMPARISONS[name](left.value, right.value)
        return Truth.of(met | same if "=" in name else met & ~same, known)
    return Truth.of(COMPARISONS[name](left.value, right.value), known)
