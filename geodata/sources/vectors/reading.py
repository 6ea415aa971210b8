"""Layers of a study from vector files, in their canonical form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.area.box import Box
from geodata.area.geodesy import DEGREE_M
from geodata.area.study_area import StudyArea
from geodata.arrays import BoolArray, Float64Array, Int64Array, ObjectArray
from geodata.errors import DataError
from geodata.sources.area_file import Layer
from geodata.sources.layers.schema import GEOMETRY, Schema
from geodata.sources.userfiles.layer import UserLayer
from geodata.sources.vectors.files.columns import (
    canonical_rows,
    column_of,
    numbers_of,
    text_of,
    used_by,
)
from geodata.sources.vectors.files.files import each_file

MARGIN_CELLS = 4.0
"""Cells beyond the box of an area to which its layers are read."""
UNIQUE: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "admin": (("iso",),),
    "crossings": (("id",),),
    "events": (("id",),),
    "counts": (("id",),),
    "indicators": (("iso", "indicator", "year", "source"),),
}
"""Columns by role that name a row: no two have the same."""
_APART = "\x1f"
"""Between the columns of a code. NUL would not do: numpy forgets those at the end of a text."""
_PARTS = {"Point": (0, 4), "LineString": (1, 5), "Polygon": (3, 6)}
_LINE_RING = 2
_REMEDIES = {
    "Point": "Give points; areas count by a point inside them.",
    "LineString": "Give lines.",
    "Polygon": "Give areas: lines round them are none.",
}


def read_vector(
    layer: Layer, area: StudyArea, *, schema: Schema
) -> gpd.GeoDataFrame | pd.DataFrame:
    """A layer of vector files or tables in its canonical form.

    Features that meet the box of the area are read; missing columns are empty, if allowed.

    Parameters
    ----------
    layer
        Whose `rename` gives the file's column by canonical one, and whose `classes` the
        canonical class by the file's.
    schema
        Columns that the layer is to have (`geodata.sources.layers.SCHEMAS`); where it has x and y
        and no geometry, they are those of the shapes.

    Returns
    -------
    GeoDataFrame in WGS 84 where the schema has a geometry, else a table.

    Raises
    ------
    InputError, DataError, OSError
        When a file cannot be used; the message names layer, file, row and column, and the remedy.
    """
    places = "geometry" in schema or "x" in schema
    box = read_box(area) if places else None
    parts: list[pd.DataFrame] = []
    where: list[tuple[UserLayer, Int64Array]] = []
    for _, rows in each_file(layer, box, places=places, used=used_by(layer, schema)):
        named, long = _long(layer, rows, schema)
        columns, kept = canonical_rows(named, long, schema)
        frame, own = _frame(named, long, schema, columns, kept)
        parts.append(frame)
        where.append((long, own))
    frame = parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)
    _check_unique(layer, frame, where)
    if "id" in schema and schema["id"] == "int" and len(parts) > 1:
        frame["id"] = np.arange(1, len(frame) + 1)
    if "geometry" in schema:
        return gpd.GeoDataFrame(frame, geometry="geometry", crs="EPSG:4326")[list(schema)]
    return frame[list(schema)]


def read_box(area: StudyArea) -> Box:
    """The box to which the layers of an area are read: its own and a few cells more."""
    west, south, east, north = area.bbox
    up = MARGIN_CELLS * area.cell_m / DEGREE_M
    across = up / max(np.cos(np.radians(min(max(abs(south), abs(north)), 89.0))), 0.02)
    return Box(west - across, max(south - up, -90.0), east + across, min(north + up, 90.0))


def _long(layer: Layer, rows: UserLayer, schema: Schema) -> tuple[Layer, UserLayer]:
    """Indicators in columns of their own as rows, by the names that `rename` gives them."""
    extra = {name: heading for name, heading in layer.rename.items() if name not in schema}
    if layer.role != "indicators" or not extra or column_of(layer, rows, "indicator") is not None:
        return layer, rows
    own = layer.model_copy(update={"rename": extra})
    wide = []
    for name, heading in extra.items():
        values = column_of(own, rows, name)
        if values is None:
            there = ", ".join(rows.headings)
            raise DataError(f"layer {layer.label}, rename.{name}", heading, f"There are: {there}.")
        wide.append((name, values))
    count = len(rows)
    columns: list[tuple[str, Sequence[Any]]] = [
        (heading, [value for _ in wide for value in values]) for heading, values in rows.columns
    ]
    columns += [
        ("indicator", [name for name, _ in wide for _ in range(count)]),
        ("value", [value for _, values in wide for value in values]),
    ]
    shapes: ObjectArray = np.tile(rows.shapes, len(wide))
    names = [row for _ in wide for row in rows.rows]
    kept = {name: heading for name, heading in layer.rename.items() if name in schema}
    return (
        layer.model_copy(update={"rename": kept}),
        UserLayer(name=rows.name, rows=names, shapes=shapes, columns=columns, every=rows.every),
    )


def _frame(
    layer: Layer,
    rows: UserLayer,
    schema: Schema,
    columns: dict[str, Any],
    kept: BoolArray,
) -> tuple[pd.DataFrame, Int64Array]:
    """Rows with their shapes; multi-part lines and points become one row for each part."""
    if layer.role == "indicators":
        kept = kept & _numeric(rows, columns)
    table = pd.DataFrame(columns, index=range(len(rows)))
    own = np.flatnonzero(kept)
    if "geometry" in schema:
        shapes, own = _fitted(rows, own, schema["geometry"])
        return table.iloc[own].assign(geometry=shapes).reset_index(drop=True), own
    if "x" in schema:
        xy, own = _spots(rows, own, everywhere=schema["x"] == "float")
        return table.iloc[own].assign(x=xy[:, 0], y=xy[:, 1]).reset_index(drop=True), own
    return table.iloc[own].reset_index(drop=True), own


def _spots(
    rows: UserLayer, own: Int64Array, *, everywhere: bool
) -> tuple[Float64Array, Int64Array]:
    """Degrees of points and the row of each; NaN of rows without a place, where that may be."""
    lost = shapely.is_missing(rows.shapes[own]) | shapely.is_empty(rows.shapes[own])
    nowhere = own[:0] if everywhere else own[lost]
    shapes, placed = _fitted(rows, np.setdiff1d(own, nowhere), "Point")
    xy = np.concatenate([shapely.get_coordinates(shapes), np.full((len(nowhere), 2), np.nan)])
    own = np.concatenate([placed, nowhere])
    order = np.argsort(own, kind="stable")
    return xy[order], own[order]


def _numeric(rows: UserLayer, columns: dict[str, Any]) -> BoolArray:
    """Rows that have a value, which is a number but for what is ranked or banded by words."""
    texts = [text_of(value) for value in columns["value"]]
    worded = np.array([str(each).endswith(_IN_WORDS) for each in columns["indicator"]], bool)
    numbers_of(
        rows, "value", ["" if word else text for word, text in zip(worded, texts, strict=True)]
    )
    return np.array([bool(text) for text in texts], bool)


_IN_WORDS = ("_band", "_group", "_trend", "_rank")


def _fitted(rows: UserLayer, own: Int64Array, kind: str) -> tuple[ObjectArray, Int64Array]:
    """Shapes of one kind and the row of each.

    Raises
    ------
    DataError
        With the first row whose shape is missing, damaged or of another kind.
    """
    shapes = rows.shapes[own]
    _check_there(rows, own, shapes)
    if kind == "Point":
        return _points(rows, own, shapes)
    if kind == "Polygon":
        broken = ~shapely.is_valid(shapes) & np.isin(shapely.get_type_id(shapes), (3, 6))
        if broken.any():
            shapes = shapes.copy()
            shapes[broken] = [_areas(shape) for shape in shapely.make_valid(shapes[broken])]
    types = shapely.get_type_id(shapes)
    wrong = ~np.isin(types, (*_PARTS[kind], *((_LINE_RING,) if kind == "LineString" else ())))
    if wrong.any():
        raise _wrong_kind(rows, own, shapes, wrong, kind)
    if kind == "Polygon":
        return shapes, own
    parts, of = shapely.get_parts(shapes, return_index=True)
    return parts, own[of]


def _check_there(rows: UserLayer, own: Int64Array, shapes: ObjectArray) -> None:
    gone = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if gone.any():
        at = int(own[int(gone.argmax())])
        raise DataError(rows.where(at), None, "This row has no place: give one, or take it out.")
    bounds = shapely.bounds(shapes)
    nowhere: BoolArray = np.asarray(~np.isfinite(bounds).all(axis=1))
    if not nowhere.any():
        xy, index = shapely.get_coordinates(shapes, return_index=True)
        nowhere[index[~np.isfinite(xy).all(axis=1)]] = True
    if nowhere.any():
        at = int(own[int(nowhere.argmax())])
        remedy = "A coordinate of this row is no number (NaN): mend it, or take the row out."
        raise DataError(rows.where(at), "NaN", remedy)


def _points(
    rows: UserLayer, own: Int64Array, shapes: ObjectArray
) -> tuple[ObjectArray, Int64Array]:
    parts, of = shapely.get_parts(shapes, return_index=True)
    types = shapely.get_type_id(parts)
    lines = (types == 1) | (types == _LINE_RING)
    if lines.any():
        wrong: BoolArray = np.zeros(len(own), bool)
        wrong[of[lines]] = True
        raise _wrong_kind(rows, own, shapes, wrong, "Point")
    # An area of several parts is one place; a MultiPoint is as many as it has points.
    areas = np.isin(shapely.get_type_id(shapes), (3, 6))
    inside = shapely.point_on_surface(shapes[areas])
    points = np.concatenate([parts[~areas[of]], inside])
    owner = np.concatenate([of[~areas[of]], np.flatnonzero(areas)])
    order = np.argsort(owner, kind="stable")
    return points[order], own[owner[order]]


def _areas(shape: Any) -> Any:
    parts = [part for part in shapely.get_parts(shape) if shapely.get_type_id(part) in (3, 6)]
    return shapely.union_all(parts) if parts else shapely.Polygon()


def check_shared(
    layers: Sequence[Layer], frames: Sequence[gpd.GeoDataFrame | pd.DataFrame]
) -> None:
    """Refuse a code that two layers of one role have.

    Raises
    ------
    DataError
        With the code.
    """
    for columns in UNIQUE.get(layers[0].role, ()) if len(frames) > 1 else ():
        codes = pd.concat([frame[list(columns)] for frame in frames], ignore_index=True)
        twice = codes[codes.duplicated() & (codes[columns[0]] != "")]
        if len(twice):
            code = str(twice[columns[0]].iloc[0])
            remedy = (
                f"Two of its {len(layers)} layers have this {columns[0]}: take the row out of one "
                "of them, or one layer out."
            )
            raise DataError(f"layers of {layers[0].role}, {columns[0]}", code, remedy)


def _wrong_kind(
    rows: UserLayer,
    own: Int64Array,
    shapes: ObjectArray,
    wrong: BoolArray,
    kind: str,
) -> DataError:
    at = int(wrong.argmax())
    assert kind in GEOMETRY
    return DataError(rows.where(int(own[at])), shapes[at].geom_type, _REMEDIES[kind])


def _check_unique(
    layer: Layer, frame: pd.DataFrame, where: Sequence[tuple[UserLayer, Int64Array]]
) -> None:
    """Refuse two rows of the same code."""
    names = [(rows, int(at)) for rows, own in where for at in own]
    for columns in UNIQUE.get(layer.role, ()):
        codes = [frame[name].astype(object).map(text_of) for name in columns]
        there = np.array(list(map(_APART.join, zip(*codes, strict=True))), object)
        blank = (frame[columns[0]] == "").to_numpy()
        twice = pd.Series(there).duplicated().to_numpy() & ~blank
        if twice.any():
            at = int(twice.argmax())
            first = int(np.flatnonzero(there == there[at])[0])
            rows, own = names[at]
            other, other_at = names[first]
            remedy = (
                f"{other.name}, {other.rows[other_at]} has the same {columns[0]}: give each its "
                "own, or take one out."
            )
            raise DataError(rows.where(own, columns[0]), str(frame[columns[0]].iloc[at]), remedy)
