"""Vector files of a study as rows in degrees: those that meet a box, whatever the format.

Small formats are read by `geodata.sources.userfiles`, as users' points are. Large ones are read
by box: GeoPackage, shapefile and FlatGeobuf through GDAL, once their first bytes have shown that
no other of its drivers can take them, and GeoParquet through Arrow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely
from pyproj import CRS

from geodata.area.box import Box
from geodata.errors import DataError
from geodata.sources.area_file import Layer, stated_crs
from geodata.sources.userfiles.formats.crs import crs_of, to_degrees
from geodata.sources.userfiles.formats.table import EASTINGS, NORTHINGS, read_rows
from geodata.sources.userfiles.layer import UserLayer, plain_heading
from geodata.sources.userfiles.reader import read_layer
from geodata.sources.userfiles.source import KINDS, REMEDIES, Source
from geodata.sources.vectors.files.boxes import rows_in_box
from geodata.sources.vectors.files.columns import numbers_of
from geodata.sources.vectors.files.crs import check_bounds, is_degrees, require_crs
from geodata.sources.vectors.files.features import BoxReader, Choice
from geodata.sources.vectors.files.gdal import CHECKS, gdal_reader, layer_info
from geodata.sources.vectors.files.geoparquet import head_of, read_parquet
from geodata.sources.vectors.files.zipped import unzipped

FORMATS = {
    **{suffix.lstrip("."): kind for suffix, kind in KINDS.items()},
    "parquet": "parquet", "geoparquet": "parquet", "zip": "zip",
}  # fmt: skip
"""Kinds of files by suffix, or by the format of a layer."""
_MOST_BYTES = 1 << 38
"""Largest file that is read by box."""
_BESIDE = (".shx", ".dbf", ".prj", ".cpg", ".qix", ".sbn", ".sbx", ".qml", ".sld", ".xml", ".qmd")

_BY_BOX: dict[str, BoxReader] = {
    **{kind: gdal_reader(check, kind) for kind, check in CHECKS.items()},
    "parquet": read_parquet,
}


def vector_files(layer: Layer) -> list[Path]:
    """The files of a layer that are vectors, of those that a folder holds.

    Raises
    ------
    DataError
        When there is no such file.
    """
    files = layer.files()
    if len(files) == 1:
        return files
    unpacked = {path.stem for path in files if path.suffix.lower() == ".shp"}
    chosen = [
        path for path in files
        # An archive beside its unpacked files would be read twice.
        if path.suffix.lower() not in _BESIDE
        and not (path.suffix.lower() == ".zip" and path.stem in unpacked)
    ]  # fmt: skip
    if not chosen:
        raise DataError(f"layer {layer.label}, path", str(files[0]), "There is no vector file.")
    return chosen


def read_file(
    layer: Layer, path: Path, box: Box | None, *, places: bool = True, used: Choice = list
) -> UserLayer:
    """Rows of a file that meet a box, in degrees about its middle; all rows without one.

    Parameters
    ----------
    box
        West, south, east, north; it may reach beyond the antimeridian.
    places
        Whether rows have a place; a table of indicators has none.
    used
        Which columns of a large format are read; all by default.

    Raises
    ------
    InputError, DataError, OSError
        When the file cannot be read, has no rows, or has no CRS or a wrong one.
    """
    kind = _kind(layer, path)
    if kind == "zip":
        with unzipped(layer, path) as shapefile:
            return read_file(_plain(layer), shapefile, box, places=places, used=used)
    source = Source(
        path=path, layer=layer.layer, field=f"layer {layer.label}",
        most_bytes=_MOST_BYTES if kind in _BY_BOX else None,
    )  # fmt: skip
    if kind == "table" and not places:
        return read_rows(source)
    if kind == "table" and (layer.crs or {"x", "y"} & set(layer.rename)):
        return rows_in_box(_placed(layer, source), box)
    if kind in _BY_BOX:
        return _by_box(layer, source, box, used, reader=_BY_BOX[kind])
    if not is_degrees(layer):
        remedy = f"A {path.suffix} is in degrees: take crs out, or save it as GeoPackage."
        raise DataError(f"layer {layer.label}, crs", layer.crs, remedy)
    return rows_in_box(_standard(source, kind), box)


def _plain(layer: Layer) -> Layer:
    """A layer whose format its suffix says."""
    return layer.model_copy(update={"format": None})


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
    crs = stated_crs(layer) or CRS.from_epsg(4326)
    check_bounds(shapely.total_bounds(shapes).tolist(), crs, source)
    return replace(rows, shapes=to_degrees(shapes, crs, source))


def _kind(layer: Layer, path: Path) -> str:
    suffix = (layer.format or path.suffix).lower().lstrip(".")
    if suffix in FORMATS:
        return FORMATS[suffix]
    remedy = REMEDIES.get(f".{suffix}", "Save the layer as GeoPackage.")
    known = ", ".join(f".{each}" for each in FORMATS)
    raise DataError(layer.field_of(path), str(path), f"{remedy} Vectors that are read: {known}.")


def _by_box(
    layer: Layer, source: Source, box: Box | None, used: Choice, *, reader: BoxReader
) -> UserLayer:
    # Coordinates that are no numbers are refused, with their row, where shapes are checked.
    with np.errstate(invalid="ignore"):
        read, own = reader(source, box, stated_crs(layer), used)
        crs = require_crs(layer, own, source)
        shapes = to_degrees(read.shapes, crs, source)
    result = UserLayer(name=source.path.name, rows=read.rows, shapes=shapes, columns=read.columns)
    return replace(rows_in_box(result, box), every=read.every)


def crs_names(layer: Layer) -> list[str]:
    """What the files of a layer say of their coordinate systems; nothing else of them is kept.

    Raises
    ------
    InputError, DataError, OSError
        When a file cannot be read.
    """
    return sorted({_crs_name(layer, path) for path in vector_files(layer)})


def _crs_name(layer: Layer, path: Path) -> str:
    kind = _kind(layer, path)
    if kind == "zip":
        with unzipped(layer, path) as shapefile:
            return _crs_name(_plain(layer), shapefile)
    if kind not in _BY_BOX:
        return layer.crs or "EPSG:4326"
    source = Source(
        path=path, layer=layer.layer, field=f"layer {layer.label}", most_bytes=_MOST_BYTES
    )
    if kind == "parquet":
        own = head_of(source).crs
    else:
        CHECKS[kind](source)
        text = layer_info(source)["crs"]
        own = crs_of(text, source) if text else None
    if own is None:
        return layer.crs or "none"
    authority = own.to_authority()
    return ":".join(authority) if authority else str(own.name)


def each_file(
    layer: Layer, box: Box | None, *, places: bool = True, used: Choice = list
) -> Iterator[tuple[Path, UserLayer]]:
    """The files of a layer, each read as `read_file` does; one without rows is passed over.

    Raises
    ------
    DataError
        When no file has a row in the box.
    """
    empty = True
    for path in vector_files(layer):
        rows = read_file(layer, path, box, places=places, used=used)
        if len(rows):
            empty = False
            yield path, rows
    if empty:
        names = ", ".join(path.name for path in vector_files(layer))
        remedy = "It has nothing in the area: name the file of this area, or leave the layer out."
        raise DataError(f"layer {layer.label}, path", names, remedy)
