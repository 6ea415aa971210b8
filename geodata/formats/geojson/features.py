"""Frames as GeoJSON (RFC 7946), fast and with the same bytes every time.

Features are assembled as bytes, column by column, by compiled code: a general encoder spends
its time on nested lists that exist only to be thrown away.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.area.antimeridian import cut_box, cut_frame, cut_shapes
from geodata.area.crs import bounds, wgs84
from geodata.arrays import ColumnTable, Int32Array, ObjectArray, UInt64Array
from geodata.computing.tasks import in_order
from geodata.errors import DataError, InputError
from geodata.formats.geojson.columns import Cells, column_cells, plain_texts, rows
from geodata.formats.geojson.kernels import ShapeArrays, TextBuffer, write_shapes

DECIMALS = 6
"""Decimals of a degree: about 11 cm."""
SEPARATOR = b",\n"
"""What stands between features."""

_GEOMETRY_NAMES = {
    0: "Point",
    1: "LineString",
    3: "Polygon",
    4: "MultiPoint",
    5: "MultiLineString",
    6: "MultiPolygon",
}
_OPENINGS = [
    f'{{"type":"{_GEOMETRY_NAMES[kind]}","coordinates":{"[" * (kind > 3)}'.encode()
    if kind in _GEOMETRY_NAMES
    else b""
    for kind in range(7)
]
_BEGINNINGS = TextBuffer(
    np.frombuffer(b"".join(_OPENINGS), np.uint8),
    np.cumsum([0, *map(len, _OPENINGS)], dtype=np.uint64),
)
_AREAS = (3, 6)
# By kind of geometry; the last one is that of what is missing, -1.
_WRITTEN = np.array([*(kind in _GEOMETRY_NAMES for kind in range(8)), True])
_IS_AREA = np.array([*(kind in _AREAS for kind in range(8)), False])
# Longest text of a position, and of the brackets and the name around a part or a shape.
_POSITION, _AROUND = 42, 64
# Beyond this a coordinate has more digits than a float holds.
_LARGEST = 1e9

# Features that are encoded together, so that not all are held twice, and blocks at a time: what
# takes the time is compiled and holds no lock, and a block waits for no other.
_AT_ONCE, _THREADS = 16_384, 2


def collection(frame: gpd.GeoDataFrame) -> str:
    """Encode a frame as a FeatureCollection; see `encode`."""
    return encode(frame).decode()


def encode(frame: gpd.GeoDataFrame) -> bytes:
    """Encode a frame as a FeatureCollection, one feature a line.

    Parameters
    ----------
    frame
        Features with scalar columns; brought to WGS 84 where they are not.
        A column ``id`` gives the ids, else the index does.

    Returns
    -------
    bytes
        RFC 7946 text: longitude first, six decimals, no ``crs``, exterior rings
        anticlockwise, cut at the antimeridian, NaN and infinity as null, ``bbox`` unless
        nothing is there.

    Raises
    ------
    InputError
        When the frame has no CRS or holds a kind of geometry that is not written.
    DataError
        When a cell is not a scalar, ids are missing or not unique, or a coordinate is
        not finite.
    """
    return b"".join(pieces(frame))


def pieces(frame: gpd.GeoDataFrame) -> Iterator[bytes | memoryview]:
    """What `encode` gives, piece by piece, for files that need not be held in memory."""
    placed = wgs84(frame)
    check_ids(placed)
    box = bounds(placed)
    edges = f'"bbox":[{",".join(map(number, cut_box(box)))}]'.encode() if box else b""
    placed = cut_frame(placed)
    head, foot = envelope(edges)
    yield head
    starts = range(0, len(placed), _AT_ONCE)

    def block_at(at: int) -> memoryview:
        return encode_features(placed.iloc[at : at + _AT_ONCE]).letters.data

    for turn, block in enumerate(in_order(block_at, starts, threads=_THREADS), 1):
        yield block if turn < len(starts) else block[: -len(SEPARATOR)]
    yield foot


def envelope(members: bytes = b"", *, lines: bool = True) -> tuple[bytes, bytes]:
    """The text before the features of a FeatureCollection, and the text after them, in UTF-8.

    Parameters
    ----------
    members
        What the collection has besides, as JSON text in UTF-8 without its braces.
    lines
        Whether features stand on lines of their own.
    """
    besides, end = members + b"," if members else b"", b"\n" if lines else b""
    return b'{"type":"FeatureCollection",' + besides + b'"features":[' + end, end + b"]}" + end


def features(source: gpd.GeoDataFrame | ColumnTable) -> Iterator[bytes]:
    """Yield the features of a frame in WGS 84, or of a table, as GeoJSON texts in UTF-8, in order.

    They are cut at the antimeridian.
    """
    if isinstance(source, ColumnTable):
        yield from _table_features(source)
        return
    check_ids(source)
    yield from encode_features(cut_frame(source)).texts(less=len(SEPARATOR))


def encode_features(frame: gpd.GeoDataFrame, *, decimals: int = DECIMALS) -> Cells:
    """Encode the features of a frame as it is, each with `SEPARATOR` behind it.

    Parameters
    ----------
    decimals
        Of coordinates: fewer where they are metres.

    Raises
    ------
    InputError, DataError
        As `encode` does.
    """
    ids = column_cells(_ids(frame))
    placed = frame.active_geometry_name
    names = [str(name) for name in frame.columns if name != placed]
    columns = {name: ids if name == "id" else column_cells(frame[name]) for name in names}
    shapes = geometries(np.asarray(frame.geometry.array, dtype=object), decimals=decimals)
    return _assembled(columns if "id" in columns else {"id": ids, **columns}, shapes)


def _table_features(table: ColumnTable) -> Iterator[bytes]:
    """Features of a table, as `encode_features` has those of a frame."""
    if len(set(table.columns["id"])) < len(table):
        check_ids(table.frame)
    keys = [json.dumps(name).replace("%", "%%") for name in table.columns]
    columns = [plain_texts(column) for column in table.columns.values()]
    at = list(table.columns).index("id")
    form = ',"properties":{' + ",".join(f"{key}:%s" for key in keys) + "}}"
    shapes = geometries(cut_shapes(table.shapes)).texts()
    for shape, row in zip(shapes, zip(*columns, strict=True), strict=True):
        # Nearly all bytes are of the shape, which is encoded already.
        head = f'{{"type":"Feature","id":{row[at]},"geometry":'
        yield b"".join((head.encode(), shape, (form % row).encode()))


def _assembled(columns: Mapping[str, Cells], shapes: Cells) -> Cells:
    """Features of their properties, the id among them, and their geometries."""
    keys = [json.dumps(name) + ":" for name in columns]
    literals = [
        '{"type":"Feature","id":',
        ',"geometry":',
        f',"properties":{{{keys[0]}',
        *(f",{key}" for key in keys[1:]),
        f"}}}}{SEPARATOR.decode()}",
    ]
    return rows(literals, [columns["id"], shapes, *columns.values()])


def geometries(shapes: ObjectArray, *, decimals: int = DECIMALS) -> Cells:
    """Geometry objects; a missing or empty one is ``null``.

    Raises
    ------
    InputError
        For a geometry collection or a linear ring.
    DataError
        For a coordinate that is not finite, or far beyond any map.
    """
    kinds = shapely.get_type_id(shapes)
    known = _WRITTEN[kinds]
    if not known.all():
        kind = shapes[np.flatnonzero(~known)[0]].geom_type
        remedy = "Write points, lines or polygons: frame.explode() splits collections."
        raise InputError("geometry", kind, remedy)
    parts, part_ends = _parts(shapes, kinds)
    rings, ring_ends = _rings(parts)
    xy = shapely.get_coordinates(rings)
    if len(xy) and not np.abs(xy).max() < _LARGEST:
        far = xy[~(np.abs(xy) < _LARGEST).all(axis=1)][0].tolist()
        raise DataError("geometry", far, "Coordinates are finite degrees or metres.")
    size = _POSITION * len(xy) + _AROUND * (len(shapes) + len(parts) + len(rings))
    written = TextBuffer(np.empty(size, np.uint8), np.empty(len(shapes), np.uint64))
    points = np.cumsum(shapely.get_num_coordinates(rings), dtype=np.uint64)
    arrays = ShapeArrays(kinds.astype(np.uint64), part_ends, ring_ends, points, xy)
    write_shapes(arrays, _BEGINNINGS, decimals, written)
    return Cells.of(*written)


def _parts(shapes: ObjectArray, kinds: Int32Array) -> tuple[ObjectArray, UInt64Array]:
    """Single points, lines and polygons, wound by the right hand; where those of each end."""
    if _IS_AREA[kinds].any():
        shapes = shapely.orient_polygons(shapes)
    if (kinds <= 3).all():
        filled = shapely.get_num_coordinates(shapes) > 0
        return shapes if filled.all() else shapes[filled], np.cumsum(filled, dtype=np.uint64)
    parts, owner = shapely.get_parts(shapes, return_index=True)
    filled = ~shapely.is_empty(parts)
    return parts[filled], np.cumsum(
        np.bincount(owner[filled], minlength=len(shapes)), dtype=np.uint64
    )


def _rings(parts: ObjectArray) -> tuple[ObjectArray, UInt64Array]:
    """Lines of points: rings of polygons, and all else as it is; where those of each end."""
    areas = shapely.get_type_id(parts) == _AREAS[0]
    if not areas.any():
        return parts, np.arange(1, len(parts) + 1, dtype=np.uint64)
    counts = np.where(areas, shapely.get_num_interior_rings(parts) + 1, 1)
    rings = np.empty(int(counts.sum()), dtype=object)
    of_area = np.repeat(areas, counts)
    rings[of_area] = shapely.get_rings(parts[areas])
    rings[~of_area] = parts[~areas]
    return rings, np.cumsum(counts, dtype=np.uint64)


def number(value: float) -> str:
    """One coordinate as JSON text."""
    return np.format_float_positional(round(value, DECIMALS) + 0.0, trim="-")


def check_ids(frame: gpd.GeoDataFrame) -> None:
    """Refuse a frame whose ids are missing or not unique.

    Raises
    ------
    DataError
        With the first such id.
    """
    source = _ids(frame)
    if source.is_unique and not source.hasnans:
        return
    doubtful = source.isna() | source.duplicated()
    culprit: object = pd.Series(source[doubtful]).iloc[0]
    raise DataError("column id", culprit, "Give every feature an id of its own.")


def _ids(frame: gpd.GeoDataFrame) -> pd.Series:
    return frame["id"] if "id" in frame.columns else frame.index.to_series(name="id")
