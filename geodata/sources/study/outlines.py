"""Outline of a study from a polygon, or from codes of countries and their units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.area.box import Box, box_fault
from geodata.area.geodesy import DEGREE_M
from geodata.entries.forms import read_form
from geodata.entries.spelling import suggestion
from geodata.errors import DataError
from geodata.sources.area_file import Layer
from geodata.sources.vectors.files.files import read_file

KM_A_DEGREE = DEGREE_M / 1000


def read_outline(path: Path) -> BaseGeometry:
    """The polygons of a file as one, in degrees.

    Raises
    ------
    DataError
        When the file cannot be read, holds no polygon, or does not say its coordinates.
    """
    field = "area.polygon"
    if not path.exists():
        remedy = "There is no such file; paths are taken from the folder of area.toml."
        raise DataError(field, str(path), remedy)
    # Recognised by its suffix and first bytes, as layers are: GDAL would open what it names.
    layer = read_form(Layer, {"role": "closed_zones", "path": str(path), "name": field})
    shapes = read_file(layer, path, None, used=lambda _: []).shapes
    parts = shapely.get_parts(shapely.make_valid(shapes[~shapely.is_missing(shapes)]))
    parts = parts[shapely.get_dimensions(parts) == 2]
    if not len(parts):
        raise DataError(field, str(path), "It holds no polygon.")
    return shapely.union_all(parts)


def units_named(frames: Sequence[gpd.GeoDataFrame], codes: Iterable[str]) -> list[BaseGeometry]:
    """Shapes of countries and units by their ISO 3166 codes.

    Parameters
    ----------
    frames
        Layers with ``country``, and those with units with ``iso`` as well.

    Raises
    ------
    DataError
        When none of the layers has a code.
    """
    shapes: list[BaseGeometry] = []
    known: set[str] = set()
    for frame in frames:
        for column in ("country", "iso"):
            known |= set(frame[column].astype(str)) if column in frame else set()
    for code in codes:
        own = [
            shape
            for frame in frames
            for column in ("country", "iso")
            if column in frame
            for shape in frame.geometry[(frame[column] == code).to_numpy()]
        ]
        if not own:
            guess = suggestion(code, known)
            remedy = f"{guess}No layer of admin or countries has it; give such a layer, or a bbox."
            raise DataError("area.iso", code, remedy)
        shapes += own
    return shapes


def box_of(shapes: Sequence[BaseGeometry], *, margin_km: float) -> Box:
    """The smallest box around shapes and a margin; across the antimeridian where that is less.

    Raises
    ------
    DataError
        When there is no such box.
    """
    parts = shapely.get_parts(np.asarray(shapes, object))
    west, south, east, north = shapely.bounds(parts).T
    order = np.argsort(west)
    reach = np.maximum.accumulate(east[order])
    gaps = np.r_[west[order][1:] - reach[:-1], west.min() + 360 - east.max()]
    gap = int(gaps.argmax())
    if gap == len(gaps) - 1:
        first, last = float(west.min()), float(east.max())
    else:
        first, last = float(west[order][gap + 1]), float(reach[gap]) + 360
    low, high = float(south.min()), float(north.max())
    up = margin_km / KM_A_DEGREE
    across = up / max(np.cos(np.radians(max(abs(low), abs(high)))), 0.05)
    box = Box(
        round(first - across, 6), round(max(low - up, -90.0), 6),
        round(last + across, 6), round(min(high + up, 90.0), 6),
    )  # fmt: skip
    fault = box_fault(box)
    if fault:
        raise DataError("area", tuple(box), fault)
    return box
