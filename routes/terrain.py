"""The terrain: what the network says of links and nodes, as the search for corridors asks it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.network import Network
from routes.band import Band
from routes.families import Gates

COARSE_M = 10_000.0
"""Edge of the cells in which paths are compared for the path size."""
APART_M = 2000.0
"""Length of way for which a path counts once in a cell."""

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Terrain:
    """Columns of a network, brought together once.

    Parameters
    ----------
    gateway
        Row of each link in ``network.gateways``, -1 where it is none.
    country
        Number of each node's country, -1 at sea.
    cell
        Coarse cell of each node.
    times
        How often each link counts in its cell, at least once.
    """

    gateway: Ints
    country: Ints
    cell: Longs
    times: Longs

    @classmethod
    def of(cls, network: Network) -> Terrain:
        """That of a network."""
        east, north = network.area.project(network.nodes["x"], network.nodes["y"])
        metres = network.links["length_m"].to_numpy()
        cell = np.floor(east / COARSE_M) * 100_000 + np.floor(north / COARSE_M)
        return cls(
            gateway=_gateway_rows(network),
            country=_country_codes(network),
            cell=cell.astype(np.int64),
            times=np.maximum(np.rint(metres / APART_M), 1).astype(np.int64),
        )

    def gates(self, band: Band) -> Gates:
        """Gateways and countries of the arcs of a band."""
        arcs = band.arcs
        gateway = self.gateway[arcs.link]
        at = np.flatnonzero(gateway >= 0)
        leaves, enters = (np.full(len(gateway), -1, np.int32) for _ in range(2))
        for found, ends in ((leaves, arcs.tail), (enters, arcs.head)):
            found[at] = self.country[band.node[ends[at]] % len(self.country)]
        return Gates(gateway=gateway, leaves=leaves, enters=enters)

    def coarse_cells(self, band: Band, paths: Sequence[Ints]) -> list[Longs]:
        """Coarse cells along paths over a band, one entry for every `APART_M`."""
        arcs, along = band.arcs, np.concatenate(paths)
        times = self.times[arcs.link[along]]
        cells = np.repeat(self.cell[band.node[arcs.head[along]] % len(self.cell)], times)
        after = np.cumsum(times)[np.cumsum([len(path) for path in paths]) - 1]
        return np.split(cells, after[:-1])


def _gateway_rows(network: Network) -> Ints:
    ids = network.links["gateway"].cat
    rows = pd.Series(np.arange(len(network.gateways)), network.gateways["id"])
    number = rows.reindex(ids.categories).fillna(-1).to_numpy(np.int32)
    return np.append(number, np.int32(-1))[ids.codes.to_numpy()]


def _country_codes(network: Network) -> Ints:
    countries = network.nodes["country"].cat
    codes = countries.codes.to_numpy(np.int32)
    if "" in countries.categories:
        codes = np.where(codes == countries.categories.get_loc(""), np.int32(-1), codes)
    return np.asarray(codes, np.int32)
