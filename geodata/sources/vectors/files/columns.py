"""Columns of files as canonical ones: renamed, of the types of a schema, classes translated."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from geodata.arrays import BoolArray, Float64Array, ObjectArray
from geodata.entries.spelling import suggestion
from geodata.errors import DataError
from geodata.sources.area_file import Layer
from geodata.sources.layers.schema import TRUTH, Schema
from geodata.sources.userfiles.dates import UnreadableDateError, iso_dates
from geodata.sources.userfiles.events import DATES
from geodata.sources.userfiles.layer import UserLayer, plain_heading
from geodata.sources.vectors.files.features import Choice

ALIASES: Mapping[str, tuple[str, ...]] = {
    "iso": ("shapeiso", "iso_3166_2", "iso3166_2"),
    "name": ("shapename", "nombre", "main_port_name", "port_name", "nam_en", "name_en"),
    "country": ("iso_country", "iso_a2", "country_code", "countrycode"),
    "kind": ("type", "featurecla"),
    "population": ("pop_max", "pop", "poblacion"),
    "size": ("harbor_size", "harborsize"),
    "class": ("highway", "fclass", "road_class", "clase"),
    "year": ("ano",),
    "date": DATES,
}
"""Headings of columns in data of known providers, and in Spanish tables."""
NEEDED = ("iso", "indicator", "country_a", "country_b")
"""Columns of text that say nothing where they are empty."""
EXPECTED = ("date",)
"""Columns that a file must have, though they may be empty in some rows."""
NOT_NEGATIVE = ("population", "count")
CLASSED = ("class", "kind", "indicator")
"""The column that a table of classes is for: the first of these that a role has."""
BLANKS: Mapping[str, object] = {"str": "", "bool": False, "float?": math.nan, "year": None}
"""Value of a column that is missing in a file, by type."""
_NUMBER = re.compile(r"\s*[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?\s*")
_COUNT = re.compile(r"-?[0-9]{1,12}")
_LARGEST = 10**12
"""Largest whole number that a count may have."""
_NUMBERS = ("int", "float", "float?")
_COUNTRIES = ("country", "country_a", "country_b")
_CODE = re.compile(r"[A-Z]{2}")
_SHAPES = ("geometry", "x", "y")


def canonical_rows(
    layer: Layer, rows: UserLayer, schema: Schema, *, needed: Sequence[str] = NEEDED
) -> tuple[dict[str, Any], BoolArray]:
    """Columns of a schema from the rows of a file, but for geometry, and the rows that stay.

    A row whose class the layer's table leaves empty is left out, and one with the number that the
    layer's `nodata` names.

    Parameters
    ----------
    needed
        Columns in which no row may be empty.

    Returns
    -------
    (dict, numpy.ndarray)
        Values by column, of all rows; and which rows stay, shape (rows,).

    Raises
    ------
    DataError
        With the name of the file, the row and the column, or the key of the layer that is wrong.
    """
    check_rename(layer, rows, schema)
    columns: dict[str, Any] = {}
    kept = np.ones(len(rows), bool)
    classed = next((name for name in CLASSED if name in schema), None)
    for name, kind in schema.items():
        if name in _SHAPES:
            continue
        values = column_of(layer, rows, name)
        if values is None or (_is_number_of_row(layer, name, kind) and not _are_counted(values)):
            columns[name] = _blank(layer, rows, name, kind, name in needed)
            continue
        if name == classed and layer.classes:
            values, kept = _translated(layer, rows, name, values)
        if layer.nodata is not None and kind in _NUMBERS:
            kept = kept & (numbers_of(rows, name, values) != layer.nodata)
        columns[name] = _typed(rows, name, kind, values, kept, name in needed)
    if {"country_a", "country_b"} <= columns.keys():
        _check_sides(rows, columns, kept)
    return columns, kept


def _check_sides(rows: UserLayer, columns: Mapping[str, Sequence[str]], kept: BoolArray) -> None:
    """Refuse a crossing from a country to itself, unless its row is left out."""
    for at in np.flatnonzero(kept).tolist():
        one, other = columns["country_a"][at], columns["country_b"][at]
        if one and one == other:
            remedy = "A crossing joins two countries: give the one on its other side."
            raise DataError(rows.where(at, "country_b"), other, remedy)


def used_by(layer: Layer, names: Iterable[str]) -> Choice:
    """Headings of a file from which canonical columns are read."""
    known = {each for name in names for each in (name, *ALIASES.get(name, ()))}
    plain = {plain_heading(each) for each in (*known, *layer.rename.values())}
    return lambda headings: [each for each in headings if plain_heading(each) in plain]


def check_rename(layer: Layer, rows: UserLayer, schema: Schema) -> None:
    """Refuse a renaming to a column that the role lacks, or from one that the file lacks.

    Raises
    ------
    DataError
        With the key and the nearest right one.
    """
    for name, heading in layer.rename.items():
        field = f"layer {layer.label}, rename.{name}"
        if name in _SHAPES[1:]:
            continue
        if name not in schema:
            known = [each for each in schema if each != "geometry"]
            guess = suggestion(name, known)
            raise DataError(field, heading, f"{guess}Columns of {layer.role}: {', '.join(known)}.")
        if _position(rows, heading) is None:
            raise _no_column(field, heading, rows)


def _no_column(field: str, heading: str, rows: UserLayer, *, hint: str = "") -> DataError:
    there = rows.headings
    guess = suggestion(heading, there)
    return DataError(
        field, heading, f"{guess}Columns of {rows.name}: {', '.join(there) or 'none'}.{hint}"
    )


def _position(rows: UserLayer, heading: str) -> int | None:
    """Position of a heading, by its exact spelling or else by its plain form."""
    headings = [each for each, _ in rows.columns]
    if heading in headings:
        return headings.index(heading)
    plain = [plain_heading(each) for each in headings]
    sought = plain_heading(heading)
    return plain.index(sought) if sought in plain else None


def column_of(layer: Layer, rows: UserLayer, name: str) -> Sequence[Any] | None:
    """Values of a canonical column: the renamed one, one of its name, or one that is known."""
    names = [layer.rename[name]] if name in layer.rename else [name, *ALIASES.get(name, ())]
    for heading in names:
        at = _position(rows, heading)
        if at is not None:
            _, values = rows.columns[at]
            return values
    return None


def _is_number_of_row(layer: Layer, name: str, kind: str) -> bool:
    """Whether a column only identifies rows, which are numbered where a file lacks it.

    A column that the layer renames is read as any other.
    """
    return name == "id" and kind == "int" and name not in layer.rename


def _are_counted(ids: Sequence[Any]) -> bool:
    """Whether all ids are numbers; others, as ``node/123``, are passed over."""
    return all(_COUNT.fullmatch(text_of(value)) for value in ids)


def _blank(layer: Layer, rows: UserLayer, name: str, kind: str, needed: bool) -> Any:
    if _is_number_of_row(layer, name, kind):
        return np.arange(1, len(rows) + 1)
    if needed or name in EXPECTED or kind not in BLANKS:
        hint = (
            f' If one of them is meant, say rename = {{ {name} = "..." }}.' if rows.headings else ""
        )
        raise _no_column(f"layer {layer.label}, column {name}", "missing", rows, hint=hint)
    blank = BLANKS[kind]
    if kind == "year":
        return pd.array([pd.NA] * len(rows), dtype="Int64")
    return np.full(len(rows), blank, object if kind == "str" else type(blank))


def _translated(
    layer: Layer, rows: UserLayer, name: str, values: Sequence[Any]
) -> tuple[list[str], BoolArray]:
    """Classes by the layer's table; canonical classes stay."""
    table = layer.classes
    texts = [text_of(value) for value in values]
    known = {**{value: value for value in table.values() if value}, **table}
    for at, text in enumerate(texts):
        if text not in known:
            remedy = f'The table lacks it: add "{text}" = "...", an empty text to leave such out.'
            raise DataError(f"{rows.where(at, name)}, classes", text, remedy)
    result = [known[text] for text in texts]
    return result, np.array([bool(text) for text in result], bool)


