"""Styles of the parts of a network, in the terms of `geodata.cartography.styles.result_styles`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from geodata.cartography.styles.result_styles import GATEWAYS
from geodata.cartography.styles.style import LAND, SEA, Kind


@dataclass(frozen=True, kw_only=True)
class Stroke(Kind):
    """A category of lines with a width of its own, in millimetres."""

    size: float


@dataclass(frozen=True, kw_only=True)
class Mark(Kind):
    """A category of points with a diameter of its own, in millimetres."""

    size: float


ROADS = (
    Stroke(value="primary", label="Primary road", colour="#882255", size=0.6),
    Stroke(value="secondary", label="Secondary road", colour="#b0517d", size=0.42),
    Stroke(value="tertiary", label="Tertiary road", colour="#c98fab", size=0.3),
    Stroke(value="local", label="Local road", colour="#c9b3bf", size=0.22),
    Stroke(value="crossing", label="Road across a border", colour="#22262b", size=0.42),
)
"""Roads by class, the most important first."""

WATER = Stroke(value="lake", label="Lake or lagoon", colour=SEA, size=0.0)
UNSCORED_LAND = Stroke(value="land", label="Land that is not scored", colour=LAND, size=0.0)

RIVER = Stroke(value="river", label="Navigable river", colour="#2f8f7f", size=0.4)

MARKS: Mapping[str, Mark] = MappingProxyType(
    {
        "places": Mark(value="place", label="Town or village", colour="#5b6066", size=1.1),
        "airstrips": Mark(
            value="airstrip", label="Airport or airstrip", colour="#cc79a7", shape="triangle",
            size=2.0,
        ),
        "crossings": Mark(
            value="crossing", label="Border crossing", colour="#ffffff", size=2.2
        ),
        "ports": Mark(value="port", label="Port", colour="#0072b2", shape="square", size=2.6),
    }
)  # fmt: skip
"""Points by layer, the least important first."""

SECTOR = Stroke(value="sector", label="Informal crossings", colour="#e69f00", size=0.5)
POST = Mark(value="post", label="Post of the state", colour="#332288", shape="square", size=1.9)

EVENT = Mark(
    value="event", label="Documented event, a sample", colour="#117733", shape="circle", size=1.9
)
COUNT = Mark(value="count", label="Documented count", colour="#999933", shape="square", size=1.9)

MODES = (
    Stroke(value="road", label="Road", colour="#882255", size=0.4),
    Stroke(value="river", label="River", colour="#2f8f7f", size=0.4),
    Stroke(value="transfer", label="Access, landing or port", colour="#8b8f92", size=0.15),
)
"""Links by mode, without the meshes."""

NODES = (
    Mark(value="junction", label="Junction", colour="#8b8f92", size=0.6),
    Mark(value="landing", label="Landing", colour="#56b4e9", shape="triangle", size=1.1),
    *MARKS.values(),
)
"""Nodes by kind, without the meshes."""

GATES = tuple(
    Mark(value=kind.value, label=kind.label, colour=kind.colour, shape=kind.shape, size=2.2)
    for kind in GATEWAYS.kinds
)
"""Gateways by kind, where their usage is not known."""
