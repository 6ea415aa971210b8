"""Places: where a surface is read, at events and at the towns that they are compared with.

There are no places known to be free of events. What events are compared with is where somebody
might have recorded one: towns of the districts that the evidence covers, but for those beside an
event that counts. Matched by country, by district, or by whether they lie at the coast, at a border
or inland, they answer for what differs between these, such as who records events.

References
----------
Phillips et al. 2009, Sample selection bias and presence-only distribution models, Ecological
Applications 19, 181-197: a background with the bias of the records.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from geodata.area.grid import burn, fill_nearest
from geodata.area.study_area import StudyArea
from geodata.arrays import Float64Array, Int64Array
from geodata.network.network import Network
from geodata.sources.userfiles.events import Events
from routes.studies.defaults import TOLERANCE_M
from routes.studies.validation.place_test.discs import radii
from routes.studies.validation.place_test.event_roles import roles
from routes.studies.validation.place_test.rulers import border_cells, km_from, sea_cells
from routes.studies.validation.spatial_bootstrap import block_of
from routes.studies.validation.validation_cells import Placed, ValidationCells, middles

BESIDE_M = 3000.0
"""Towns this near to an event that counts are no background."""
EDGE_KM = 25.0
"""A place this near to the sea is at the coast, or else this near to a border there. Assumption."""
SETTINGS = ("inland", "border", "coast")
ALL_TOWNS, COUNTRY, SETTING, DISTRICT = (
    "all towns", "same country", "same setting", "same district"
)  # fmt: skip
"""Backgrounds: the towns that an event is compared with."""


@dataclass(frozen=True, kw_only=True)
class Points:
    """Points on the grid, and what they are matched by.

    Parameters
    ----------
    cell
        Cell of each in the flattened grid; shape (n,).
    block
        Spatial block of each.
    country, district, setting
        Codes; the setting as in `SETTINGS`.
    """

    cell: Int64Array
    block: Int64Array
    country: npt.NDArray[np.str_]
    district: Int64Array
    setting: Int64Array

    def __len__(self) -> int:
        return len(self.cell)

    def at(self, rows: npt.NDArray[np.generic]) -> Points:
        """Some of them."""
        return Points(**{name: values[rows] for name, values in vars(self).items()})


@dataclass(frozen=True, kw_only=True)
class Matched:
    """A background: each event is compared with the towns of the same code.

    Parameters
    ----------
    events, towns
        Codes; shapes (n,) and (t,).
    """

    events: npt.NDArray[Any]
    towns: npt.NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class Places:
    """Events, the towns that they are compared with, and the length of links by cell.

    Parameters
    ----------
    area
        Gives the grid.
    events, towns
        Points; shapes (n,) and (t,).
    xy
        Events in metres of the area's grid; shape (n, 2).
    role
        What each event tells of, as `roles` has it.
    radius_m
        Of the disc over which each event is known.
    way_cell, way_km
        Cells of the ground that hold links, and their length there.
    """

    area: StudyArea
    events: Points
    towns: Points
    xy: Float64Array
    role: npt.NDArray[np.str_]
    radius_m: Float64Array
    way_cell: Int64Array
    way_km: Float64Array

    def matched(self) -> dict[str, Matched]:
        """Which towns each event is compared with, by background."""
        pairs = {COUNTRY: "country", SETTING: "setting", DISTRICT: "district"}
        events, towns = (np.zeros(len(each), np.int64) for each in (self.events, self.towns))
        return {ALL_TOWNS: Matched(events=events, towns=towns)} | {
            name: Matched(events=getattr(self.events, column), towns=getattr(self.towns, column))
            for name, column in pairs.items()
        }

    @property
    def districts(self) -> int:
        """How many districts hold an event."""
        return len(np.unique(self.events.district))


def place_events(
    network: Network,
    ground: ValidationCells,
    events: Events,
    placed: Placed,
    *,
    tolerance_m: float = TOLERANCE_M,
) -> Places:
    """Events on the ground with their background.

    Parameters
    ----------
    placed
        Where the events lie on the ground; those outside are left out.
    tolerance_m
        Radius of the disc of an event at least.
    """
    area, nodes = network.area, network.nodes
    codes = _Codes.of(network, ground.block_m)
    rows = np.flatnonzero(placed.cell >= 0)
    cell = ground.cell[placed.cell[rows]]
    xy = np.stack(area.project(events.x[rows], events.y[rows]), axis=1)
    points = codes.points(cell)

    listed = (nodes["kind"] == "place") & nodes["country"].isin(area.countries)
    towns = nodes[listed.to_numpy()]
    row, column = area.cell_of(towns["x"], towns["y"])
    town_xy = np.stack(area.project(towns["x"], towns["y"]), axis=1)
    background = codes.points(row * area.shape[1] + column)
    covered = np.isin(background.district, points.district)
    apart = cKDTree(xy).query(town_xy)[0] > BESIDE_M
    way_cell, way_km = _ways(network, ground)
    return Places(
        area=area, events=points, towns=background.at(covered & apart), xy=xy,
        role=roles(events.kind[rows], events.mode[rows]),
        radius_m=radii(events.precision_km[rows], tolerance_m=tolerance_m),
        way_cell=way_cell, way_km=way_km,
    )  # fmt: skip


def _ways(network: Network, ground: ValidationCells) -> tuple[Int64Array, Float64Array]:
    """Cells of the ground that hold the middle of a link, and km of links there."""
    area, nodes, links = network.area, network.nodes, network.links
    x, y = nodes["x"].to_numpy(), nodes["y"].to_numpy()
    u, v = links["u"].to_numpy(), links["v"].to_numpy()
    row, column = area.cell_of((x[u] + x[v]) / 2, (y[u] + y[v]) / 2)
    km = links["length_m"].to_numpy(np.float64) / 1000
    rows, columns = area.shape
    length = np.asarray(np.bincount(row * columns + column, km, rows * columns), np.float64)
    there = ground.cell[length[ground.cell] > 0]
    return there, length[there]


@dataclass(frozen=True, kw_only=True)
class _Codes:
    """What points are matched by, for each cell of the grid."""

    area: StudyArea
    countries: npt.NDArray[np.str_]
    district: Int64Array
    setting: Int64Array
    block_m: float

    @classmethod
    def of(cls, network: Network, block_m: float) -> _Codes:
        """Those of a network; a cell outside all districts has those of the nearest one."""
        area, units = network.area, network.admin
        burnt = burn(units.geometry.to_crs(area.crs), np.arange(len(units)), area)
        district = fill_nearest(burnt, burnt >= 0).ravel().astype(np.int64)
        coast, border = (km_from(network, mark(network)) <= EDGE_KM
                         for mark in (sea_cells, border_cells))  # fmt: skip
        return cls(
            area=area,
            # Without any district all places are of the same one, which is of no country.
            countries=np.append(units["country"].astype(str).to_numpy(np.str_), ""),
            district=district,
            setting=np.where(coast, 2, border.astype(int)).ravel(),
            block_m=block_m,
        )

    def points(self, cell: Int64Array) -> Points:
        """Points in some cells; their blocks are those of the cells, as in the test on cells."""
        district = self.district[cell]
        east, north = middles(self.area, cell).T
        return Points(
            cell=cell,
            block=block_of(east, north, self.block_m),
            country=self.countries[district],
            district=district,
            setting=self.setting[cell],
        )