def text_of(value: Any) -> str:
    """A value as text: of numbers without a useless decimal, of nothing empty."""
    if (
        value is None
        or value is pd.NA
        or (isinstance(value, float | np.floating) and math.isnan(value))
    ):
        return ""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return "" if value is pd.NaT else str(value).strip()


def _typed(
    rows: UserLayer,
    name: str,
    kind: str,
    values: Sequence[Any],
    kept: BoolArray,
    needed: bool,
) -> Any:
    if kind == "str":
        return _texts(rows, name, values, kept, needed)
    if kind == "bool":
        return _truths(rows, name, values)
    numbers = numbers_of(rows, name, values)
    missing = np.isnan(numbers) & kept
    if missing.any() and kind not in ("year", "float?"):
        at = int(missing.argmax())
        remedy = "Give a number; where it is not known, take the row out."
        raise DataError(rows.where(at, name), text_of(values[at]) or None, remedy)
    low = (numbers < 0) & kept
    if name in NOT_NEGATIVE and low.any():
        at = int(low.argmax())
        remedy = "Give 0 or more; a number that stands for none is the layer's nodata."
        raise DataError(rows.where(at, name), text_of(values[at]), remedy)
    if kind in ("int", "year"):
        return _integers(rows, name, kind, numbers)
    return numbers


