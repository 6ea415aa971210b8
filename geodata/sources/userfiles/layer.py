"""A user's layer: its rows, each with a shape in degrees and its position in the file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, overload

import numpy as np
import numpy.typing as npt
import shapely

from geodata.arrays import ObjectArray
from geodata.entries.spelling import bare
from geodata.errors import DataError

MOST_ROWS = 1_000_000
"""Rows that a file may hold."""

LONGEST = 200
"""Letters of a heading that count."""
_MOST_LISTED = 40
"""Headings that a message tells."""


@dataclass(frozen=True, kw_only=True)
class UserLayer:
    """A layer as it was read.

    Parameters
    ----------
    name
        Name of the file, for messages.
    rows
        Where each row stands, such as ``line 5`` or ``feature 3``.
    shapes
        Geometries in degrees (WGS 84), None where a row has none; shape (rows,).
    columns
        Headings as they are written, and their values; headings may be given twice.
    every
        Headings of all columns of the file, if not all were read.
    """

    name: str
    rows: Sequence[str]
    shapes: ObjectArray
    columns: Sequence[tuple[str, Sequence[Any]]] = ()
    every: Sequence[str] = ()

    @property
    def headings(self) -> list[str]:
        """Headings of all columns of the file, for messages."""
        return list(self.every) or [heading for heading, _ in self.columns]

    def __len__(self) -> int:
        return len(self.rows)

    def where(self, row: int, heading: str = "geometry") -> str:
        """Name a cell for a message."""
        return f"{self.name}, {self.rows[row]}, {heading}"

    def column(self, names: Sequence[str], *, offered: Sequence[str]) -> tuple[str, Sequence[Any]]:
        """Heading and values of the first existing column among some names.

        Parameters
        ----------
        names
            Names in the form of `plain_heading`.
        offered
            Names that the error suggests.

        Raises
        ------
        DataError
            When there is no such column, or two columns have the name.
        """
        column = self.find(names)
        if column is None:
            raise missing([heading for heading, _ in self.columns], offered, file=self.name)
        return column

    def find(self, names: Sequence[str]) -> tuple[str, Sequence[Any]] | None:
        """Heading and values of the first existing column among some names, if there is one.

        Raises
        ------
        DataError
            When two columns have the name.
        """
        for name in names:
            positions = self._positions.get(name, ())
            if len(positions) > 1:
                raise _twice(self.columns[positions[0]][0], file=self.name)
            if positions:
                return self.columns[positions[0]]
        return None

    @cached_property
    def _positions(self) -> dict[str, list[int]]:
        """Positions of columns by their plain headings."""
        positions: dict[str, list[int]] = {}
        for position, (heading, _) in enumerate(self.columns):
            positions.setdefault(plain_heading(heading), []).append(position)
        return positions

    def points(self) -> tuple[npt.NDArray[np.intp], ObjectArray]:
        """Single shapes and the row of each: every point of a MultiPoint, the rest as it is."""
        rows, shapes = np.arange(len(self.shapes)), self.shapes
        while (many := np.isin(shapely.get_type_id(shapes), _GATHERED)).any():
            parts, owner = shapely.get_parts(shapes[many], return_index=True)
            shapes = np.concatenate([shapes[~many], parts])
            rows = np.concatenate([rows[~many], rows[many][owner]])
        order = np.argsort(rows, kind="stable")
        rows, shapes = rows[order], shapes[order]
        there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
        return rows[there], shapes[there]


_GATHERED = (4, 7)
"""MultiPoints and collections: their parts count each on its own."""


def columns_of(records: Sequence[Mapping[str, Any]]) -> list[tuple[str, Sequence[Any]]]:
    """Columns of records that need not all have the same keys.

    Each record may have keys of its own, so that values of a column are looked up when they are
    read: rows times columns would be too many.
    """
    headings = dict.fromkeys(heading for record in records for heading in record)
    return [(heading, _Column(records, heading)) for heading in headings]


class _Column(Sequence[Any]):
    """Values that records have at a key, None where they have none."""

    def __init__(self, records: Sequence[Mapping[str, Any]], heading: str) -> None:
        self._records, self._heading = records, heading

    def __len__(self) -> int:
        return len(self._records)

    @overload
    def __getitem__(self, at: int) -> Any: ...
    @overload
    def __getitem__(self, at: slice) -> list[Any]: ...
    def __getitem__(self, at: int | slice) -> Any:
        if isinstance(at, slice):
            return [record.get(self._heading) for record in self._records[at]]
        return self._records[at].get(self._heading)


def plain_heading(text: str) -> str:
    """A heading in small letters without accents, units or signs: ``Año`` is ``ano``."""
    letters = bare(re.sub(r"\([^)]*\)|\[[^]]*\]", " ", text[:LONGEST])).casefold()
    return re.sub(r"[^0-9a-z]+", "_", letters).strip("_")


def heading_of(headings: Sequence[str], names: Sequence[str], *, file: str) -> int | None:
    """Position of the first of some names among headings, None if there is none of them.

    Raises
    ------
    DataError
        When two headings have that name.
    """
    plain = [plain_heading(heading) for heading in headings]
    for name in names:
        if name in plain:
            if plain.count(name) > 1:
                raise _twice(headings[plain.index(name)], file=file)
            return plain.index(name)
    return None


def _twice(heading: str, *, file: str) -> DataError:
    return DataError(file, heading, "Two columns have this heading; keep one.")


def missing(headings: Sequence[str], names: Sequence[str], *, file: str) -> DataError:
    """The remedy when none of some columns exists."""
    names_there = [" ".join(each.split())[:40] for each in headings if each.strip()]
    more = (
        f" and {len(names_there) - _MOST_LISTED:,} more" if len(names_there) > _MOST_LISTED else ""
    )
    there = (", ".join(names_there[:_MOST_LISTED]) or "none") + more
    remedy = f"Columns there are: {there}. Name one of: {', '.join(names)}."
    return DataError("columns", file, remedy)


_METRES = 1000.0
"""Coordinates beyond are of a projection."""


def check_degrees(layer: UserLayer) -> UserLayer:
    """Pass on a layer whose shapes lie in the range of degrees.

    Raises
    ------
    DataError
        When a shape does not, with a hint if longitude and latitude look swapped.
    """
    xy, owner = shapely.get_coordinates(layer.shapes, return_index=True)
    most = np.array([180.0, 90.0])
    off = ~(np.abs(xy) <= most)
    if not off.any():
        return layer
    at = int(off.any(axis=1).argmax())
    axis = int(off[at].argmax())
    swapped = (np.abs(xy[at]) <= most[::-1]).all()
    hint = " Longitude and latitude look swapped." if swapped else ""
    if np.abs(xy[at]).max() > _METRES:
        hint = " These look like metres (este, norte): save the layer in WGS 84 (EPSG:4326)."
    remedy = (
        f"Give WGS 84 degrees between {-most[axis]:g} and {most[axis]:g}, longitude first.{hint}"
    )
    value = float(xy[at][axis])
    raise DataError(layer.where(int(owner[at]), ("longitude", "latitude")[axis]), value, remedy)
