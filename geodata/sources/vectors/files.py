"""Vector files of a study as rows in degrees: those that meet a box, whatever the format.

Small formats are read by `geodata.sources.userfiles`, as users' points are. Large ones are read
by box: GeoPackage, shapefile and FlatGeobuf through GDAL, once their first bytes have shown that
no other of its drivers can take them, and GeoParquet through Arrow.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, overload

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from geodata.area.box import Box
from geodata.arrays import Float64Array, Int64Array, ObjectArray
from geodata.errors import DataError
from geodata.sources.area_file import Layer
from geodata.sources.userfiles.crs import UNSAID, crs_of, to_degrees
from geodata.sources.userfiles.geopackage import check_geopackage
from geodata.sources.userfiles.layer import UserLayer, plain_heading
from geodata.sources.userfiles.packed import check_flatgeobuf, check_shapefile
from geodata.sources.userfiles.reader import read_layer
from geodata.sources.userfiles.source import KINDS, REMEDIES, Source
from geodata.sources.userfiles.table import EASTINGS, NORTHINGS, read_rows
from geodata.sources.userfiles.wkb import shapes_of
from geodata.sources.vectors.columns import numbers_of

FORMATS = {
    **{suffix.lstrip("."): kind for suffix, kind in KINDS.items()},
    "parquet": "parquet", "geoparquet": "parquet",
}  # fmt: skip
"""Kinds of files by suffix, or by the format of a layer."""
_MOST_BYTES = 1 << 38
"""Largest file that is read by box."""
_SMALL = 200_000
"""Features of a file that is read as a whole, so that rows without a geometry are seen."""
_MOST_DEGREES = (360.0, 90.0)
_SLACK = 1e-6
_BESIDE = (".shx", ".dbf", ".prj", ".cpg", ".qix", ".sbn", ".sbx", ".qml", ".sld", ".xml", ".qmd")
_DOUBLE_ENCODED = re.compile("[\u00c2\u00c3][\u0080-\u00bf\u20ac\u201a-\u2122]")
"""What letters beyond ASCII look like where UTF-8 has been read as Latin-1."""
_UNREADABLE = (DataSourceError, DataLayerError, ValueError, IndexError, pa.ArrowException, OSError)


class Numbers(Sequence[str]):
    """Names of rows by their numbers, such as ``feature 12``, made when they are asked for."""

    def __init__(self, word: str, numbers: Int64Array) -> None:
        self._word, self._numbers = word, numbers

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Numbers: ...
    def __getitem__(self, at: int | slice) -> str | Numbers:
        if isinstance(at, slice):
            return Numbers(self._word, self._numbers[at])
        return f"{self._word} {self._numbers[at]}"


@dataclass(frozen=True, kw_only=True)
class _Read:
    """What a reader by box gives: shapes in the CRS of the file."""

    rows: Sequence[str]
    shapes: ObjectArray
    columns: Sequence[tuple[str, Sequence[Any]]]


def field_of(layer: Layer, path: Path) -> str:
    """How errors call a file of a layer."""
    return f"layer {layer.label}, file {path.name}"


def vector_files(layer: Layer) -> list[Path]:
    """The files of a layer that are vectors, of those that a folder holds.

    Raises
    ------
    DataError
        When there is none.
    """
    files = layer.files()
    if len(files) == 1:
        return files
    chosen = [path for path in files if path.suffix.lower() not in _BESIDE]
    if not chosen:
        raise DataError(f"layer {layer.label}, path", str(files[0]), "There is no vector file.")
    return chosen


def read_file(layer: Layer, path: Path, box: Box | None, *, places: bool = True) -> UserLayer:
    """Rows of a file that meet a box, in degrees about its middle; all rows without one.

    Parameters
    ----------
    box
        West, south, east, north; it may reach beyond the antimeridian.
    places
        Whether rows have a place; a table of indicators has none.

    Raises
    ------
    InputError, DataError, OSError
        When it cannot be read, has no CRS or one that is contradicted or wrong, or has no rows.
    """
    kind = _kind(layer, path)
    source = Source(
        path=path, layer=layer.layer, field=f"layer {layer.label}",
        most_bytes=_MOST_BYTES if kind in _BY_BOX else None,
    )  # fmt: skip
    if kind == "table" and not places:
        return read_rows(source)
    if kind == "table" and (layer.crs or {"x", "y"} & set(layer.rename)):
        return around(_placed(layer, source), box)
    if kind in _BY_BOX:
        return _by_box(layer, source, box, _BY_BOX[kind])
    if layer.crs and not _is_degrees(layer.crs, layer):
        remedy = f"A {path.suffix} is in degrees: take crs out, or save it as GeoPackage."
        raise DataError(f"layer {layer.label}, crs", layer.crs, remedy)
    return around(_standard(source, kind), box)


def _standard(source: Source, kind: str) -> UserLayer:
    """A file by the reader of users' points, whatever its suffix."""
    if KINDS.get(source.path.suffix.lower()) == kind:
        return read_layer(source)
    suffix = next(suffix for suffix, each in KINDS.items() if each == kind)
    remedy = f"Name it {source.path.stem}{suffix}: it is read by its suffix."
    raise source.refusal(remedy)


