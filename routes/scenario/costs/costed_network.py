"""The ways of a scenario: arcs and costs after edits, and the trees that were grown over them."""

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
from routes.scenario.via import Stop, layered, stop_at
from routes.search.arcs import Arcs, Weights, lay_out_costs
from routes.search.band import to_destinations
from routes.search.trees import Tree, grow_tree
from routes.search.unreachable import explain_no_path

KEPT_TREES = 12
"""Trees to destinations that are kept: moving an origin about asks for the same one again."""


@dataclass(frozen=True, kw_only=True)
class CostedNetwork:
    """Arcs and costs of a scenario.

    Parameters
    ----------
    weights
        Costs, laid out; in layers when there are things to be passed.
    stops
        Things to be passed, in order.
    names
        Their names.
    network, plain
        The network, and its arcs without layers.
    homes
        Trees to destinations by what they lead to; None where one was asked for once.
    growing
        Held while such a tree grows, so that nobody grows it twice.
    """

    weights: Weights
    stops: list[Stop]
    names: tuple[str, ...]
    network: Network
    plain: Arcs
    homes: LRUCache[bytes, Tree | None] = field(default_factory=lambda: LRUCache(KEPT_TREES))
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
        """Those of a scenario, with a layer more for each thing to be passed.

        Parameters
        ----------
        arcs
            Arcs of the network.
        free
            Cost of each before edits.
        check
            Called before each look-up.
        """
        cost = edited(network, arcs, free, scenario.edits, check=check)
        stops = [stop_at(network, arcs, name, field="via") for name in scenario.via]
        plain = arcs
        if stops:
            arcs, cost = layered(arcs, stops), np.tile(cost, len(stops) + 1)
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
        """Where the flow may begin and end."""
        return Footing.of(self.network, self.plain, self.weights.cost[: len(self.plain.head)])

    def origin_nodes(self, nodes: Int32Array) -> Int32Array:
        """Origins in the first layer, or further up when they lie in things to be passed."""
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
        """Tree to some destinations, kept for the next call.

        Parameters
        ----------
        once
            Nothing is grown for one who will not need it again, unless it is asked for anew.
        """
        nodes, entry = self.destination_nodes(ends)
        key = nodes.tobytes() + entry.tobytes()
        with self.growing:
            tree = self.homes.get(key)
            if tree is None and (key in self.homes or not once):
                tree = to_destinations(self.arcs, self.weights, nodes, entry)
            self.homes[key] = tree
        return tree

    def no_path(self, start: Located, ends: Sequence[Located], closings: Closings) -> NoPathError:
        """Why no path was found: what cannot be passed, what was closed, or what is cut off.

        Parameters
        ----------
        closings
            What the scenario closes.
        """
        destinations = np.concatenate([end.nodes for end in ends])

        def leads(cost: Float32Array) -> bool:
            home = to_destinations(self.plain, cost, destinations, np.zeros(len(destinations)))
            return bool(np.isfinite(home.cost[start.nodes]).any())

        cost = self.weights.cost[: len(self.plain.head)]
        if self.stops and leads(cost):
            return self.not_passed(start)
        remedy = explain_no_path(self.network, self.plain, cost, start.nodes, destinations)
        error = NoPathError("from", start.name, remedy)

        def fault(cost: Float32Array) -> NoPathError | None:
            return None if leads(cost) else error

        return blame_closing(error, closings, fault)

    def not_passed(self, start: Located) -> NoPathError:
        """The error for an origin whose ways home do not pass all that has to be passed.

        The thing named is the first in their order that cannot be, or behind which no way leads on.
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
