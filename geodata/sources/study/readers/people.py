"""People of vector files on the grid: points of a population grid, or areas of a census."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import shapely

from geodata.area.study_area import StudyArea
from geodata.arrays import Float32Array
from geodata.computing.tasks import Notice
from geodata.sources.area_file import Layer
from geodata.sources.vectors.files.files import FORMATS
from geodata.sources.vectors.reading import read_vector

PEOPLE = {"population": "float", "geometry": "Point"}
"""Columns of such a file."""


def is_counted(layer: Layer) -> bool:
    """Whether a layer of population is a vector file rather than a raster."""
    if layer.format is not None:
        return layer.format.lower().lstrip(".") in FORMATS
    # An archive more often has a grid of population than points.
    suffixes = {path.suffix.lower().lstrip(".") for path in layer.files()} - {"zip"}
    return not suffixes.isdisjoint(FORMATS)


def people_on_grid(layers: Sequence[Layer], area: StudyArea, *, notice: Notice) -> Float32Array:
    """People by cell, NaN in cells of which the files say nothing.

    A point counts in the cell that holds it, an area as a point inside it. Rows with the number
    that a layer's `nodata` names are left out.

    Raises
    ------
    DataError
        When a file cannot be used, or a row has no number of people.
    """
    rows = pd.concat(
        [read_vector(layer, area, schema=PEOPLE) for layer in layers], ignore_index=True
    )
    xy = shapely.get_coordinates(rows["geometry"].to_numpy(object))
    x, y = area.longitudes(xy[:, 0]), xy[:, 1]
    west, south, east, north = area.bbox
    within = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    people = np.full(area.shape, np.nan)
    row, column = area.cell_of(x[within], y[within])
    people[row, column] = 0.0
    np.add.at(people, (row, column), rows["population"].to_numpy(float)[within])
    square_km = np.isfinite(people).sum() * (area.cell_m / 1000) ** 2
    notice(
        f"{layers[0].label}: {np.nansum(people):,.0f} people in {within.sum():,} rows on "
        f"{square_km:,.0f} km2; far from there people are those of places"
    )
    return people.astype(np.float32)