def _placed(layer: Layer, source: Source) -> UserLayer:
    """A table whose coordinates have other headings, or are of another CRS."""
    rows = read_rows(source)
    ends = []
    for axis, usual in (("x", EASTINGS), ("y", NORTHINGS)):
        names = (plain_heading(layer.rename[axis]),) if axis in layer.rename else usual
        heading, values = rows.column(names, offered=[layer.rename.get(axis, axis)])
        ends.append(numbers_of(rows, heading, values))
    x, y = ends
    there = np.isfinite(x) & np.isfinite(y)
    shapes = np.full(len(rows), None, object)
    shapes[there] = shapely.points(x[there], y[there])
    crs = _said(layer.crs, layer) if layer.crs else CRS.from_epsg(4326)
    _check_bounds(shapely.total_bounds(shapes).tolist(), crs, source)
    return replace(rows, shapes=to_degrees(shapes, crs, source))


def _kind(layer: Layer, path: Path) -> str:
    suffix = (layer.format or path.suffix).lower().lstrip(".")
    if suffix in FORMATS:
        return FORMATS[suffix]
    remedy = REMEDIES.get(f".{suffix}", "Save the layer as GeoPackage.")
    known = ", ".join(f".{each}" for each in FORMATS)
    raise DataError(field_of(layer, path), str(path), f"{remedy} Vectors that are read: {known}.")


def _is_degrees(text: str, layer: Layer) -> bool:
    return _said(text, layer).equals("EPSG:4326", ignore_axis_order=True)


def _said(text: str, layer: Layer) -> CRS:
    """The CRS that a layer gives."""
    try:
        return CRS.from_user_input(text)
    except CRSError as error:
        remedy = "Give a code such as EPSG:4326 or EPSG:32616."
        raise DataError(f"layer {layer.label}, crs", text, remedy) from error


_Reader = Callable[[Source, "Box | None", "CRS | None"], "tuple[_Read, CRS | None]"]


def _by_box(layer: Layer, source: Source, box: Box | None, reader: _Reader) -> UserLayer:
    said = _said(layer.crs, layer) if layer.crs else None
    # A coordinate that is no number is found, and its row named, by who looks at the shapes.
    with np.errstate(invalid="ignore"):
        read, own = reader(source, box, said)
        crs = _agreed(layer, own, said, source)
        shapes = to_degrees(read.shapes, crs, source)
    result = UserLayer(name=source.path.name, rows=read.rows, shapes=shapes, columns=read.columns)
    return around(result, box)


def _agreed(layer: Layer, own: CRS | None, said: CRS | None, source: Source) -> CRS:
    """The CRS of the file, or the one that the layer gives where the file has none."""
    if own is None and said is None:
        if source.path.suffix.lower() == ".shp":
            remedy = (
                f"There is no {source.path.stem}.prj beside it: put it there, or give "
                'crs = "EPSG:..." for the layer.'
            )
            raise source.refusal(remedy)
        raise source.refusal(f'{UNSAID} Or give crs = "EPSG:..." for the layer.')
    if own is not None and said is not None and not own.equals(said, ignore_axis_order=True):
        remedy = (
            f"The file {source.path.name} says {own.name}. A layer is not moved by naming another "
            "one: take crs out, or mend the file."
        )
        raise DataError(f"layer {layer.label}, crs", layer.crs, remedy)
    crs = own if own is not None else said
    assert crs is not None
    return crs


