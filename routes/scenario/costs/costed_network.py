"""Arcs and costs of a scenario after its edits, and the trees grown over them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from cachetools import LRUCache

from geodata.arrays import Float32Array, Int32Array
from geodata.computing.tasks import Check, computed_once, unhindered
from geodata.errors import NoPathError
from geodata.network.network import Network
from routes.phrases import listed
from routes.scenario.edited_costs import Closings, blame_closing, edited
from routes.scenario.ends.endpoints import Located
from routes.scenario.ends.usable_nodes import Footing
from routes.scenario.scenario import Scenario
from routes.scenario.via import Stop, add_layers, stop_at
from routes.search.arcs import Arcs, ArcWeights, lay_out_costs
from routes.search.band import to_destinations
from routes.search.trees import Tree, grow_tree
from routes.search.unreachable import explain_no_path

KEPT_TREES = 12
"""Number of kept trees to destinations. A user who moves an origin needs the same tree again."""


@dataclass(frozen=True, kw_only=True)
class CostedNetwork:
    """Arcs and costs of a scenario.

    Parameters
    ----------
    weights
        Costs, laid out for trees; in layers when paths must pass stops.
    stops
        Stops that paths must pass, in order.
    names
        Names of the stops.
    network, plain
        The network, and its arcs without layers.
    destination_trees
        Trees to destinations, by destination nodes and costs of ending; None for a tree requested
        only once, which was not kept.
    growing
        Lock taken while such a tree grows, so that two threads do not grow the same tree.
    """

    weights: ArcWeights
    stops: list[Stop]
    names: tuple[str, ...]
    network: Network
    plain: Arcs
    destination_trees: LRUCache[bytes, Tree | None] = field(
        default_factory=lambda: LRUCache(KEPT_TREES)
    )
    growing: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(
        cls,
        network: Network,
        arcs: Arcs,
        free: Float32Array,
        scenario: Scenario,
        *,
        check: Check = unhindered,
    ) -> CostedNetwork:
        """Make the costed network of a scenario, with one more layer for each stop.

        Parameters
        ----------
        arcs
            Arcs of the network.
        free
            Cost of each before edits.
        check
            Function called before each look-up; an exception that it raises ends the work.
        """
        cost = edited(network, arcs, free, scenario.edits, check=check)
        stops = [stop_at(network, arcs, name, field="via") for name in scenario.via]
        plain = arcs
        if stops:
            arcs, cost = add_layers(arcs, stops), np.tile(cost, len(stops) + 1)
        return cls(
            weights=lay_out_costs(arcs, cost), stops=stops, names=scenario.via, network=network,
            plain=plain,
        )  # fmt: skip

    @property
    def arcs(self) -> Arcs:
        """The arcs."""
        return self.weights.arcs

    @computed_once
    def footing(self) -> Footing:
        """Nodes where the flow may begin and end."""
        return Footing.of(self.network, self.plain, self.weights.cost[: len(self.plain.head)])

    def origin_nodes(self, nodes: Int32Array) -> Int32Array:
        """Origins in the first layer, or in a higher one when they lie in a stop."""
        layer = np.zeros(len(nodes), np.int32)
        for number, stop in enumerate(self.stops):
            layer += (layer == number) & stop.nodes[nodes]
        return np.asarray(nodes + layer * self._nodes, np.int32)

    def destination_nodes(self, ends: Sequence[Located]) -> tuple[Int32Array, Float32Array]:
        """Destinations in the last layer, and the cost of ending at each."""
        nodes = np.concatenate([end.nodes for end in ends])
        entry = np.concatenate([np.full(len(end.nodes), end.entry, np.float32) for end in ends])
        return np.asarray(nodes + len(self.stops) * self._nodes, np.int32), entry

    def tree_to(self, ends: Sequence[Located], *, once: bool) -> Tree | None:
        """Tree to some destinations; it is kept for later calls.

        Parameters
        ----------
        once
            Whether the caller needs the tree only once: the first such call grows no tree and
            returns None, a later one for the same destinations grows it.
        """
        nodes, entry = self.destination_nodes(ends)
        key = nodes.tobytes() + entry.tobytes()
        with self.growing:
            tree = self.destination_trees.get(key)
            if tree is None and (key in self.destination_trees or not once):
                tree = to_destinations(self.arcs, self.weights, nodes, entry)
            self.destination_trees[key] = tree
        return tree

    def no_path(self, start: Located, ends: Sequence[Located], closings: Closings) -> NoPathError:
        """The error for a missing path: it names the stop, the closing or the part that is cut off.

        Parameters
        ----------
        closings
            Closings of the scenario.
        """
        destinations = np.concatenate([end.nodes for end in ends])

        def leads(cost: Float32Array) -> bool:
            inbound = to_destinations(self.plain, cost, destinations, np.zeros(len(destinations)))
            return bool(np.isfinite(inbound.cost[start.nodes]).any())

        cost = self.weights.cost[: len(self.plain.head)]
        if self.stops and leads(cost):
            return self.not_passed(start)
        remedy = explain_no_path(self.network, self.plain, cost, start.nodes, destinations)
        error = NoPathError("from", start.name, remedy)

        def fault(cost: Float32Array) -> NoPathError | None:
            return None if leads(cost) else error

        return blame_closing(error, closings, fault)

    def not_passed(self, start: Located) -> NoPathError:
        """The error for an origin from which no path to a destination passes every stop.

        It names the first stop that cannot be passed, or from which no path leads on.
        """
        labels = grow_tree(self.arcs, self.weights, self.origin_nodes(start.nodes)).cost
        reached = np.isfinite(labels.reshape(-1, self._nodes)).any(axis=1)
        number = min(int(np.flatnonzero(reached)[-1]), len(self.stops) - 1)
        after = f" after {listed(self.names[:number])}" if number else ""
        order = ", put it elsewhere in the order" if len(self.names) > 1 else ""
        remedy = (
            f"No path from {start.name} passes it{after} on the way to a destination: leave it "
            f"out{order}, or allow another mode or way."
        )
        return NoPathError("via", self.names[number], remedy)

    @property
    def _nodes(self) -> int:
        return self.arcs.n // (len(self.stops) + 1)
