"""OpenStreetMap: roads, and all other layers that its extracts hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.sources.osm.features.features import layers_of
    from geodata.sources.osm.roads import OsmRoads, read_osm_roads, roads_of_ways
    from geodata.sources.osm.tags import NODE_TAGS, TAGS, Gate, Tags, WayKind, gate, way_kind
    from geodata.sources.osm.ways import Counts, Ways

__all__ = [
    "NODE_TAGS",
    "TAGS",
    "Counts",
    "Gate",
    "OsmRoads",
    "Tags",
    "WayKind",
    "Ways",
    "gate",
    "layers_of",
    "read_osm_roads",
    "roads_of_ways",
    "way_kind",
]

__getattr__, __dir__ = offer(__name__)
