"""The world: sources in, network out, results to files.

Each name is imported when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geodata.area.study_area import StudyArea
    from geodata.borderlands.region import BORDERLANDS
    from geodata.builder.build import build_network
    from geodata.errors import DataError, InputError, NoPathError, VeredaError
    from geodata.network.network import Network
    from geodata.network.store import load_network, save_network
    from geodata.publication.layers import network_layers
    from geodata.publication.osmnx_graph import to_osmnx
    from geodata.publication.publish import publish
    from geodata.publication.results import read_record
    from geodata.sources.bundle import Bundle
    from geodata.sources.osmnx.roads import roads_from_osmnx
    from geodata.sources.study import Study
    from geodata.sources.userfiles.events import Events, read_events

_HOMES = {
    "BORDERLANDS": "geodata.borderlands.region",
    "Bundle": "geodata.sources.bundle",
    "DataError": "geodata.errors",
    "Events": "geodata.sources.userfiles.events",
    "InputError": "geodata.errors",
    "Network": "geodata.network.network",
    "NoPathError": "geodata.errors",
    "Study": "geodata.sources.study",
    "StudyArea": "geodata.area.study_area",
    "VeredaError": "geodata.errors",
    "build_network": "geodata.builder.build",
    "load_network": "geodata.network.store",
    "network_layers": "geodata.publication.layers",
    "publish": "geodata.publication.publish",
    "read_events": "geodata.sources.userfiles.events",
    "read_record": "geodata.publication.results",
    "roads_from_osmnx": "geodata.sources.osmnx.roads",
    "save_network": "geodata.network.store",
    "to_osmnx": "geodata.publication.osmnx_graph",
}

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
    "roads_from_osmnx",
    "save_network",
    "to_osmnx",
]


def __getattr__(name: str) -> object:
    """A public name, whose module is imported when it is first asked for (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
