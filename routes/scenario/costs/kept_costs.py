"""Arcs and costs of scenarios, kept for later scenarios that share them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

from cachetools import LRUCache

from geodata.arrays import Float32Array
from geodata.computing.tasks import Check
from geodata.network.network import Network
from routes.scenario.costs.costed_network import CostedNetwork
from routes.scenario.profiles import Profile
from routes.scenario.scenario import Scenario
from routes.search.arcs import Arcs

KEPT_COSTED = 6
"""Number of costed networks that are kept, each some twenty bytes an arc."""
LAYERED_COSTED = 4
"""A costed network with stops, which has its own layout of the arcs, counts as this many."""


class KeptCosts:
    """Costed networks of the scenarios answered last; safe to share between threads.

    Parameters
    ----------
    network
        The network without costs.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._lock = threading.Lock()
        self.kept: LRUCache[str, CostedNetwork] = LRUCache(
            KEPT_COSTED, lambda costed: LAYERED_COSTED if costed.stops else 1
        )

    def of(
        self,
        arcs: Arcs,
        cost: Callable[[Profile], Float32Array],
        scenario: Scenario,
        *,
        check: Check,
    ) -> CostedNetwork:
        """The costed network of a scenario.

        Parameters
        ----------
        arcs
            Arcs of the network.
        cost
            Function from a profile to the cost of each arc before edits.
        check
            Called before each look-up; an exception that it raises ends the work.
        """
        profile = scenario.profile
        parts = (profile.rates, profile.weights, profile.fees,
                 [edit.record() for edit in scenario.edits], scenario.via)  # fmt: skip
        key = json.dumps(parts, default=dict)
        with self._lock:
            costed = self.kept.get(key)
        if costed is None:
            # No lock is held here, so that other scenarios are answered meanwhile: with stops this
            # takes seconds, and two threads may compute the same one.
            costed = CostedNetwork.of(self._network, arcs, cost(profile), scenario, check=check)
            with self._lock:
                self.kept[key] = costed
        return costed
