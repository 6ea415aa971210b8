"""Frames as GeoJSON (RFC 7946), fast and with the same bytes every time.

Features are assembled as text, column by column: a general encoder spends its
time on nested lists that exist only to be thrown away.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geodata.errors import DataError, InputError

DECIMALS = 6
"""Decimals of a degree: about 11 cm."""

_TEXT = json.JSONEncoder(ensure_ascii=False)
_GEOMETRY_NAMES = {
    0: "Point",
    1: "LineString",
    3: "Polygon",
    4: "MultiPoint",
    5: "MultiLineString",
    6: "MultiPolygon",
}
_POLYGON, _MULTI = 3, frozenset({4, 5, 6})


def collection(frame: gpd.GeoDataFrame) -> str:
    """Encode a frame as a FeatureCollection, one feature a line.

    Parameters
    ----------
    frame
        Features with scalar columns; brought to WGS 84 where they are not.
        A column ``id`` gives the ids, else the index does.

    Returns
    -------
    str
        RFC 7946 text: longitude first, six decimals, no ``crs``, exterior rings
        anticlockwise, NaN and infinity as null, ``bbox`` unless nothing is there.

    Raises
    ------
    InputError
        When the frame has no CRS or holds a kind of geometry that is not written.
    DataError
        When a cell is not a scalar, or ids are missing or not unique.
    """
    placed = wgs84(frame)
    head = '{"type":"FeatureCollection",'
    box = bounds(placed)
    if box:
        head += f'"bbox":[{",".join(number(value) for value in box)}],'
    return head + '"features":[\n' + ",\n".join(features(placed)) + "\n]}\n"


def features(frame: gpd.GeoDataFrame) -> Iterator[str]:
    """Yield the features of a frame in WGS 84 as GeoJSON texts, in order."""
    ids = _ids(frame)
    names = [str(name) for name in frame.columns if name != frame.geometry.name]
    columns = [ids if name == "id" else scalars(frame[name]) for name in names]
    if "id" not in names:
        names, columns = ["id", *names], [ids, *columns]
    template = ",".join(json.dumps(name).replace("%", "%%") + ":%s" for name in names)
    shapes = geometries(np.asarray(frame.geometry.array, dtype=object))
    for identity, shape, *values in zip(ids, shapes, *columns, strict=True):
        properties = template % tuple(values)
        yield (
            f'{{"type":"Feature","id":{identity},"geometry":{shape},"properties":{{{properties}}}}}'
        )


def wgs84(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Bring a frame to longitude and latitude.

    Raises
    ------
    InputError
        When the frame does not say what its coordinates are.
    """
    if frame.crs is None:
        raise InputError("crs", None, "Say what the coordinates are: frame.set_crs(4326).")
    return frame if frame.crs.equals("EPSG:4326", True) else frame.to_crs(4326)


def bounds(frame: gpd.GeoDataFrame) -> tuple[float, float, float, float] | None:
    """West, south, east and north of all features, None when there are none."""
    west, south, east, north = (float(value) for value in frame.total_bounds)
    return (west, south, east, north) if np.isfinite(west) else None


def geometries(shapes: npt.NDArray[np.object_]) -> list[str]:
    """Geometry objects as GeoJSON texts; a missing or empty one is ``null``.

    Raises
    ------
    InputError
        For a geometry collection or a linear ring.
    """
    kinds = shapely.get_type_id(shapes)
    known = np.isin(kinds, list(_GEOMETRY_NAMES)) | (kinds == -1)
    if not known.all():
        kind = shapes[np.flatnonzero(~known)[0]].geom_type
        remedy = "Write points, lines or polygons: frame.explode() splits collections."
        raise InputError("geometry", kind, remedy)
    wound = shapely.orient_polygons(shapes)
    parts, owner = shapely.get_parts(wound, return_index=True)
    parts, owner = parts[~shapely.is_empty(parts)], owner[~shapely.is_empty(parts)]
    texts = _grouped(_parts(parts), np.bincount(owner, minlength=len(shapes)))
    return [
        "null"
        if not held
        else '{{"type":"{}","coordinates":{}}}'.format(
            _GEOMETRY_NAMES[int(kind)], f"[{','.join(held)}]" if kind in _MULTI else held[0]
        )
        for kind, held in zip(kinds, texts, strict=True)
    ]


