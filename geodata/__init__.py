"""The world: sources in, network out, results to files.

Each name is imported when it is first used.

Examples
--------
>>> from geodata import load_network
>>> load_network("network").gateways["kind"].nunique()
5
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.area.study_area import StudyArea
    from geodata.borderlands.region import BORDERLANDS
    from geodata.builder.build import build_network
    from geodata.errors import DataError, InputError, NoPathError, VeredaError
    from geodata.network.evidence import recorded_events
    from geodata.network.network import Network
    from geodata.network.store import load_network, save_network
    from geodata.publication.layers.network_layers import network_layers
    from geodata.publication.osmnx_graph import to_osmnx
    from geodata.publication.results.publish import publish
    from geodata.publication.results.reading import read_record
    from geodata.sources.layers.bundle import Bundle
    from geodata.sources.osmnx.roads import roads_from_osmnx
    from geodata.sources.study import Study
    from geodata.sources.userfiles.events import Events, read_events

__all__ = [
    "BORDERLANDS",
    "Bundle",
    "DataError",
    "Events",
    "InputError",
    "Network",
    "NoPathError",
    "Study",
    "StudyArea",
    "VeredaError",
    "build_network",
    "load_network",
    "network_layers",
    "publish",
    "read_events",
    "read_record",
    "recorded_events",
    "roads_from_osmnx",
    "save_network",
    "to_osmnx",
]

__getattr__, __dir__ = offer(__name__)
