"""Cells of the ground that events are compared on, and the cell of each event.

Both tests use them: one ranks these cells, the other reads surfaces at places on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from geodata.area.study_area import StudyArea
from geodata.arrays import Float64Array, Int64Array
from geodata.computing.tasks import computed_once
from geodata.errors import DataError, InputError
from geodata.network.network import Network
from routes.studies.defaults import BLOCK_M
from routes.studies.validation.spatial_bootstrap import block_of

On = Literal["land", "water", "all"]
ON: tuple[On, ...] = ("land", "water", "all")
"""Ground that events are compared on."""


@dataclass(frozen=True, kw_only=True)
class ValidationCells:
    """Cells of equal area that events are held against, all of which a model might have chosen.

    Parameters
    ----------
    area
        Gives the grid.
    cell
        Number of each cell in the flattened grid, ascending; shape (n,).
    country
        Country of each cell, empty on water; shape (n,).
    block
        Spatial block of each cell; shape (n,).
    block_m
        Edge of a block in metres.
    """

    area: StudyArea
    cell: Int64Array
    country: npt.NDArray[np.str_]
    block: Int64Array
    block_m: float

    @computed_once
    def centres(self) -> Float64Array:
        """Middle of each cell in metres of the grid; shape (n, 2)."""
        return middles(self.area, self.cell)


def study_ground(network: Network, *, on: On = "land", block_m: float = BLOCK_M) -> ValidationCells:
    """Cells of the countries studied that hold a node of the network, so that flow may pass.

    Parameters
    ----------
    on
        Land, water, or both. Water adds ground where few events are ever recorded, which
        flatters any model that keeps ashore.

    Raises
    ------
    InputError
        When `on` is not one of `ON`, or the block is no length.
    DataError
        When the area has no such ground.
    """
    if on not in ON:
        raise InputError("on", on, f"Choose one of: {', '.join(ON)}.")
    nodes, area = network.nodes, network.area
    row, column = area.cell_of(nodes["x"], nodes["y"])
    cell = row * area.shape[1] + column
    country, kind = nodes["country"].astype(str).to_numpy(), nodes["kind"].astype(str).to_numpy()
    ashore = np.isin(country, area.countries)
    # The mesh comes last and so decides: one of its nodes stands for the whole cell.
    order = np.flatnonzero(ashore)[np.argsort(kind[ashore] == "mesh", kind="stable")]
    code = np.full(area.shape[0] * area.shape[1], "", dtype="<U2")
    code[cell[order]] = country[order]
    wet = np.zeros(len(code), bool)
    wet[cell[kind == "sea"]] = True
    land = code != ""
    kept = np.flatnonzero({"land": land, "water": wet & ~land, "all": land | wet}[on])
    if not len(kept):
        others = " or ".join(each for each in ON if each != on)
        raise DataError("on", on, f"{area.name} has no such ground: choose {others}.")
    east, north = middles(area, kept).T
    return ValidationCells(
        area=area,
        cell=kept,
        country=code[kept],
        block=block_of(east, north, block_m),
        block_m=block_m,
    )


def middles(area: StudyArea, cell: Int64Array) -> Float64Array:
    """Middle of cells of the flattened grid, in metres of the grid; shape (n, 2)."""
    row, column = np.divmod(cell, area.shape[1])
    east = area.transform.c + (column + 0.5) * area.cell_m
    north = area.transform.f - (row + 0.5) * area.cell_m
    return np.stack([east, north], axis=1)


@dataclass(frozen=True, kw_only=True)
class Placed:
    """Events on the ground.

    Parameters
    ----------
    cell
        Row in the ground of each event, -1 for those outside; shape (events,).
    moved
        How many were moved to a neighbouring cell, as at a coast or a border.
    """

    cell: Int64Array
    moved: int

    @property
    def outside(self) -> int:
        """How many events lie off the ground."""
        return int((self.cell < 0).sum())


def place(ground: ValidationCells, x: npt.ArrayLike, y: npt.ArrayLike) -> Placed:
    """Cell of each event, or a cell that touches it.

    Raises
    ------
    DataError
        When every event lies outside, with a hint where lon and lat look swapped.
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    east, north = ground.area.project(x, y)
    points = np.where(np.isfinite(east) & np.isfinite(north), [east, north], 1e12).T
    _, cell = cKDTree(ground.centres).query(points)
    off = np.abs(points - ground.centres[cell]).max(axis=1) / ground.area.cell_m
    cell = np.where(off <= 1.5, cell, -1)
    if len(cell) and (cell < 0).all():
        raise _all_outside(ground.area, x, y)
    return Placed(cell=cell, moved=int(((off > 0.5 + 1e-9) & (off <= 1.5)).sum()))


def _all_outside(area: StudyArea, x: Float64Array, y: Float64Array) -> DataError:
    west, south, east, north = area.bbox
    swapped = ((y >= west) & (y <= east) & (x >= south) & (x <= north)).any()
    hint = (
        "Longitude comes first: x or lon must hold the longitude."
        if swapped
        else f"None lies on the ground asked for, in {', '.join(area.countries)}; "
        "look at the coordinates, and at --on for events at sea."
    )
    return DataError("events", f"{x[0]:g},{y[0]:g}", hint)
