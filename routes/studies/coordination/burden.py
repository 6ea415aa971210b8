"""Burden: what a flow lays on each country and on the sea, and what it costs those who make it.

Kilometres of flow are the book that adds up. What districts of a country are relieved of arrives
in its other districts, in other countries or at sea, or is deterred; less what ways grow by.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from geodata.arrays import Float64Array, Int64Array
from geodata.errors import DataError
from geodata.network.network import Network
from routes.corridors.loading import Flow
from routes.studies.comparison.displacement import Displacement
from routes.studies.comparison.passage import TOLERANCE, Passage, countries_of

SEA, WATERS = "sea", "border waters"
"""Grounds without a country: the sea, and rivers that are a border or have no unit."""
USAGE, KM, EXPOSURE = "usage", "km", "exposure"
BURDENS = (USAGE, KM, EXPOSURE)
"""Share of flow that passes, its kilometres per unit of flow, and usage times weakness times people
of each unit."""
COST_ADDED, DETERRED, LONGER, DETERRED_KM = "cost_added", "deterred", "longer", "deterred_km"
RELIEVED, RETURNED = "relieved", "returned"
"""Kilometres of flow that some districts of a country lose, and that its other districts gain."""


class Quantity(NamedTuple):
    """What is measured, and on which ground; the ground is empty for all together."""

    measure: str
    ground: str = ""


@dataclass(frozen=True)
class Grounds:
    """The grounds of a network.

    Parameters
    ----------
    network
        The network.
    countries
        Codes of countries with units, for all burdens.
    every
        Those, further countries and waters, for kilometres.
    cell, link
        Row in `every` of each cell, a district or what lies in none, and cell of each link.
    """

    network: Network
    countries: list[str]
    every: list[str]
    cell: Int64Array
    link: Int64Array

    @classmethod
    def of(cls, network: Network) -> Grounds:
        """The grounds of a network."""
        links = network.links
        modes, codes = (links[key].astype(str).to_numpy() for key in ("mode", "country"))
        waters = np.where(np.isin(modes, ("sea", "transfer")), SEA, WATERS)
        ground = np.where(codes == "", waters, codes)
        countries = countries_of(network)
        every = [*countries, *sorted(set(ground) - set(countries))]
        units = network.admin.set_index("id")["country"].astype(str)
        unit = links["admin1"].astype(str).to_numpy()
        inside = units.reindex(unit).to_numpy() == ground
        cells = [*zip(units, units.index, strict=True), *((each, "") for each in every)]
        named = pd.MultiIndex.from_arrays([ground, np.where(inside, unit, "")])
        link = pd.MultiIndex.from_tuples(cells).get_indexer(named)
        cell = pd.Index(every).get_indexer(pd.Index([each for each, _ in cells]))
        return cls(network, countries, every, cell.astype(np.int64), link.astype(np.int64))

    @property
    def quantities(self) -> list[Quantity]:
        """Columns of `measure`."""
        return [
            *map(Quantity, (COST_ADDED, DETERRED, LONGER, DETERRED_KM)),
            *(Quantity(RELIEVED, code) for code in self.countries),
            *(Quantity(RETURNED, code) for code in self.countries),
            *(Quantity(USAGE, code) for code in self.countries),
            *(Quantity(EXPOSURE, code) for code in self.countries),
            *(Quantity(KM, ground) for ground in self.every),
        ]

    def kilometres(self, flow: Flow) -> tuple[Float64Array, Float64Array]:
        """Kilometres of flow of each demand by cell, shape (demands, cells), and in all."""
        km = self.network.links["length_m"].to_numpy(np.float64) / 1000
        counts = np.diff([*flow.begins, len(flow.corridors)])
        by_cell, along = np.zeros((len(counts), len(self.cell))), np.zeros(len(counts))
        for demand, corridor in zip(
            np.repeat(np.arange(len(counts)), counts), flow.corridors, strict=True
        ):
            links = flow.arcs.link[corridor.path]
            passed = np.bincount(self.link[links], km[links], len(self.cell))
            by_cell[demand] += corridor.usage * passed
            along[demand] += corridor.usage * km[links].sum()
        return by_cell, along

    def summed(self, cells: Float64Array) -> Float64Array:
        """Sum of the values of cells, for each ground."""
        return np.asarray(np.bincount(self.cell, cells, len(self.every)), np.float64)


@dataclass(frozen=True, kw_only=True)
class Burden:
    """How a flow passes, and its kilometres by demand: in each cell, and in all."""

    passage: Passage
    km: Float64Array
    along: Float64Array

    @classmethod
    def of(cls, grounds: Grounds, flow: Flow) -> Burden:
        """The burden of a flow."""
        km, along = grounds.kilometres(flow)
        return cls(passage=Passage.of(grounds.network, flow), km=km, along=along)


def measure(
    grounds: Grounds, base: Burden, other: Burden, *, elasticity: float, name: str
) -> Float64Array:
    """Quantities of a flow beside those of its base, as `Grounds.quantities` lists them.

    Parameters
    ----------
    base, other
        The flow while nobody acts, and while some do.
    elasticity
        As `Displacement` takes it.
    name
        What acts, for errors.

    Raises
    ------
    DataError
        When demands differ, or kilometres by ground do not add up to all.
    """
    move = Displacement(base=base.passage, other=other.passage, elasticity=elasticity)
    staying, known = move.staying, base.passage.known
    cells = np.asarray(staying @ other.km)
    longer = float(staying @ (other.along - base.along))
    deterred_km = float((1 - staying) @ base.along)
    before = float(base.along.sum())
    _check_kilometres(float(cells.sum()), before + longer - deterred_km, before, name=name)
    change = cells - base.km.sum(axis=0)
    countries = len(grounds.countries)
    return np.array(
        [
            np.average(move.added, weights=known), known @ (1 - staying), longer, deterred_km,
            *grounds.summed(np.maximum(-change, 0.0))[:countries],
            *grounds.summed(np.maximum(change, 0.0))[:countries],
            *other.passage.usage("countries", staying),
            *_exposure(grounds, other.passage.usage("admin", staying)),
            *grounds.summed(cells),
        ]
    )  # fmt: skip


def _exposure(grounds: Grounds, usage: Float64Array) -> Float64Array:
    """Usage times weakness times people of all units of each country."""
    admin = grounds.network.admin
    exposed = usage * admin["weakness"].to_numpy(float) * admin["people"].to_numpy(float)
    summed = pd.Series(exposed).groupby(admin["country"].astype(str).to_numpy()).sum()
    return np.asarray(summed.reindex(grounds.countries), np.float64)


def _check_kilometres(reached: float, due: float, before: float, *, name: str) -> None:
    """Refuse kilometres by ground that differ from those of all ways."""
    if abs(reached - due) > TOLERANCE * max(before, 1.0):
        remedy = (
            f"Kilometres by ground differ from those of all ways by {reached - due:.1e}: this is a "
            "fault of Vereda, report it."
        )
        raise DataError("strategy", name, remedy)