def _parts(parts: npt.NDArray[np.object_]) -> list[str]:
    """Coordinates of single points, lines and polygons as JSON texts."""
    kinds = shapely.get_type_id(parts)
    areas = kinds == _POLYGON
    texts = np.empty(len(parts), dtype=object)
    for index, text in zip(np.flatnonzero(~areas), _paths(parts[~areas]), strict=True):
        texts[index] = text
    rings, owner = shapely.get_rings(parts[areas], return_index=True)
    held = _grouped(_paths(rings), np.bincount(owner, minlength=int(areas.sum())))
    for index, group in zip(np.flatnonzero(areas), held, strict=True):
        texts[index] = f"[{','.join(group)}]"
    return [str(text) for text in texts]


def _paths(paths: npt.NDArray[np.object_]) -> list[str]:
    """Coordinates of points, lines and rings as JSON texts."""
    numbers = _fixed(shapely.get_coordinates(paths).ravel())
    positions = list(map("[%s,%s]".__mod__, zip(numbers[::2], numbers[1::2], strict=True)))
    groups = _grouped(positions, shapely.get_num_coordinates(paths))
    single = shapely.get_type_id(paths) == 0
    return [
        group[0] if point else f"[{','.join(group)}]"
        for point, group in zip(single, groups, strict=True)
    ]


def _grouped(texts: Sequence[str], counts: npt.NDArray[np.integer]) -> Iterator[Sequence[str]]:
    """Consecutive runs of texts, of the lengths given."""
    start = 0
    for count in counts.tolist():
        yield texts[start : start + count]
        start += count


def _fixed(values: npt.NDArray[np.float64]) -> list[str]:
    """Coordinates rounded, without trailing zeros or a negative zero."""
    rounded = np.round(values, DECIMALS) + 0.0
    texts = list(map(repr, rounded.tolist()))
    for index in np.flatnonzero(rounded == np.rint(rounded)):
        texts[index] = str(int(rounded[index]))
    return texts


def number(value: float) -> str:
    """One coordinate as JSON text."""
    return _fixed(np.array([value]))[0]


def scalars(column: pd.Series) -> list[str]:
    """Encode the cells of a column as JSON texts.

    Raises
    ------
    DataError
        For a cell that is a list, mapping or anything else that nests.
    """
    if pd.api.types.is_bool_dtype(column.dtype) and not column.hasnans:
        return ["true" if value else "false" for value in column]
    if pd.api.types.is_numeric_dtype(column.dtype) and not column.hasnans:
        return _numbers(column.to_numpy())
    if isinstance(column.dtype, np.dtype) and column.dtype.kind == "f":
        return _numbers(column.to_numpy())
    return list(_objects(column.to_numpy(dtype=object), str(column.name)))


def _numbers(values: npt.NDArray[np.generic]) -> list[str]:
    """Integers in full; floats to the digits their type holds.

    A float keeps its point, 0.0: QGIS guesses a column's type from the first few values,
    and one that looks whole loses the decimals that follow.
    """
    if values.dtype.kind in "iu":
        return [str(value) for value in values.tolist()]
    form = "%.7g" if values.dtype.itemsize <= 4 else "%.12g"
    texts = [form % value for value in values.tolist()]
    texts = [text if "." in text or "e" in text else f"{text}.0" for text in texts]
    for index in np.flatnonzero(~np.isfinite(values.astype(np.float64))):
        texts[index] = "null"
    return texts


def _objects(cells: Iterable[object], name: str) -> Iterator[str]:
    known: dict[str, str] = {}
    for cell in cells:
        if isinstance(cell, str):
            if cell not in known:
                known[cell] = _TEXT.encode(cell)
            yield known[cell]
        elif cell is None or cell is pd.NA or cell is pd.NaT:
            yield "null"
        elif isinstance(cell, bool | np.bool_):
            yield "true" if cell else "false"
        elif isinstance(cell, int | float | np.integer | np.floating):
            yield _numbers(np.asarray([cell]))[0]
        elif isinstance(cell, pd.Timestamp | np.datetime64):
            yield json.dumps(pd.Timestamp(cell).isoformat())
        else:
            remedy = "Properties are flat: join the parts into one text or use several columns."
            raise DataError(f"column {name}", cell, remedy)


def _ids(frame: gpd.GeoDataFrame) -> list[str]:
    """Feature ids as JSON texts, checked to be there and unique."""
    source = frame["id"] if "id" in frame.columns else frame.index.to_series(name="id")
    ids = scalars(source)
    doubtful = source.isna() | source.duplicated()
    if doubtful.any():
        culprit = source[doubtful].iloc[0]
        raise DataError("column id", culprit, "Give every feature an id of its own.")
    return ids