def _texts(
    rows: UserLayer,
    name: str,
    values: Sequence[Any],
    kept: BoolArray,
    needed: bool,
) -> ObjectArray:
    texts: ObjectArray = np.array([text_of(value) for value in values], object)
    empty = (texts == "") & kept
    if needed and empty.any():
        raise DataError(rows.where(int(empty.argmax()), name), "", "Give a value.")
    if name == "date":
        return _dates(rows, name, texts)
    if name in _COUNTRIES:
        for at, text in enumerate(texts.tolist()):
            if text and kept[at] and not _CODE.fullmatch(text):
                remedy = (
                    "Give two capital letters (ISO 3166-1), such as XA. Layers other than events "
                    "and counts may leave the column out: countries are then those in which "
                    "things lie."
                )
                raise DataError(rows.where(at, name), text, remedy)
    return texts


def _dates(rows: UserLayer, name: str, texts: ObjectArray) -> ObjectArray:
    """Dates in ISO 8601, as exact as in the file."""
    try:
        return np.array([day or "" for day in iso_dates(texts.tolist())], object)
    except UnreadableDateError as error:
        where = rows.where(error.position, name)
        raise DataError(where, error.text, f"{error.remedy} Empty is undated.") from None


def _truths(rows: UserLayer, name: str, values: Sequence[Any]) -> np.ndarray[Any, np.dtype[Any]]:
    known = {**TRUTH, "1": True, "0": False, "": False}
    result = []
    for at, value in enumerate(values):
        text = text_of(value).lower()
        if text not in known:
            raise DataError(rows.where(at, name), text, "Give true or false.")
        result.append(known[text])
    return np.array(result, bool)


def numbers_of(rows: UserLayer, name: str, values: Any) -> Float64Array:
    """Values as numbers, NaN for empty ones; decimals may have a comma.

    Raises
    ------
    DataError
        With the first row whose value is not a number.
    """
    if isinstance(values, np.ndarray) and values.dtype.kind in "iuf":
        numbers = values.astype(np.float64)
    else:
        numbers = np.full(len(values), np.nan)
        for at, value in enumerate(values):
            text = text_of(value)
            if not text or text.lower() == "nan":
                continue
            if not _NUMBER.fullmatch(text):
                remedy = "This column is to hold numbers: give one, or leave it empty."
                raise DataError(rows.where(at, name), text, remedy)
            numbers[at] = float(text.replace(",", "."))
    if np.isinf(numbers).any():
        at = int(np.isinf(numbers).argmax())
        raise DataError(rows.where(at, name), float(numbers[at]), "Give a finite number.")
    return numbers


def _integers(rows: UserLayer, name: str, kind: str, numbers: Float64Array) -> Any:
    uneven = np.isfinite(numbers) & (numbers != np.round(numbers))
    if uneven.any() and name not in NOT_NEGATIVE:
        at = int(uneven.argmax())
        raise DataError(rows.where(at, name), float(numbers[at]), "Give a whole number.")
    numbers = np.round(numbers)
    large = np.abs(numbers) > _LARGEST
    if large.any():
        at = int(large.argmax())
        remedy = f"Give a number of at most {_LARGEST:,}."
        raise DataError(rows.where(at, name), float(numbers[at]), remedy)
    if kind == "year":
        return pd.array([pd.NA if np.isnan(each) else int(each) for each in numbers], dtype="Int64")
    return np.nan_to_num(numbers).astype(np.int64)