def _check_bounds(bounds: Sequence[float], crs: CRS | None, source: Source) -> None:
    """Refuse coordinates that are no degrees under a CRS of degrees, and the other way round."""
    if crs is None or not np.isfinite(bounds).all():
        return
    most = np.array([*_MOST_DEGREES] * 2)
    beyond = np.abs(np.asarray(bounds)) > most + _SLACK
    shown = ", ".join(f"{each:g}" for each in bounds)
    field = f"{source.field}, file {source.path.name}, bounds"
    if crs.is_geographic and beyond.any():
        west, south, east, north = bounds
        swapped = max(abs(west), abs(east)) <= 90 and max(abs(south), abs(north)) <= 180
        hint = " Longitude and latitude look swapped." if swapped else ""
        remedy = (
            f"It is labelled {crs.name}, which is in degrees, and these are none: give it the "
            f"coordinate system in which it was made.{hint}"
        )
        raise DataError(field, shown, remedy)
    half = np.array([180.0, 90.0] * 2)
    if crs.is_projected and (np.abs(np.asarray(bounds)) <= half).all() and any(bounds):
        remedy = (
            f"It is labelled {crs.name}, which is in metres, and these look like degrees: give it "
            "the coordinate system in which it was made."
        )
        raise DataError(field, shown, remedy)


def boxes_of(box: Box, crs: CRS) -> list[Box]:
    """A box in degrees as boxes of another CRS: two where it lies across the antimeridian."""
    west, south, east, north = box
    degrees = [box]
    if east > 180:
        degrees.append((west - 360, south, east - 360, north))
    if west < -180:
        degrees.append((west + 360, south, east + 360, north))
    if crs.equals("EPSG:4326", ignore_axis_order=True):
        return degrees
    towards = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    boxes = []
    for left, bottom, right, top in degrees:
        sides = (max(left, -180.0), bottom, min(right, 180.0), top)
        if sides[0] < sides[2]:
            own = towards.transform_bounds(*sides, densify_pts=51)
            boxes.append((float(own[0]), float(own[1]), float(own[2]), float(own[3])))
    return boxes


def around(layer: UserLayer, box: Box | None) -> UserLayer:
    """Rows that meet a box, and those without a shape; longitudes about its middle."""
    if box is None:
        return layer
    shapes = _wrapped(layer.shapes, box)
    bounds = shapely.bounds(shapes)
    west, south, east, north = box
    none = np.isnan(bounds).any(axis=1)
    near = (bounds[:, 0] <= east) & (bounds[:, 2] >= west)
    near &= (bounds[:, 1] <= north) & (bounds[:, 3] >= south)
    kept = np.flatnonzero(none | near)
    return UserLayer(
        name=layer.name,
        rows=[layer.rows[at] for at in kept.tolist()] if len(kept) < len(layer) else layer.rows,
        shapes=shapes[kept],
        columns=[(name, _taken(values, kept)) for name, values in layer.columns],
    )


def _taken(values: Any, rows: Int64Array) -> Sequence[Any]:
    """Some of the values of a column."""
    if isinstance(values, np.ndarray):
        taken: Any = values[rows]
        return as_column(taken)
    return [values[at] for at in rows]


def as_column(values: Any) -> Sequence[Any]:
    """An array as the values of a column."""
    column: Sequence[Any] = values
    return column


def _wrapped(shapes: ObjectArray, box: Box) -> ObjectArray:
    """Shapes whose parts lie about the middle of a box, not a turn of the earth away."""
    west, _, east, _ = box
    middle = (west + east) / 2
    bounds = shapely.bounds(shapes)
    with np.errstate(invalid="ignore"):
        far = (bounds[:, 0] < middle - 180) | (bounds[:, 2] > middle + 180)
    if not far.any():
        return shapes
    result = shapes.copy()
    for at in np.flatnonzero(far).tolist():
        result[at] = _turned(shapes[at], middle)
    return result


def _turned(shape: Any, middle: float) -> Any:
    parts = shapely.get_parts(shape)
    bounds = shapely.bounds(parts)
    turns = -np.round(((bounds[:, 0] + bounds[:, 2]) / 2 - middle) / 360) * 360
    moved = [_shifted(part, float(turn)) for part, turn in zip(parts, turns, strict=True)]
    kind = int(shapely.get_type_id(shape))
    if kind not in _SEVERAL:
        return moved[0]
    return _SEVERAL[kind](moved)


def _shifted(shape: Any, turn: float) -> Any:
    def shift(xy: Float64Array) -> Float64Array:
        return np.asarray(xy + np.array([turn, 0.0]), np.float64)

    return shapely.transform(shape, shift)


_SEVERAL: dict[int, Callable[[list[Any]], Any]] = {
    4: shapely.multipoints,
    5: shapely.multilinestrings,
    6: shapely.multipolygons,
    7: shapely.geometrycollections,
}


