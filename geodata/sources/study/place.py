"""Where a study is, by its box, its polygon, or the units that it names; and how fine its grid."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace

import geopandas as gpd
import numpy as np
import shapely

from geodata.area.box import ORDER, Box, longitude_first, longitude_first_remedy
from geodata.area.study_area import StudyArea
from geodata.computing.tasks import Notice
from geodata.errors import DataError, VeredaError
from geodata.sources.area_file import Area, AreaFile
from geodata.sources.study.outlines import box_of, read_outline, units_named
from geodata.sources.study.readers.frames import read_frames

SEA_KM = 30.0
"""Sea and neighbours around countries that are given by their codes. Assumption."""
MOST_CELLS = 20_000_000
"""Cells of a grid at most: each may be a node of the network."""
_WORLD = Box(-180.0, -90.0, 180.0, 90.0)


def place_of(file: AreaFile, notice: Notice) -> StudyArea:
    """The area of a study without its countries, which its layers may have to say.

    Parameters
    ----------
    file
        With whole paths.
    notice
        Called with what the readers of units say of their layers.

    Raises
    ------
    DataError
        When its polygon or units cannot be read, or its grid would have too many cells.
    """
    form, outline = file.area, None
    if form.box is not None:
        box = form.box
    elif form.polygon is not None:
        outline = read_outline(form.polygon)
        box = box_of([outline], margin_km=0.0)
    else:
        margin = max(SEA_KM, form.fringe * form.cell_m / 1000)
        box = box_of(units_named(_units_anywhere(file, notice), form.iso), margin_km=margin)
    area = _area(form, box)
    if outline is not None:
        own = shapely.transform(outline, lambda xy: np.c_[area.longitudes(xy[:, 0]), xy[:, 1]])
        area = replace(area, outline=own)
    _require_few_cells(area)
    return area


def refuse_latitude_first(file: AreaFile, named: Collection[str], here: Collection[str]) -> None:
    """Refuse a box without any of the countries of a file, which lie in it with longitude first.

    Parameters
    ----------
    file
        With whole paths.
    named
        Countries of the file.
    here
        Countries that its layers have in the box.

    Raises
    ------
    DataError
        With the box that is meant.
    """
    box = file.area.box
    if box is None or not named or not set(named).isdisjoint(here):
        return
    turned = longitude_first(box)
    if turned is None:
        return
    there = set(named).intersection(_countries_in(file, turned))
    if there:
        remedy = f"{longitude_first_remedy(turned)} In it lie {', '.join(sorted(there))}."
        raise DataError("area.bbox", list(box), remedy)


def _countries_in(file: AreaFile, box: Box) -> set[str]:
    """Countries that layers of a study have in a box; none of a layer that cannot be read."""
    codes: set[str] = set()
    for role, column in (("countries", "country"), ("admin", "iso")):
        layers = file.of(role)
        with suppress(VeredaError):
            frames = read_frames(layers, _area(file.area, box), lambda _: None) if layers else []
            for frame in map(gpd.GeoDataFrame, frames):
                within = frame.geometry.intersects(shapely.box(*box))
                codes |= set(frame.loc[within, column].astype(str).str[:2])
    return codes


def _area(form: Area, box: Box) -> StudyArea:
    west, south, east, north = box
    return StudyArea(
        name=form.name, bbox=(west, south, east, north), countries=(), neighbours=(),
        cell_m=form.cell_m, fringe_cells=form.fringe,
    )  # fmt: skip


def _units_anywhere(file: AreaFile, notice: Notice) -> list[gpd.GeoDataFrame]:
    """Units and countries of the layers of a study, wherever in the world they are."""
    return [
        gpd.GeoDataFrame(frame)
        for role in ("admin", "countries")
        if (layers := file.of(role))
        for frame in read_frames(layers, _area(file.area, _WORLD), notice)
    ]


def _require_few_cells(area: StudyArea) -> None:
    cells = area.shape[0] * area.shape[1]
    if cells > MOST_CELLS:
        cell_m = area.cell_m * (cells / MOST_CELLS) ** 0.5
        remedy = (
            f"The grid would have {cells:,} cells, of at most {MOST_CELLS:,}: give a smaller "
            f"area, or cells of {cell_m:,.0f} m. {ORDER}."
        )
        raise DataError("area.cell_m", area.cell_m, remedy)
