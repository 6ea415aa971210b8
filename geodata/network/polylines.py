"""Polylines laid out flat: the points of all of them, and where those of each begin."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from geodata.area.box import MOST_DEGREES
from geodata.arrays import BoolArray, Float64Array, Int32Array, Int64Array, ObjectArray
from geodata.computing.compiled import kernel
from geodata.errors import DataError

Rows = npt.NDArray[np.integer]

_HEAD = np.frombuffer(b"\x01\x02\x00\x00\x00", np.uint8)
"""How the WKB of a line in the plane begins where the lowest byte is first."""
_BEFORE, _POINT = 9, 16
"""Bytes of WKB before the points, and of a point."""
_AT_ONCE = 65_536
"""Lines that are read together, so that not all are held twice."""


@dataclass(frozen=True, kw_only=True)
class Polylines:
    """Lines as arrays: any of them are put together without one object each.

    Parameters
    ----------
    xy
        Points of all lines, one line after another; shape (p, 2).
    start
        Points of line i are ``xy[start[i]:start[i + 1]]``; shape (n + 1,).
    """

    xy: Float64Array
    start: Int32Array

    @classmethod
    def of(cls, lines: ObjectArray) -> Polylines:
        """Those of shapes."""
        return cls._laid(shapely.get_coordinates(lines), shapely.get_num_coordinates(lines))

    @classmethod
    def read(cls, file: pa.NativeFile | Path) -> Polylines:
        """Those of the column ``geometry`` of a Parquet file, which holds WKB.

        Raises
        ------
        DataError
            When something else than lines is there.
        """
        name = str(file) if isinstance(file, Path) else "links.parquet"
        try:
            with pq.ParquetFile(file) as table:
                batches = table.iter_batches(batch_size=_AT_ONCE, columns=["geometry"])
                blocks = [_points(batch.column("geometry"), name) for batch in batches]
        except DataError:
            raise
        except (pa.ArrowException, OSError, ValueError, KeyError) as error:
            raise _not_lines(name) from error
        points = [np.empty((0, 2)), *(xy for xy, _ in blocks)]
        counts = [np.empty(0, np.int64), *(count for _, count in blocks)]
        xy = np.concatenate(points)
        if not (np.abs(xy) <= (MOST_DEGREES, 90)).all():
            raise _not_lines(name)
        return cls._laid(xy, np.concatenate(counts))

    @classmethod
    def _laid(cls, xy: Float64Array, counts: npt.NDArray[np.integer]) -> Polylines:
        start = np.zeros(len(counts) + 1, np.int32)
        np.cumsum(counts, out=start[1:])
        return cls(xy=xy, start=start)

    def lines(self, rows: Rows) -> ObjectArray:
        """The lines at some rows as shapes."""
        first, counts = self.start[rows].astype(np.int64), np.diff(self.start)[rows]
        of_row = np.repeat(np.arange(len(rows)), counts)
        passed = np.arange(len(of_row)) - (np.cumsum(counts) - counts)[of_row]
        return np.asarray(shapely.linestrings(self.xy[first[of_row] + passed], indices=of_row))

    def joined(self, rows: Rows, along: BoolArray, begins: Int64Array) -> ObjectArray:
        """Chains of lines, each as one line that passes no point twice in a row.

        Parameters
        ----------
        rows
            Lines of all chains, one chain after another.
        along
            Whether each is followed from its first point to its last.
        begins
            Where in `rows` each chain begins; none is empty.
        """
        xy, ends = _joined(self.xy, self.start, rows, along, begins)
        chain = np.repeat(np.arange(len(begins)), np.diff(ends, prepend=0))
        return np.asarray(shapely.linestrings(xy, indices=chain))


@kernel(nogil=True, error_model="numpy")
def _joined(xy: Any, start: Any, rows: Any, along: Any, begins: Any) -> Any:
    """Points of chains that differ from the one before, and where each chain ends."""
    room = 0
    for row in rows:
        room += start[row + 1] - start[row]
    out, ends = np.empty((room, 2)), np.empty(len(begins), np.int64)
    at = 0
    for chain in range(len(begins)):
        begun = at
        for k in range(begins[chain], begins[chain + 1] if chain + 1 < len(begins) else len(rows)):
            first, count = start[rows[k]], start[rows[k] + 1] - start[rows[k]]
            for step in range(count):
                point = first + (step if along[k] else count - 1 - step)
                x, y = xy[point, 0], xy[point, 1]
                if at == begun or x != out[at - 1, 0] or y != out[at - 1, 1]:
                    out[at, 0], out[at, 1] = x, y
                    at += 1
        ends[chain] = at
    return out[:at], ends


def _points(column: pa.Array, name: str) -> tuple[Float64Array, Int64Array]:
    """Points of lines in WKB, and how many each has."""
    if not (pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type)):
        raise _not_lines(name)
    places, source = column.buffers()[1:]
    wide = np.int64 if pa.types.is_large_binary(column.type) else np.int32
    bounds = np.frombuffer(places, wide)[column.offset : column.offset + len(column) + 1]
    ends: Int64Array = bounds.astype(np.int64)
    raw = np.frombuffer(source, np.uint8)[ends[0] : ends[-1]] if len(column) else _HEAD[:0]
    sizes = ends[1:] - ends[:-1]
    before = ((ends[:-1] - ends[0])[:, None] + np.arange(_BEFORE)).ravel()
    counts = (sizes - _BEFORE) // _POINT
    if column.null_count or (counts * _POINT + _BEFORE != sizes).any() or (counts < 2).any():
        raise _not_lines(name)
    if (raw[before].reshape(-1, _BEFORE)[:, : len(_HEAD)] != _HEAD).any():
        raise _not_lines(name)
    inside = np.ones(len(raw), np.bool_)
    inside[before] = False
    return raw[inside].view("<f8").reshape(-1, 2).astype(np.float64, copy=False), counts


def _not_lines(name: str) -> DataError:
    remedy = (
        "Its geometry is not lines of two coordinates, in degrees. Build it again: vereda build."
    )
    return DataError("network", name, remedy)