def _gdal(check: Callable[[Source], None], kind: str) -> _Reader:
    """A reader through GDAL of files that a check has passed."""

    def read(source: Source, box: Box | None, said: CRS | None) -> tuple[_Read, CRS | None]:
        check(source)
        info = _info(source)
        own = crs_of(info["crs"], source) if info["crs"] else None
        crs = own if own is not None else said
        if not info["features"]:
            raise source.refusal("It has no features.")
        bounds = info["total_bounds"]
        if bounds is not None:
            _check_bounds(bounds, crs, source)
        small = 0 <= info["features"] <= _SMALL
        boxes = [None] if box is None or crs is None or small else boxes_of(box, crs)
        # Features of a GeoPackage have numbers of their own, others are counted.
        return _features(source, boxes, first=0 if kind == "geopackage" else 1), own

    return read


def _info(source: Source) -> dict[str, Any]:
    path = str(source.path.absolute())
    if "!" in path or path.startswith("/vsi") or path.lower().endswith(".zip"):
        raise source.refusal("Rename it: its path has a sign of addresses in it.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            names = [str(name) for name, geometry in pyogrio.list_layers(path) if geometry]
            layer = source.one_layer(names)
            info: dict[str, Any] = pyogrio.read_info(
                path, layer=layer, force_feature_count=True, force_total_bounds=True
            )
    except _UNREADABLE as error:
        if isinstance(error, DataError):
            raise
        raise _unreadable(source, error) from error
    return {**info, "layer": layer}


def _unreadable(source: Source, error: Exception) -> DataError:
    if isinstance(error, UnicodeDecodeError):
        remedy = (
            f"Its texts are not {error.encoding.upper()}, as its .cpg says: write ISO-8859-1 into "
            f"{source.path.stem}.cpg, or save the layer as GeoPackage."
        )
        return source.refusal(remedy)
    reason = " ".join(str(error).split())[:120]
    return source.refusal(f"It cannot be read ({reason}). Save the layer as GeoPackage.")


def _features(source: Source, boxes: Sequence[Box | None], *, first: int) -> _Read:
    info = _info(source)
    parts = [_pieces(source, info["layer"], box, None) for box in boxes]
    encoding = _reencoded(source, parts)
    if encoding:
        parts = [_pieces(source, info["layer"], box, encoding) for box in boxes]
    names = [str(name) for name in parts[0][0]]
    fids = np.concatenate([part[1] for part in parts])
    blobs = np.concatenate([part[2] for part in parts])
    values = [np.concatenate([part[3][at] for part in parts]) for at in range(len(names))]
    fids, once = np.unique(fids, return_index=True)
    rows = Numbers("feature", fids + first)
    return _Read(
        rows=rows,
        shapes=shapes_of(blobs[once].tolist(), rows, source),
        columns=[
            (name, as_column(column[once])) for name, column in zip(names, values, strict=True)
        ],
    )


def _pieces(
    source: Source, layer: str, box: Box | None, encoding: str | None
) -> tuple[Any, Any, Any, Any]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            meta, fids, blobs, values = pyogrio.raw.read(
                str(source.path.absolute()), layer=layer, bbox=box, encoding=encoding,
                return_fids=True, datetime_as_string=True, force_2d=True,
            )  # fmt: skip
    except _UNREADABLE as error:
        raise _unreadable(source, error) from error
    if blobs is None:
        raise source.refusal("It has no geometry.")
    return meta["fields"], fids, blobs, values


def _reencoded(source: Source, parts: Sequence[tuple[Any, Any, Any, Any]]) -> str | None:
    """UTF-8, where texts of a shapefile that does not say its encoding look like that."""
    if source.path.suffix.lower() != ".shp" or ".cpg" in _beside(source):
        return None
    texts = (
        str(text)
        for _, _, _, values in parts
        for column in values
        if column.dtype == object
        for text in column[:10_000]
    )
    return "UTF-8" if any(_DOUBLE_ENCODED.search(text) for text in texts) else None


def _check_shapefile(source: Source) -> None:
    check_shapefile(source)
    if ".shx" not in _beside(source):
        raise source.refusal(f"There is no {source.path.stem}.shx beside it: keep them together.")


def _beside(source: Source) -> set[str]:
    """Suffixes of what lies beside a shapefile and says something."""
    return {
        path.suffix.lower()
        for path in source.path.absolute().parent.iterdir()
        if path.stem == source.path.stem and path.is_file() and path.stat().st_size
    }


def _parquet(source: Source, box: Box | None, said: CRS | None) -> tuple[_Read, CRS | None]:
    source.check(source.path)
    with source.path.open("rb") as file:
        if file.read(4) != b"PAR1":
            raise source.refusal("It is no GeoParquet. Save the layer as GeoPackage.")
    own, covered = _geo(source)
    crs = own if own is not None else said
    boxes: list[Box | None] = [None]
    if box is not None and crs is not None and covered:
        boxes = [*boxes_of(box, crs)]
    frames = [_frame(source, each) for each in boxes]
    frame = frames[0]
    if len(frames) > 1:
        frame = gpd.GeoDataFrame(pd.concat(frames))
        frame = frame[~frame.geometry.to_wkb().duplicated()]
    shapes: ObjectArray = np.asarray(frame.geometry.array, object)
    if not covered:
        _check_bounds(shapely.total_bounds(shapes).tolist(), crs, source)
        if not len(frame):
            raise source.refusal("It has no features.")
    else:
        _check_bounds(_bounds_of(source), crs, source)
    others = [str(name) for name in frame.columns if name != frame.geometry.name]
    numbers = np.arange(1, len(frame) + 1, dtype=np.int64)
    return _Read(
        rows=Numbers("feature" if boxes == [None] else "feature of the area", numbers),
        shapes=shapes,
        columns=[(name, as_column(frame[name].to_numpy())) for name in others],
    ), own


def _geo(source: Source) -> tuple[CRS | None, bool]:
    """CRS of the geometry of a GeoParquet file, and whether it can be read by box."""
    try:
        metadata = pq.read_metadata(source.path).metadata or {}
    except _UNREADABLE as error:
        raise _unreadable(source, error) from error
    if b"geo" not in metadata:
        raise source.refusal("It has no geometry: it is Parquet and no GeoParquet.")
    try:
        geo = json.loads(metadata[b"geo"])
        column = geo["columns"][geo["primary_column"]]
        crs = column.get("crs", "OGC:CRS84")
        own = None if crs is None else CRS.from_user_input(crs)
    except (ValueError, KeyError, TypeError, CRSError) as error:
        raise source.refusal("What it says of its geometry cannot be read.") from error
    return own, "covering" in column or column.get("encoding", "WKB").lower() == "point"


def _bounds_of(source: Source) -> list[float]:
    """Bounds that the head of a GeoParquet file tells, or not a number."""
    geo = json.loads((pq.read_metadata(source.path).metadata or {})[b"geo"])
    bounds = geo["columns"][geo["primary_column"]].get("bbox") or []
    half = len(bounds) // 2
    return [*bounds[:2], *bounds[half : half + 2]] if half >= 2 else [np.nan] * 4


def _frame(source: Source, box: Box | None) -> gpd.GeoDataFrame:
    try:
        frame: gpd.GeoDataFrame = gpd.read_parquet(source.path.absolute(), bbox=box)
    except (*_UNREADABLE, KeyError, TypeError) as error:
        raise _unreadable(source, error) from error
    return frame


_CHECKS: dict[str, Callable[[Source], None]] = {
    "geopackage": check_geopackage,
    "shapefile": _check_shapefile,
    "flatgeobuf": check_flatgeobuf,
}
"""By kind of the files that GDAL reads: refuses what another of its drivers could take."""
_BY_BOX: dict[str, _Reader] = {
    **{kind: _gdal(check, kind) for kind, check in _CHECKS.items()},
    "parquet": _parquet,
}


def crs_names(layer: Layer) -> list[str]:
    """What the files of a layer say of their coordinate systems; nothing else of them is read.

    Raises
    ------
    InputError, DataError, OSError
        When a file cannot be read.
    """
    return sorted({_crs_name(layer, path) for path in vector_files(layer)})


def _crs_name(layer: Layer, path: Path) -> str:
    kind = _kind(layer, path)
    if kind not in _BY_BOX:
        return layer.crs or "EPSG:4326"
    source = Source(
        path=path, layer=layer.layer, field=f"layer {layer.label}", most_bytes=_MOST_BYTES
    )
    if kind == "parquet":
        own = _geo(source)[0]
    else:
        _CHECKS[kind](source)
        text = _info(source)["crs"]
        own = crs_of(text, source) if text else None
    if own is None:
        return layer.crs or "none"
    authority = own.to_authority()
    return ":".join(authority) if authority else str(own.name)


def each_file(
    layer: Layer, box: Box | None, *, places: bool = True
) -> Iterator[tuple[Path, UserLayer]]:
    """The files of a layer, each read; one without rows in the box is passed over.

    Raises
    ------
    DataError
        When none has a row in the box.
    """
    empty = True
    for path in vector_files(layer):
        rows = read_file(layer, path, box, places=places)
        if len(rows):
            empty = False
            yield path, rows
    if empty:
        names = ", ".join(path.name for path in vector_files(layer))
        remedy = "It has nothing in the area: name the file of this area, or leave the layer out."
        raise DataError(f"layer {layer.label}, path", names, remedy)
