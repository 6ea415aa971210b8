"""Values that a filter compares: columns and literals as arrays, with missing values marked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import shape

from geodata.area.box import Box
from geodata.arrays import BoolArray, ObjectArray
from geodata.entries.spelling import bare
from geodata.errors import InputError
from geodata.publication.layers.properties import END, START
from service.features import times as moments
from service.features.collections import Collection
from service.features.coordinate_systems import CoordinateSystem
from service.features.times import Times, TimeSpan

FIELD = "filter"
GEOMETRY = "geometry"

SPATIAL: Mapping[str, Callable[[Any, Any], Any]] = {
    "s_contains": shapely.contains,
    "s_crosses": shapely.crosses,
    "s_disjoint": shapely.disjoint,
    "s_equals": shapely.equals,
    "s_intersects": shapely.intersects,
    "s_overlaps": shapely.overlaps,
    "s_touches": shapely.touches,
    "s_within": shapely.within,
}
"""Spatial functions of CQL2."""


@dataclass(frozen=True)
class Truth:
    """True, false or unknown."""

    yes: BoolArray
    no: BoolArray

    @classmethod
    def of(cls, value: Any, known: Any) -> Truth:
        """Truth of known values; others are unknown."""
        return cls(value & known, ~np.asarray(value, bool) & known)


@dataclass(frozen=True)
class Number:
    """Numbers, one or one a feature."""

    value: Any
    missing: Any


@dataclass(frozen=True)
class Text:
    """Texts, one or one a feature; a missing one is empty."""

    value: ObjectArray
    missing: Any

    def mapped(self, change: Callable[[str], Any], kind: type) -> npt.NDArray[Any]:
        """The texts changed by a function, which is called once for equal texts."""
        known = {text: change(text) for text in set(self.value.ravel().tolist())}
        flat = [known[text] for text in self.value.ravel().tolist()]
        return np.array(flat, dtype=kind).reshape(self.value.shape)

    def folded(self, how: str) -> Text:
        """Without case, or without accents."""
        return Text(self.mapped(str.casefold if how == "casei" else bare, object), self.missing)

    def time(self) -> Time:
        """Texts read as times.

        Raises
        ------
        InputError
            When a text is not a time.
        """
        if not self.value.ndim:
            at = np.asarray(moments.moment(str(self.value[()]), FIELD))
            return Time(at, at, self.missing)
        raise InputError(FIELD, "text", "This property is no time; compare it with texts.")


@dataclass(frozen=True)
class Time:
    """Moments or intervals."""

    value: Times
    ended: Times
    missing: Any

    @property
    def span(self) -> TimeSpan:
        """Both ends."""
        return TimeSpan(self.value, self.ended)

    @classmethod
    def between(cls, first: Time | None, last: Time | None) -> Time:
        """An interval from one time to another; None for an open end."""
        begun: Times = np.asarray(moments.EARLIEST)
        ended: Times = np.asarray(moments.LATEST)
        missing: Any = np.False_
        if first:
            begun, missing = first.value, first.missing
        if last:
            ended, missing = last.ended, missing | last.missing
        return cls(begun, ended, missing)


@dataclass(frozen=True)
class Shape:
    """A geometry in CRS84, or None for the geometries of the features."""

    shape: shapely.Geometry | None
    missing: Any = np.False_


Operand = Truth | Number | Text | Time | Shape


def refuse(value: object, remedy: str) -> InputError:
    """The error for a wrong filter."""
    return InputError(FIELD, value if isinstance(value, str) else str(value)[:80], remedy)


def property_of(here: Collection, name: str) -> Operand:
    """A property of all features."""
    if name == GEOMETRY:
        return Shape(None, shapely.is_missing(here.shapes))
    if name not in here.types:
        known = ", ".join([*here.types, GEOMETRY])
        raise refuse(name, f"There is no such property. There are: {known}.")
    column, kind = here.table[name], here.types[name]
    missing = column.isna().to_numpy(bool)
    if name in (START, END):
        at = moments.column(column)
        return Time(at, at, missing)
    if kind == "boolean":
        return Truth.of(column.fillna(False).to_numpy(bool), ~missing)
    if kind == "string":
        return Text(column.astype(object).where(~missing, "").to_numpy(object), missing)
    values = column.to_numpy(float, na_value=np.nan)
    if column.dtype == np.float32:
        # In the precision of replies, which literals have too.
        values = np.array([float(f"{value:.7g}") for value in values.tolist()])
    return Number(values, ~np.isfinite(values))


def literal(record: object, system: CoordinateSystem) -> Operand:
    """A literal in the filter."""
    if isinstance(record, bool):
        return Truth(np.asarray(record), np.asarray(not record))
    if isinstance(record, int | float):
        return Number(np.float64(record), np.False_)
    if isinstance(record, str):
        return Text(np.array(record, dtype=object), np.False_)
    if isinstance(record, Mapping):
        for key in ("date", "timestamp"):
            if key in record:
                at = np.asarray(moments.moment(str(record[key]), FIELD))
                return Time(at, at, np.False_)
        if "bbox" in record:
            corners = record["bbox"]
            numbers = all(isinstance(each, int | float) for each in corners)
            if not numbers or len(corners) not in (4, 6):
                raise refuse(record, "Give four numbers: the lower and the upper corner.")
            half = len(corners) // 2
            box = Box(*corners[:2], *corners[half : half + 2])
            return Shape(shapely.union_all(system.boxes(box)))
        if "type" in record:
            return Shape(system.degrees(_shape(record), FIELD))
    raise refuse(record, "This is no value that can be compared.")


def _shape(record: Mapping[str, Any]) -> shapely.Geometry:
    try:
        drawn = shape(dict(record))
    except (shapely.errors.GEOSException, TypeError, ValueError, KeyError, IndexError):
        raise refuse(record, "This geometry cannot be drawn.") from None
    if drawn.is_empty or not shapely.is_valid(drawn):
        remedy = "Give a geometry that is not empty and does not cross itself."
        raise refuse(shapely.to_wkt(drawn), remedy)
    return shapely.force_2d(drawn)


def same_kind(*values: Operand) -> tuple[Operand, Operand]:
    """Two values that can be compared; a text beside a time is read as one."""
    if len(values) != 2:
        raise refuse(len(values), "A comparison takes two values.")
    left, right = values
    if isinstance(left, Time) and isinstance(right, Text):
        right = right.time()
    if isinstance(right, Time) and isinstance(left, Text):
        left = left.time()
    if type(left) is not type(right) or isinstance(left, Shape):
        kinds = " with ".join(type(each).__name__.lower() for each in values)
        raise refuse(kinds, "Compare numbers with numbers, texts with texts, times with times.")
    return left, right


def spatial(name: str, left: Shape, right: Shape, here: Collection) -> Truth:
    """A spatial predicate, computed only where boxes meet."""
    relation = SPATIAL[name]
    other = left.shape if left.shape is not None else right.shape
    if other is None or (left.shape is not None and right.shape is not None):
        raise refuse(name, "Compare the property geometry with a geometry.")
    near = here.tree.query(other)
    parts = here.shapes[near]
    met = np.full(len(here), name == "s_disjoint")
    met[near] = relation(other, parts) if right.shape is None else relation(parts, other)
    return Truth.of(met, ~(left.missing | right.missing))


def pattern(text: str) -> re.Pattern[str]:
    r"""A pattern of LIKE: ``%`` for any letters, ``_`` for one, ``\`` before either itself.

    The text between two ``%`` is matched at its first occurrence and never tried again, so that no
    pattern takes long.
    """
    pieces: list[str] = [""]
    letters = iter(text)
    for letter in letters:
        if letter == "%":
            pieces.append("")
        else:
            taken = next(letters, letter) if letter == "\\" else letter
            pieces[-1] += "." if letter == "_" else re.escape(taken)
    first, *rest = pieces
    if rest:
        first += "".join(f"(?>.*?{piece})" for piece in rest[:-1] if piece) + f".*{rest[-1]}"
    return re.compile(first, re.DOTALL)
