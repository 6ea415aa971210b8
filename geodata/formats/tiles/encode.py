"""Mapbox Vector Tiles 2.1, encoded by compiled code that holds no lock.

One call encodes one layer of one tile: it cuts each feature to the tile
(`geodata.formats.tiles.clip`, `geodata.formats.tiles.polygons`), writes its geometry as commands,
and numbers the keys and values that the tile's features use in the order in which they come
(Vector Tile Specification 2.1, https://github.com/mapbox/vector-tile-spec). The same features give
the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from geodata.arrays import Int64Array, UInt32Array
from geodata.computing.compiled import kernel
from geodata.computing.tasks import computed_once
from geodata.formats.tiles.attributes import Tags, TileTexts
from geodata.formats.tiles.clip import Rings, TileBox, clip_line, inner
from geodata.formats.tiles.generalise import LINES, POINTS, Level
from geodata.formats.tiles.polygons import Room, TileShapes, clip_polygon, owner
from geodata.formats.tiles.varint import put_varint, varint, width
from geodata.formats.tiles.web_mercator import EXTENT

BUFFER = 128
"""Units beyond the tile that are kept: 16 pixels of a tile drawn 512 wide, so that no stroke or
marker is cut where two tiles meet."""

_MOVE, _LINE, _CLOSE = 1, 2, 7
_POINT_KIND, _LINE_KIND = POINTS, LINES


class Numbers(NamedTuple):
    """Numbers to be written, and how many of them count."""

    values: UInt32Array
    size: int


@inner
def _room(buffer: Any, n: Any, more: Any) -> Any:
    """The buffer, or a larger copy of it when `more` does not fit."""
    if n + more <= len(buffer):
        return buffer
    larger = np.empty(2 * (n + more), np.uint8)
    for k in range(n):
        larger[k] = buffer[k]
    return larger


@inner
def _packed_size(numbers: Numbers) -> Any:
    """Bytes that packed numbers take."""
    size = 0
    for k in range(numbers.size):
        size += width(np.int64(numbers.values[k]))
    return size


@inner
def _packed(buffer: Any, n: Any, field: Any, numbers: Numbers, size: Any) -> Any:
    """Write packed numbers, of so many bytes, as a field."""
    n = put_varint(buffer, n, (field << 3) | 2)
    n = put_varint(buffer, n, size)
    for k in range(numbers.size):
        n = put_varint(buffer, n, np.int64(numbers.values[k]))
    return n


@inner
def _zigzag(value: Any) -> Any:
    return np.uint32((value << 1) ^ (value >> 31))


@inner
def _path(
    commands: Any, n: Any, out: Any, begin: Any, end: Any, cursor: Any, origin: Any, closed: Any
) -> Any:
    """Write the vertices of a line or ring as commands; the cursor moves along."""
    for k in range(begin, end):
        if k == begin:
            commands[n] = _MOVE | (1 << 3)
            n += 1
        elif k == begin + 1:
            commands[n] = _LINE | ((end - begin - 1) << 3)
            n += 1
        x, y = np.int64(out[k, 0]) - origin[0], np.int64(out[k, 1]) - origin[1]
        commands[n], commands[n + 1] = _zigzag(x - cursor[0]), _zigzag(y - cursor[1])
        cursor[0], cursor[1] = x, y
        n += 2
    if closed:
        commands[n] = _CLOSE | (1 << 3)
        n += 1
    return n


@inner
def _points(xy: Any, start: Any, stop: Any, box: Any, origin: Any, commands: Any) -> Any:
    """Write the points of a feature that are within the box."""
    cursor, n = np.zeros(2, np.int64), 1
    for k in range(start, stop):
        if box.west < xy[k, 0] < box.east and box.north < xy[k, 1] < box.south:
            x, y = np.int64(xy[k, 0]) - origin[0], np.int64(xy[k, 1]) - origin[1]
            commands[n], commands[n + 1] = _zigzag(x - cursor[0]), _zigzag(y - cursor[1])
            cursor[0], cursor[1] = x, y
            n += 2
    commands[0] = _MOVE | ((n // 2) << 3)
    return n if n > 1 else 0


@inner
def _lines(
    shapes: TileShapes, first: Any, last: Any, box: Any, origin: Any, room: Room, commands: Any
) -> Any:
    """Write the lines of a feature, cut to the box."""
    xy, parts, out, ends = shapes.xy, shapes.parts, room.out, room.ends
    cursor, n = np.zeros(2, np.int64), 0
    for part in range(first, last):
        begin = 0
        for piece in range(clip_line(xy, parts[part], parts[part + 1], box, out, ends)):
            n = _path(commands, n, out, begin, ends[piece], cursor, origin, False)
            begin = ends[piece]
    return n


@inner
def _polygons(
    shapes: TileShapes, first: Any, last: Any, box: Any, origin: Any, room: Room, commands: Any
) -> Any:
    """Write the polygons of a feature, cut to the box, each ring around followed by its holes."""
    out, ends = room.out, np.empty(last - first + len(room.ends) + 1, np.int64)
    rings = Rings(out, ends)
    cursor, n = np.zeros(2, np.int64), 0
    while first < last:
        after = first + 1
        while after < last and not shapes.outer[after]:
            after += 1
        closed, outers = clip_polygon(shapes, first, after, box, room, rings)
        for ring in range(outers):
            begin = ends[ring - 1] if ring else 0
            n = _path(commands, n, out, begin, ends[ring], cursor, origin, True)
            for hole in range(outers, closed):
                if owner(rings, outers, hole) == ring:
                    begin, end = ends[hole - 1], ends[hole]
                    n = _path(commands, n, out, begin, end, cursor, origin, True)
        first = after
    return n


@inner
def _largest(rows: Any, shapes: TileShapes) -> Any:
    """Vertices of the largest feature."""
    features, parts, most = shapes.features, shapes.parts, 0
    for row in rows:
        most = max(most, parts[features[row + 1]] - parts[features[row]])
    return most


@inner
def _written(buffer: Any, n: Any, row: Any, kind: Any, tags: Numbers, commands: Numbers) -> Any:
    """Write one feature as a field of the layer."""
    tag_bytes, command_bytes = _packed_size(tags), _packed_size(commands)
    length = 4 + width(np.int64(row)) + width(command_bytes) + command_bytes
    if tags.size:
        length += 1 + width(tag_bytes) + tag_bytes
    buffer = _room(buffer, n, length + 16)
    n = put_varint(buffer, n, (2 << 3) | 2)
    n = put_varint(buffer, n, length)
    n = put_varint(buffer, n, (1 << 3) | 0)
    n = put_varint(buffer, n, np.int64(row))
    if tags.size:
        n = _packed(buffer, n, 2, tags, tag_bytes)
    n = put_varint(buffer, n, (3 << 3) | 0)
    n = put_varint(buffer, n, np.int64(kind))
    return buffer, _packed(buffer, n, 4, commands, command_bytes)


@inner
def _numbered(number: Any, used: Any, count: Any, entry: Any) -> Any:
    """Number an entry of a dictionary when it is first used; gives how many there are."""
    if number[entry] < 0:
        number[entry] = count
        used[count] = entry
        return count + 1
    return count


@inner
def _dictionary(buffer: Any, n: Any, texts: TileTexts, used: Any, count: Any) -> Any:
    """Copy the entries of a dictionary that are used, each a field already."""
    letters, begins = texts
    for k in range(count):
        begin, end = begins[used[k]], begins[used[k] + 1]
        buffer = _room(buffer, n, end - begin)
        for at in range(begin, end):
            buffer[n + at - begin] = letters[at]
        n += end - begin
    return buffer, n


@kernel(nogil=True)
def _encode(
    rows: Any, kind: Any, shapes: TileShapes, box: Any, origin: Any, keys: TileTexts,
    values: TileTexts, cells: Any,
) -> Any:  # fmt: skip
    """Features, keys and values of a layer; no bytes when nothing is within the box."""
    parts, features, most = shapes.parts, shapes.features, _largest(rows, shapes)
    room = Room(np.empty((4 * most + 8, 2), np.int32), np.empty((10 * most + 24, 2), np.int32),
                np.empty(2 * most + 8, np.int64))  # fmt: skip
    commands, tags = np.empty(24 * most + 64, np.uint32), np.empty(2 * cells.shape[1], np.uint32)
    key_number = np.full(len(keys.begins) - 1, -1, np.int32)
    value_number = np.full(len(values.begins) - 1, -1, np.int32)
    key_used, value_used = np.empty_like(key_number), np.empty_like(value_number)
    key_count, value_count, n = 0, 0, 0
    buffer = np.empty(4096 + 128 * len(rows), np.uint8)
    for row in rows:
        first, last = features[row], features[row + 1]
        if kind == _POINT_KIND:
            size = _points(shapes.xy, parts[first], parts[last], box, origin, commands)
        elif kind == _LINE_KIND:
            size = _lines(shapes, first, last, box, origin, room, commands)
        else:
            size = _polygons(shapes, first, last, box, origin, room, commands)
        if size == 0:
            continue
        tagged = 0
        for key in range(cells.shape[1]):
            value = cells[row, key]
            if value >= 0:
                key_count = _numbered(key_number, key_used, key_count, key)
                value_count = _numbered(value_number, value_used, value_count, value)
                tags[tagged], tags[tagged + 1] = key_number[key], value_number[value]
                tagged += 2
        buffer, n = _written(buffer, n, row, kind, Numbers(tags, tagged), Numbers(commands, size))
    buffer, n = _dictionary(buffer, n, keys, key_used, key_count)
    buffer, n = _dictionary(buffer, n, values, value_used, value_count)
    return buffer[:n]


@dataclass(frozen=True)
class Tile:
    """Which tile: its zoom, and x and y as `geodata.formats.tiles.web_mercator` counts them."""

    z: int
    x: int
    y: int

    @computed_once
    def origin(self) -> Int64Array:
        """Its north-west corner in units of its zoom's grid."""
        return np.array([self.x, self.y], np.int64) * EXTENT

    @computed_once
    def box(self) -> TileBox:
        """What is kept of a feature, in units: the tile and a buffer, up to between two units."""
        least, most = -BUFFER - 0.5, EXTENT + BUFFER + 0.5
        return TileBox(*(self.origin + least).tolist(), *(self.origin + most).tolist())


def encode_layer(name: str, level: Level, tags: Tags, tile: Tile, rows: Int64Array) -> bytes:
    """One layer of one tile, as a field of the tile: tiles are layers one after the other.

    Parameters
    ----------
    level
        Shapes on the grid of the tile's zoom.
    rows
        Features that may be in the tile, in the order to be written; their ids in the tile.

    Returns
    -------
    bytes
        Empty when no feature is in the tile.
    """
    shapes = TileShapes(level.xy, level.parts, level.features, level.outer)
    body = _encode(
        rows, level.kind, shapes, tile.box, tile.origin, tags.keys, tags.values, tags.cells
    )
    if not len(body):
        return b""
    title, extent = name.encode(), b"\x28" + varint(EXTENT) + b"\x78\x02"
    head = b"\x0a" + varint(len(title)) + title
    length = varint(len(head) + len(body) + len(extent))
    # Joined once: a crowded layer takes a quarter of a megabyte, which each sum would copy.
    return b"".join([b"\x1a", length, head, body, extent])
