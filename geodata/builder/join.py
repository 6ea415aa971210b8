"""Joining: land mesh, sea mesh, roads, rivers, ports and airstrips become one network."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geodata.area.geodesy import geodesic
from geodata.arrays import Float64Array, Int64Array, ObjectArray
from geodata.builder.meshes.mesh import Mesh
from geodata.builder.roads.network import RoadNetwork
from geodata.builder.study_grid import StudyGrid
from geodata.network.network import LINK_COLUMNS
from geodata.network.snapping import Snapper

TRANSFER_KMH = {"access": 5.0, "landing": 5.0, "bank": 5.0, "port": 10.0, "mouth": 15.0}
"""Speed on a transfer by class; reloading itself is a fee of the profile. Assumption."""
PORT_LIMIT_M = 8000.0
"""A port or airstrip further than this from the network is an error in the data."""

SAME_PLACE_M = 10_000.0
"""A road stop of the same name this near is the place itself."""


@dataclass(kw_only=True)
class Joiner:
    """A network in the making.

    Parameters
    ----------
    grid
        Cells and coast of the area.
    nodes, links, lines
        Tables and geometries gathered so far.
    snaps
        Number of joins of each kind, and the longest distance of each.
    """

    grid: StudyGrid
    nodes: list[pd.DataFrame] = field(default_factory=list)
    links: list[pd.DataFrame] = field(default_factory=list)
    lines: list[ObjectArray] = field(default_factory=list)
    snaps: dict[str, dict[str, float]] = field(default_factory=dict)
    count: int = 0

    def __post_init__(self) -> None:
        self.land_node = np.full(self.grid.country.size, -1)
        self.water_node = np.full(self.grid.country.size, -1)

    @property
    def table(self) -> pd.DataFrame:
        """All nodes so far, numbered from zero."""
        return pd.concat(self.nodes, ignore_index=True)

    def add_nodes(self, nodes: pd.DataFrame) -> Int64Array:
        """Add nodes; their numbers are returned."""
        numbers = self.count + np.arange(len(nodes))
        if nodes.empty:
            return numbers
        self.nodes.append(nodes[["x", "y", "kind", "country", "name"]])
        self.count += len(nodes)
        return numbers

    def add_links(self, links: pd.DataFrame, lines: ObjectArray) -> None:
        """Add links with their geometry; columns not given are empty."""
        if links.empty:
            return
        text = {name: "" for name, kind in LINK_COLUMNS.items() if kind == "category"}
        missing = {name: value for name, value in text.items() if name not in links}
        schematic = {} if "schematic" in links else {"schematic": False}
        self.links.append(links.assign(**missing, **schematic))
        self.lines.append(lines)

    def add_mesh(
        self, mesh: Mesh, node_of: Int64Array, *, mode: npt.ArrayLike, classes: npt.ArrayLike
    ) -> None:
        """Add the links of a mesh between nodes that were added before.

        Parameters
        ----------
        node_of
            Node of each cell of the grid, -1 for none; shape (cells,).
        mode, classes
            Mode, and class of all links or of each in the mesh's order.
        """
        u, v = node_of[mesh.a], node_of[mesh.b]
        x, y = (c.ravel() for c in self.grid.area.centres())
        ends = np.stack([np.c_[x[mesh.a], y[mesh.a]], np.c_[x[mesh.b], y[mesh.b]]], axis=1)
        links = pd.DataFrame(
            {
                "u": u, "v": v, "mode": mode, "class": classes, "length_m": mesh.length_m,
                "seconds_uv": mesh.seconds_ab, "seconds_vu": mesh.seconds_ba,
            }
        )  # fmt: skip
        self.add_links(links, np.asarray(shapely.linestrings(ends), object))

    def transfer(
        self, u: Int64Array, v: Int64Array, kind: str, *, name: npt.ArrayLike = ""
    ) -> None:
        """Join pairs of nodes by straight transfer links of a class.

        Parameters
        ----------
        u, v
            Rows of the nodes, shape (n,).
        kind
            Class of the links; `TRANSFER_KMH` has its speed.
        name
            Name of all links, or of each.
        """
        nodes = self.table
        x, y = nodes["x"].to_numpy(), nodes["y"].to_numpy()
        metres = geodesic(x[u], y[u], x[v], y[v])
        seconds = np.maximum(metres, 50.0) * 3.6 / TRANSFER_KMH[kind]
        links = pd.DataFrame(
            {
                "u": u, "v": v, "mode": "transfer", "class": kind, "name": name,
                "length_m": metres, "seconds_uv": seconds, "seconds_vu": seconds,
            }
        )  # fmt: skip
        ends = np.stack([np.c_[x[u], y[u]], np.c_[x[v], y[v]]], axis=1)
        self.add_links(links, np.asarray(shapely.linestrings(ends), object))
        furthest = max(float(metres.max(initial=0)), self.snaps.get(kind, {}).get("max_m", 0.0))
        made = self.snaps.get(kind, {}).get("joined", 0) + len(u)
        self.snaps[kind] = {"joined": made, "max_m": round(furthest, 1)}


def join_meshes(joiner: Joiner, land: Mesh, sea: Mesh) -> None:
    """Land mesh, sea mesh, and the beaches between them."""
    grid = joiner.grid
    x, y = (c.ravel() for c in grid.area.centres())
    codes = np.array([*grid.codes, ""])
    for mesh, kind, node_of in (
        (land, "mesh", joiner.land_node),
        (sea, "sea", joiner.water_node),
    ):
        country = codes[grid.country.ravel()[mesh.cells]] if kind == "mesh" else ""
        nodes = {"x": x[mesh.cells], "y": y[mesh.cells], "kind": kind, "country": country}
        node_of[mesh.cells] = joiner.add_nodes(pd.DataFrame({**nodes, "name": ""}))
    joiner.add_mesh(land, joiner.land_node, mode="trail", classes="off-road")
    water = np.array(["", "sea", "lagoon", "lake"])[grid.water.ravel()[sea.a]]
    mode = np.where(water == "sea", "sea", "river")
    joiner.add_mesh(sea, joiner.water_node, mode=mode, classes=water)
    _join_shores(joiner)


def _join_shores(joiner: Joiner) -> None:
    """Join every studied coast cell to the water cells beside it: a landing, or a lake shore."""
    grid = joiner.grid
    rows, columns = grid.area.shape
    row, column = np.nonzero(grid.studied)
    for kind, classes in (("landing", (1,)), ("bank", (2, 3))):
        wet = np.isin(grid.water, classes)
        pairs = []
        for down, right in ((0, 1), (0, -1), (1, 0), (-1, 0)):
            r, c = row + down, column + right
            inside = (r >= 0) & (r < rows) & (c >= 0) & (c < columns)
            meets = np.flatnonzero(inside)[wet[r[inside], c[inside]]]
            pairs.append((row[meets] * columns + column[meets], r[meets] * columns + c[meets]))
        dry, water = (np.concatenate(side) for side in zip(*pairs, strict=True))
        joiner.transfer(joiner.land_node[dry], joiner.water_node[water], kind)


def join_roads(joiner: Joiner, roads: RoadNetwork) -> Int64Array:
    """Join roads to the mesh at every node within a cell; returns the numbers of the road nodes."""
    numbers = joiner.add_nodes(roads.nodes)
    links = roads.links.drop(columns=["geometry", "straight_m"])
    u, v = numbers[links["u"].to_numpy(int)], numbers[links["v"].to_numpy(int)]
    mode = links.get("mode", "road")
    joiner.add_links(links.assign(u=u, v=v, mode=mode), np.asarray(roads.links["geometry"], object))
    join_to_mesh(joiner, numbers, limit_m=joiner.grid.area.cell_m)
    return numbers


def join_to_mesh(joiner: Joiner, numbers: Int64Array, *, limit_m: float, most: int = 2) -> None:
    """Join nodes to the nearest land cells of their own country.

    Parameters
    ----------
    numbers
        Rows of the nodes.
    limit_m
        Metres from a node beyond which no cell is joined.
    most
        Largest number of cells for each node.
    """
    nodes = joiner.table.iloc[numbers]
    own = nodes["country"].to_numpy(object)
    for rank, (cell, metres) in enumerate(cells_around(joiner, nodes, own)):
        if rank == most:
            return
        near = (cell >= 0) & (metres <= limit_m)
        joiner.transfer(numbers[near], joiner.land_node[cell[near]], "access")


class NearCells(NamedTuple):
    """One cell for each node, and the metres to its centre.

    Parameters
    ----------
    cell
        Flat cell numbers, -1 for none; shape (n,).
    metres
        Infinite where there is no cell; shape (n,).
    """

    cell: Int64Array
    metres: Float64Array


def cells_around(
    joiner: Joiner, nodes: pd.DataFrame, country: ObjectArray, *, abroad: bool = False
) -> list[NearCells]:
    """Meshed land cells of the 5 x 5 block around each node, nearest first; -1 for none.

    Parameters
    ----------
    nodes
        x and y, shape (n,).
    country
        Country of each node.
    abroad
        Cells of other countries instead of those of `country`.
    """
    grid = joiner.grid
    rows, columns = grid.area.shape
    x, y = grid.area.centres()
    row, column = grid.area.cell_of(nodes["x"], nodes["y"])
    codes = np.array([*grid.codes, ""], object)
    cells, metres = [], []
    for down in range(-2, 3):
        for right in range(-2, 3):
            r = np.clip(row + down, 0, rows - 1)
            c = np.clip(column + right, 0, columns - 1)
            cell = r * columns + c
            there = codes[grid.country[r, c]]
            # Offsets beyond the grid's edge would repeat the cells at the edge.
            fits = (joiner.land_node[cell] >= 0) & (r == row + down) & (c == column + right)
            fits &= (there != country) if abroad else (there == country)
            far = geodesic(nodes["x"].to_numpy(), nodes["y"].to_numpy(), x[r, c], y[r, c])
            cells.append(np.where(fits, cell, -1))
            metres.append(np.where(fits, far, np.inf))
    order = np.argsort(np.stack(metres), axis=0, kind="stable")
    by_rank = (np.take_along_axis(np.stack(each), order, 0)[:2] for each in (cells, metres))
    return [NearCells(cell, far) for cell, far in zip(*by_rank, strict=True)]


def join_ports(joiner: Joiner, ports: pd.DataFrame, roads: Int64Array) -> None:
    """Join each port to the nearest open water, and to the nearest road or land cell."""
    numbers = joiner.add_nodes(ports.assign(kind="port"))
    table = joiner.table
    area = joiner.grid.area
    water = np.zeros(len(table), bool)
    cells = np.flatnonzero((joiner.water_node >= 0) & (joiner.grid.water.ravel() == 1))
    water[joiner.water_node[cells]] = True
    snap = Snapper(area, table["x"], table["y"], among=water).nearest(
        ports["x"], ports["y"], limit_m=PORT_LIMIT_M
    )
    berth = snap.node >= 0
    joiner.transfer(numbers[berth], snap.node[berth], "port", name=ports["name"].to_numpy()[berth])
    _join_to_roads(joiner, ports, numbers, roads, limit_m=5000.0)
    join_to_mesh(joiner, numbers, limit_m=2 * area.cell_m, most=1)


def join_airstrips(joiner: Joiner, airports: pd.DataFrame, roads: Int64Array) -> None:
    """Join airports and airstrips to the nearest land cell, and to a road within a cell."""
    _join_spots(joiner, airports.assign(kind="airstrip"), roads)


def join_places(joiner: Joiner, places: pd.DataFrame, roads: Int64Array) -> None:
    """Join places without a road node, such as hamlets, to the nearest cell or road, on foot."""
    table = joiner.table
    known = table.iloc[roads]
    named = known[known["kind"] == "place"]
    keys = set(zip(named["country"], named["name"], strict=True))
    apart = [
        (place.country, place.name_) not in keys or _far(joiner, place, named)
        for place in places.rename(columns={"name": "name_"}).itertuples()
    ]
    hamlets = places[np.array(apart, bool)].reset_index(drop=True)
    _join_spots(joiner, hamlets.assign(kind="place"), roads)


def _join_spots(joiner: Joiner, spots: pd.DataFrame, roads: Int64Array) -> None:
    """Add spots as nodes, joined to the nearest land cell and to a road within a cell."""
    numbers = joiner.add_nodes(spots)
    _join_to_roads(joiner, spots, numbers, roads, limit_m=joiner.grid.area.cell_m)
    join_to_mesh(joiner, numbers, limit_m=2 * joiner.grid.area.cell_m, most=1)


def _far(joiner: Joiner, place: Any, named: pd.DataFrame) -> bool:
    """Whether a place is distinct from road stops of the same name, being far from them."""
    same = named[(named["name"] == place.name_) & (named["country"] == place.country)]
    snap = Snapper(joiner.grid.area, same["x"], same["y"]).nearest([place.x], [place.y])
    return bool(snap.metres[0] > SAME_PLACE_M)


def _join_to_roads(
    joiner: Joiner, points: pd.DataFrame, numbers: Int64Array, roads: Int64Array, *, limit_m: float
) -> None:
    """Join points to the nearest road node of their own country within a limit."""
    table = joiner.table
    is_road = np.zeros(len(table), bool)
    is_road[roads] = True
    for code in pd.unique(points["country"]):
        own = (points["country"] == code).to_numpy()
        there = is_road & (table["country"] == code).to_numpy()
        snap = Snapper(joiner.grid.area, table["x"], table["y"], among=there).nearest(
            points["x"][own], points["y"][own], limit_m=limit_m
        )
        near = snap.node >= 0
        joiner.transfer(numbers[own][near], snap.node[near], "access")
