"""Geometries as well-known binary (WKB)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from geodata.arrays import ObjectArray
from geodata.errors import DataError
from geodata.sources.userfiles.source import Source

_REMEDY = "Points, lines and areas of straight pieces are read; save the layer as such."
_UNREADABLE = (shapely.errors.GEOSException, TypeError, NotImplementedError)
_COLLECTION = 7
"""The kind of geometry that holds others; those beyond have curves."""


def shapes_of(blobs: Sequence[bytes | None], rows: Sequence[str], source: Source) -> ObjectArray:
    """Shapes from WKB; None for rows without a shape.

    Raises
    ------
    DataError
        With the first row that holds something else.
    """
    try:
        return _read(blobs)
    except _UNREADABLE:
        raise _culprit(blobs, rows, source) from None


def _read(blobs: Sequence[bytes | None]) -> ObjectArray:
    """Shapes without curves, which shapely reads and cannot work with, or does not read at all."""
    binary: ObjectArray = np.empty(len(blobs), object)
    binary[:] = blobs
    shapes: ObjectArray = np.asarray(shapely.from_wkb(binary), object)
    within = shapes
    while len(within):
        kinds = shapely.get_type_id(within)
        if (kinds > _COLLECTION).any():
            raise NotImplementedError("curves")
        within = shapely.get_parts(within[kinds == _COLLECTION])
    return shapes


def _culprit(blobs: Sequence[bytes | None], rows: Sequence[str], source: Source) -> DataError:
    for blob, row in zip(blobs, rows, strict=True):
        try:
            _read([blob])
        except _UNREADABLE as error:
            return DataError(f"{source.path.name}, {row}, geometry", str(error)[:60], _REMEDY)
    return source.refusal(_REMEDY)
