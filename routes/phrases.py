"""Phrases for messages: numbers of things and lists of names, as they stand in a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

FAR_M = 50.0
"""Ends joined to the network within this distance are at the node, to 0.1 km."""


def number(count: int, what: str) -> str:
    """How many of something there are, such as ``1 node`` or ``1,200 nodes``."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


NODES = {
    "mesh": "open land", "sea": "open water", "junction": "a road", "place": "a town or village",
    "crossing": "a border crossing", "port": "a port", "landing": "a landing",
    "airstrip": "an airstrip",
}  # fmt: skip
"""Kinds of nodes, as a sentence names them."""


def describe_snaps(ends: Sequence[Mapping[str, Any]]) -> list[str]:
    """A sentence on each end that is joined to the network away from the place asked for.

    Parameters
    ----------
    ends
        Records of ends, with name, kind and snap_m.
    """
    return [
        f"{end['name']} is joined to the network {end['snap_m'] / 1000:.1f} km away, at "
        f"{listed([NODES.get(kind, kind) for kind in end['kind'].split(', ')])}."
        for end in ends
        if end["snap_m"] >= FAR_M
    ]


def listed(words: Sequence[str]) -> str:
    """Some words, one at least, with commas and an "and" before the last."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def duration(seconds: float) -> str:
    """A time in the unit that suits it, such as ``40 s``, ``12 minutes`` or ``3.5 hours``."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} minutes" if seconds < 6000 else f"{seconds / 3600:.1f} hours"
