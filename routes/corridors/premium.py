"""Premium: cost of the cheapest path through a thing above the best path's cost, as a share of it.

For one origin the premium of a node is ``(d_o + d_d) / best - 1``, with `d_o` the least cost from
the origin, `d_d` the least cost to a destination and `best` the cost of the best path; the sum for
a link includes the link's own cost. This is the normalised least-cost corridor of Linkage Mapper
(McRae and Kavanagh 2011), here over a directed network. The premium of a gateway, a unit or a cell
is the least premium of the nodes or links in it. The path may leave the best one, pass the thing,
and come back.

*Nearness* is ``exp(-STEEPNESS premium)``: 1 on the best path, a half at a premium of 9 %. Over
several origins, or pairs of origin and destination, nearness is the mean weighted by demand: a
thing on the best paths of a third of the flow has a nearness of at least a third, however far it is
from the paths of the rest. The premium over several is the least one, because a mean would have no
value where one pair does not reach.

References
----------
McRae and Kavanagh 2011, Linkage Mapper connectivity analysis software, The Nature Conservancy.
Castillo, Menendez, Jimenez and Rivas 2008, Closed form expressions for choice probabilities in the
Weibull case, Transportation Research Part B 42 (choice by ratios of cost).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import shapely

from geodata.area.grid import cells_along
from geodata.arrays import Float32Array, Float64Array, Int32Array, Int64Array
from geodata.computing.compiled import kernel
from geodata.computing.tasks import Check, in_order, unhindered
from geodata.network.network import Network
from routes.corridors.errands import Errand
from routes.corridors.gateways import link_gateways
from routes.scenario.costs.costed_network import CostedNetwork
from routes.scenario.edited_costs import Closings
from routes.search.trees import Tree, grow_tree

STEEPNESS = 8.0
"""How fast nearness falls with the premium. Assumption: for small premiums, nearness equals the
weight of a path in a choice by ratios of cost, ``(cost / best) ** -8``."""
REACH = 1.0
"""Premium up to which trees grow; nodes beyond have no premium and a nearness of zero. Its
nearness would be below ``exp(-8)``, 0.0004."""
_BESIDE = ("trail", "sea")
"""Modes of the meshes: their links join cells that have a node each."""


class Near(NamedTuple):
    """Premium and nearness of some things: nodes, links, gateways, units or cells.

    Parameters
    ----------
    premium
        Least premium over the errands, infinite beyond `REACH`.
    nearness
        Mean nearness over the errands, weighted by the flow of each, from 0 to 1.
    """

    premium: Float64Array
    nearness: Float64Array

    @classmethod
    def of(cls, premium: Float64Array) -> Near:
        """Make the values of one errand from its premiums."""
        return cls(premium, np.exp(-STEEPNESS * premium))

    @classmethod
    def nowhere(cls, count: int) -> Near:
        """Start values before any errand: infinite premiums and zero nearness."""
        return cls(np.full(count, np.inf), np.zeros(count))

    def joined(self, other: Near, share: float) -> Near:
        """Add another errand, which carries a share of the flow."""
        return Near(np.minimum(self.premium, other.premium), self.nearness + share * other.nearness)

    def at(self, rows: Any) -> Near:
        """Values of some of the things."""
        return Near(self.premium[rows], self.nearness[rows])


class Nearness(NamedTuple):
    """Premium and nearness of every node, link, gateway, unit and cell of a network.

    Parameters
    ----------
    node, link, gateway, unit
        By row of the network's tables.
    cell
        By cell of the area's grid, row by row from the north.
    """

    node: Near
    link: Near
    gateway: Near
    unit: Near
    cell: Near


@dataclass(frozen=True, kw_only=True)
class Holdings:
    """Which nodes and links lie in which gateway, unit and cell of a network.

    Parameters
    ----------
    gateway
        Row of each link in ``network.gateways``, -1 for none.
    unit, cell
        Row of each node in ``network.admin``, -1 for none, and its cell.
    ways, passed
        Pairs of a link outside the meshes and a cell that it passes.
    counts
        Numbers of gateways, units and cells.
    """

    gateway: Int32Array
    unit: Int64Array
    cell: Int64Array
    ways: Int64Array
    passed: Int64Array
    counts: tuple[int, int, int]

    @classmethod
    def of(cls, network: Network) -> Holdings:
        """Make the holdings of a network."""
        area, nodes = network.area, network.nodes
        rows, columns = area.shape
        row, column = area.cell_of(nodes["x"], nodes["y"])
        links = np.flatnonzero(~network.links["mode"].isin(_BESIDE).to_numpy())
        points, line = shapely.get_coordinates(network.lines(links), return_index=True)
        metres = np.stack(area.project(*points.T), axis=1)
        ways, passed = cells_along(area, metres, np.asarray(line, np.int64))
        return cls(
            gateway=link_gateways(network),
            unit=np.asarray(pd.Index(network.admin["id"]).get_indexer(nodes["admin1"]), np.int64),
            cell=row * columns + column,
            ways=links[ways],
            passed=passed,
            counts=(len(network.gateways), len(network.admin), rows * columns),
        )

    def nearness(self, node: Float64Array, link: Float64Array) -> Nearness:
        """Nearness of all things from the premiums of nodes and links for one origin."""
        gateways, units, cells = self.counts
        inside, passing = np.flatnonzero(self.unit >= 0), np.flatnonzero(self.gateway >= 0)
        cell = _least(self.cell, node, cells)
        np.minimum.at(cell, self.passed, link[self.ways])
        return Nearness(
            node=Near.of(node),
            link=Near.of(link),
            gateway=Near.of(_least(self.gateway[passing], link[passing], gateways)),
            unit=Near.of(_least(self.unit[inside], node[inside], units)),
            cell=Near.of(cell),
        )


def _least(of: Int32Array | Int64Array, values: Float64Array, count: int) -> Float64Array:
    """Least value of the members of each thing, infinite for a thing without members."""
    least = np.full(count, np.inf)
    np.minimum.at(least, of, values)
    return least


def find_nearness(
    holdings: Holdings,
    costed: CostedNetwork,
    errands: Sequence[Errand],
    *,
    closings: Closings,
    threads: int = 1,
    check: Check = unhindered,
) -> Nearness:
    """Premium and nearness over some errands.

    Parameters
    ----------
    closings
        Closings of the scenario, which the error names when they leave no path.
    threads
        Number of errands computed at the same time; the answer does not depend on it.
    check
        Function called before each tree; an exception that it raises ends the work.

    Raises
    ------
    NoPathError
        When an errand reaches no destination, see `CostedNetwork.no_path`.
    """

    def near(errand: Errand) -> Nearness:
        check()
        inbound = costed.tree_to(errand.destinations, once=False)
        assert inbound is not None
        origins = costed.origin_nodes(errand.part.nodes)
        best = float(inbound.cost[origins].min())
        if not np.isfinite(best):
            raise costed.no_path(errand.part, errand.destinations, closings)
        check()
        return holdings.nearness(*_premiums(costed, origins, inbound, best))

    total: Nearness | None = None
    for errand, one in zip(errands, in_order(near, errands, threads=threads), strict=True):
        share = errand.share * errand.fraction
        parts = total or Nearness(*(Near.nowhere(len(each.premium)) for each in one))
        pairs = zip(parts, one, strict=True)
        total = Nearness(*(so_far.joined(new, share) for so_far, new in pairs))
    assert total is not None, "a scenario has an origin"
    return total


def _premiums(
    costed: CostedNetwork, origins: Int32Array, inbound: Tree, best: float
) -> tuple[Float64Array, Float64Array]:
    """Premium of each node and link for one errand, infinite beyond `REACH`.

    Parameters
    ----------
    inbound, best
        Tree to the destinations, and the least cost of an origin in it.
    """
    arcs, weights = costed.arcs, costed.weights
    dearest = best * (1 + REACH)
    limit = dearest * (1 + weights.margin(dearest))
    out = grow_tree(arcs, weights, origins, limit=limit, to_go=inbound)
    node = (out.cost + inbound.cost).reshape(arcs.layers, -1).min(axis=0)
    link = _over_links(arcs.tail, arcs.head, arcs.link, weights.cost, out.cost, inbound.cost,
                       len(costed.network.links))  # fmt: skip
    return _relative(node, best), _relative(link, best)


def _relative(cost: Float32Array, best: float) -> Float64Array:
    """Cost above the best, as a share of it, infinite beyond `REACH`."""
    above = np.maximum(cost.astype(np.float64) - best, 0.0)
    # An origin that is itself a destination has a best cost of zero, so that every dearer path is
    # infinitely dearer as a share of it.
    premium = above / best if best else np.where(above > 0, np.inf, 0.0)
    premium[premium > REACH] = np.inf
    return premium


@kernel(nogil=True, error_model="numpy")
def _over_links(
    tail: Any, head: Any, link: Any, cost: Any, out: Any, inbound: Any, links: int
) -> Any:  # fmt: skip
    """Least cost of a path over each link, in the cheaper of its two directions."""
    least = np.full(links, np.float32(np.inf))
    for a in range(len(head)):
        total = out[tail[a]] + cost[a] + inbound[head[a]]
        least[link[a]] = min(least[link[a]], total)
    return least
