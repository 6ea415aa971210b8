"""Nodes of the ends of scenarios, kept for later scenarios with the same ends."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence

from cachetools import LRUCache

from geodata.errors import InputError, VeredaError
from geodata.network.network import Network
from routes.scenario.demand import Endpoint
from routes.scenario.ends.endpoints import Sought, seek
from routes.scenario.profiles import Profile, is_shipped

KEPT_ENDS = 256
"""Number of ends whose nodes are kept."""


class KeptEnds:
    """Nodes of the ends that scenarios had last; safe to share between threads.

    Parameters
    ----------
    network
        The network of the nodes.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._kept: LRUCache[str, Sought] = LRUCache(KEPT_ENDS)
        self._lock = threading.Lock()

    def seek(self, profile: Profile, ends: Sequence[Endpoint], *, field: str) -> list[Sought]:
        """Nodes nearest to all origins or all destinations of a profile.

        Parameters
        ----------
        field
            ``from`` for origins, ``to`` for destinations.

        Raises
        ------
        InputError
            When an end is not on the network; ends of a shipped profile are not named one by one.
        """
        try:
            return [self._seek(end, field=field) for end in ends]
        except VeredaError as error:
            if not is_shipped(ends):
                raise
            side = "origins" if field == "from" else "destinations"
            remedy = f"Its own {side} are not in {self._network.area.name}: give others."
            raise InputError(field, profile.name, remedy) from error

    def _seek(self, end: Endpoint, *, field: str) -> Sought:
        """Nodes nearest to an end."""
        key = json.dumps([end.name, end.demand, end.entry, end.at, end.path], default=dict)
        with self._lock:
            sought = self._kept.get(key)
        if sought is None:
            sought = seek(self._network, end, field=field)
            with self._lock:
                self._kept[key] = sought
        return sought
