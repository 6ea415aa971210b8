"""The network: nodes, links and gateways, its store, names and snapping."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.network.credit import (
        Sources,
        credit_line,
        holders,
        holders_with_licences,
        role_of,
        shown_sources,
    )
    from geodata.network.evidence import ALL, event_sources, recorded_events
    from geodata.network.gazetteer import NAMED, plain
    from geodata.network.header import HEADER, VERSION, read_header, read_sources
    from geodata.network.known_names import KnownNames
    from geodata.network.network import LAYERS, LINK_COLUMNS, MODES, NODE_COLUMNS, Network
    from geodata.network.snapping import Snapper
    from geodata.network.store import LAYOUT, load_network, network_files, save_network

__all__ = [
    "ALL",
    "HEADER",
    "LAYERS",
    "LAYOUT",
    "LINK_COLUMNS",
    "MODES",
    "NAMED",
    "NODE_COLUMNS",
    "VERSION",
    "KnownNames",
    "Network",
    "Snapper",
    "Sources",
    "credit_line",
    "event_sources",
    "holders",
    "holders_with_licences",
    "load_network",
    "network_files",
    "plain",
    "read_header",
    "read_sources",
    "recorded_events",
    "role_of",
    "save_network",
    "shown_sources",
]

__getattr__, __dir__ = offer(__name__)
