"""Geometries as well-known binary (WKB)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from geodata.errors import DataError
from geodata.userfiles.layer import Shapes
from geodata.userfiles.source import Source

_REMEDY = "Points, lines and areas of straight pieces are read; save the layer as such."


def shapes_of(blobs: Sequence[bytes | None], rows: Sequence[str], source: Source) -> Shapes:
    """Shapes, None where there is none.

    Raises
    ------
    DataError
        Naming the first row that holds something else.
    """
    whole: Shapes = np.empty(len(blobs), object)
    whole[:] = blobs
    try:
        shapes: Shapes = np.asarray(shapely.from_wkb(whole), object)
    except (shapely.errors.GEOSException, TypeError):
        raise _culprit(blobs, rows, source) from None
    curved = np.flatnonzero(shapely.get_type_id(shapes) > _STRAIGHT)
    if len(curved):
        at = int(curved[0])
        raise DataError(f"{source.path.name}, {rows[at]}, geometry", shapes[at].geom_type, _REMEDY)
    return shapes


_STRAIGHT = 7
"""The last of the kinds of geometries without curves."""


def _culprit(blobs: Sequence[bytes | None], rows: Sequence[str], source: Source) -> DataError:
    for blob, row in zip(blobs, rows, strict=True):
        try:
            shapely.from_wkb(blob)
        except (shapely.errors.GEOSException, TypeError) as error:
            return DataError(f"{source.path.name}, {row}, geometry", str(error)[:60], _REMEDY)
    return source.refusal(_REMEDY)
