"""Gateways, countries and overlap cells to which the links and nodes of a band belong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from geodata.arrays import Float64Array, Int32Array
from geodata.computing.compiled import kernel
from geodata.network.network import Network
from routes.corridors.choice.path_size import Overlap
from routes.corridors.families.family_search import GatewayArcs
from routes.corridors.gateways import link_gateways
from routes.search.band import Band

COARSE_M = 10_000.0
"""Edge of the cells in which paths are compared for the path size."""
SHORTEST_M = 1.0
"""Least length of a link, so that a path of transfers at one place has a length too."""


@dataclass(frozen=True, kw_only=True)
class BandLookup:
    """Columns of a network, brought together once.

    Parameters
    ----------
    gateway
        Row of each link in ``network.gateways``, -1 for a link that is not a gateway.
    country
        Number of each node's country, -1 at sea.
    cell
        Number of each node's coarse cell, from 0 up.
    metres
        Length of each link.
    """

    gateway: Int32Array
    country: Int32Array
    cell: Int32Array
    metres: Float64Array

    @classmethod
    def of(cls, network: Network) -> BandLookup:
        """Make the lookup of a network."""
        east, north = network.area.project(network.nodes["x"], network.nodes["y"])
        cell = np.floor(east / COARSE_M) * 100_000 + np.floor(north / COARSE_M)
        _, cell_number = np.unique(cell, return_inverse=True)
        return cls(
            gateway=link_gateways(network),
            country=_country_codes(network),
            cell=cell_number.astype(np.int32),
            metres=np.maximum(network.links["length_m"].to_numpy(np.float64), SHORTEST_M),
        )

    def gates(self, band: Band) -> GatewayArcs:
        """Gateways of a band."""
        arcs = band.arcs
        passages = _passages(
            arcs.tail, arcs.head, arcs.link, band.network_nodes, self.gateway, self.country
        )
        order = np.lexsort((passages.enters, passages.gateway))
        arc, gateway, leaves, enters = (column[order] for column in passages)
        changes = (np.diff(gateway, prepend=-1) != 0) | (np.diff(enters, prepend=-1) != 0)
        first = np.flatnonzero(changes)
        ends = np.append(first, len(arc)).astype(np.int32)
        return GatewayArcs(arc, ends, gateway[first], enters[first], leaves)

    def overlap(self, band: Band, paths: Sequence[Int32Array]) -> Overlap:
        """Coarse cells along paths over a band, one entry an arc."""
        arcs, along = band.arcs, np.concatenate(paths)
        return Overlap(
            cell=self.cell[band.network_nodes[arcs.head[along]]],
            length=self.metres[arcs.link[along]],
            ends=np.cumsum([len(path) for path in paths]),
        )


class _Passages(NamedTuple):
    """Gateway arcs, the row of each gateway, and the country left and entered, -1 for the sea."""

    arc: Int32Array
    gateway: Int32Array
    leaves: Int32Array
    enters: Int32Array


@kernel(nogil=True, error_model="numpy")
def _passages(tail: Any, head: Any, link: Any, node: Any, gateway: Any, country: Any) -> Any:
    """The passages among some arcs, in the order of the arcs."""
    many = 0
    for a in range(len(link)):
        many += gateway[link[a]] >= 0
    arc, row = np.empty(many, np.int32), np.empty(many, np.int32)
    left, entered = np.empty(many, np.int32), np.empty(many, np.int32)
    k = 0
    for a in range(len(link)):
        if gateway[link[a]] >= 0:
            arc[k], row[k] = a, gateway[link[a]]
            left[k], entered[k] = country[node[tail[a]]], country[node[head[a]]]
            k += 1
    return _Passages(arc, row, left, entered)


def _country_codes(network: Network) -> Int32Array:
    countries = network.nodes["country"].cat
    codes = countries.codes.to_numpy(np.int32)
    if "" in countries.categories:
        codes = np.where(codes == countries.categories.get_loc(""), np.int32(-1), codes)
    return np.asarray(codes, np.int32)
