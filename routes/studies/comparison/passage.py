"""Passage: how much of a flow passes each thing, demand by demand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_array, csr_array

from geodata.arrays import BoolArray, Float64Array, Int32Array, Int64Array
from geodata.network.network import Network
from routes.corridors.loading import Flow, LinkUsage
from routes.search.trees import path_nodes

LEVELS = ("segments", "gateways", "admin", "countries")
"""What flow passes: links, gateways and units of the network, and countries with units."""

TOLERANCE = 1e-6
"""Shares of flow by which books may be off."""


class Way(NamedTuple):
    """A demand, the gateways that it passes in order, and its destination."""

    demand: int
    gateways: tuple[int, ...]
    destination: str


@dataclass(frozen=True, kw_only=True)
class Passage:
    """How a flow passes.

    Parameters
    ----------
    origin, destination
        Of each demand, for people; no destination where the demand is to all of several.
    share, known
        Share of all flow that each demand is, and how much of it is brought to corridors.
    least
        Least cost of each demand in risk-adjusted hours.
    ways
        Share of all flow by demand, gateways and destination.
    passing
        By level, the share of all flow of each demand (rows) that passes each thing (columns).
    """

    origin: list[str]
    destination: list[str]
    share: Float64Array
    known: Float64Array
    least: Float64Array
    ways: Mapping[Way, float]
    passing: Mapping[str, csr_array]

    @classmethod
    def of(cls, network: Network, flow: Flow) -> Passage:
        """The passage of a flow on a network."""
        counts = np.diff([*flow.begins, len(flow.corridors)])
        demand = np.repeat(np.arange(len(counts)), counts)
        usage = np.array([corridor.usage for corridor in flow.corridors], np.float64)
        ways: dict[Way, float] = {}
        for number, corridor in zip(demand.tolist(), flow.corridors, strict=True):
            way = Way(number, corridor.gateways, corridor.destination)
            ways[way] = ways.get(way, 0.0) + corridor.usage
        ends = [set(each.destinations.values()) for each in flow.demands]
        every = set[str]().union(*ends)
        return cls(
            origin=[each.origin for each in flow.demands],
            destination=[
                "" if len(names) > 1 and names == every else "; ".join(sorted(names))
                for names in ends
            ],
            share=np.array([each.share for each in flow.demands], np.float64),
            known=np.asarray(np.bincount(demand, usage, len(counts)), np.float64),
            least=np.array(flow.best, np.float64),
            ways=ways,
            passing=_passing(network, flow, demand, usage),
        )

    @property
    def unknown(self) -> BoolArray:
        """Demands of whose flow more than `TOLERANCE` is on no corridor: a search was cut off."""
        return np.asarray(np.abs(self.known - self.share) > TOLERANCE)

    def usage(self, level: str, weights: npt.ArrayLike = 1.0) -> Float64Array:
        """Share of all flow that passes each thing of a level.

        Parameters
        ----------
        weights
            By how much each demand counts.
        """
        rows = np.broadcast_to(np.asarray(weights, np.float64), self.least.shape)
        return np.asarray(rows @ self.passing[level], np.float64)


def _passing(
    network: Network, flow: Flow, demand: Int64Array, usage: Float64Array
) -> dict[str, csr_array]:
    """Share of flow by demand and thing, for each level."""
    codes = countries_of(network)
    unit = pd.Index(network.admin["id"]).get_indexer(network.nodes["admin1"])
    country = pd.Index(codes).get_indexer(pd.Index(network.nodes["country"]))
    nodes = [path_nodes(flow.arcs, corridor.path) for corridor in flow.corridors]
    things: dict[str, tuple[list[Int64Array], int]] = {
        "gateways": (
            [np.unique(np.array(corridor.gateways, np.int64)) for corridor in flow.corridors],
            len(network.gateways),
        ),
        "admin": (list(_inside(unit, nodes)), len(network.admin)),
        "countries": (list(_inside(country, nodes)), len(codes)),
    }
    brought = _on_links(flow, demand, usage).items()
    shape = (len(flow.best), flow.links)
    passing = {
        "segments": _table(
            [part.links for _, part in brought],
            np.array([demand[row] for row, _ in brought], np.int64),
            [part.usage for _, part in brought],
            shape,
        )
    }
    for level, (rows, count) in things.items():
        shares = [np.full(len(each), share) for each, share in zip(rows, usage, strict=True)]
        passing[level] = _table(rows, demand, shares, (len(flow.best), count))
    return passing


def _on_links(flow: Flow, demand: Int64Array, usage: Float64Array) -> dict[int, LinkUsage]:
    """Links of each corridor, by its row.

    Where the choice is free of scale, a corridor that is not spread keeps to its best path.
    """
    brought = dict(flow.spread)
    spread = {int(demand[row]) for row in brought}
    for row, corridor in enumerate(flow.corridors):
        number = int(demand[row])
        if row not in brought and number in spread and flow.demands[number].choice.scale_free:
            links, times = np.unique(flow.arcs.link[corridor.path], return_counts=True)
            brought[row] = LinkUsage(links, times * usage[row])
    return brought


def _inside(of: npt.NDArray[np.intp], paths: list[Int32Array]) -> Iterator[Int64Array]:
    """What each path passes, each once."""
    for nodes in paths:
        passed = np.unique(of[nodes])
        yield passed[passed >= 0].astype(np.int64)


def _table(
    things: list[Int64Array] | list[Int32Array],
    demand: Int64Array,
    shares: list[Float64Array],
    shape: tuple[int, int],
) -> csr_array:
    """What corridors pass, summed by demand."""
    none = np.empty(0, np.int64)
    rows = np.repeat(demand, [len(each) for each in things])
    columns = np.concatenate([none, *things])
    return coo_array((np.concatenate([none, *shares]), (rows, columns)), shape).tocsr()


def countries_of(network: Network) -> list[str]:
    """Codes of the countries that have units, in order."""
    return sorted(set(network.admin["country"].astype(str)))


def imbalance(network: Network, flow: Flow, ends: Int32Array) -> float:
    """The most by which what comes to a node differs from what leaves it.

    Parameters
    ----------
    ends
        Nodes at which the flow may begin or end, which are left out.
    """
    arcs, count = flow.arcs, len(network.nodes)
    net = np.bincount(arcs.head, flow.arc, count) - np.bincount(arcs.tail, flow.arc, count)
    net[ends] = 0.0
    return float(np.abs(net).max(initial=0.0))
