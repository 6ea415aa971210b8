"""Origins and destinations: from names, coordinates and layers to nodes that a flow may use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from routes.scenario.ends.end_text import parse_end
    from routes.scenario.ends.endpoints import (
        SCATTERED,
        Located,
        Sought,
        knows_ends,
        locate,
        names_by_node,
        pin_end,
        require_distinct,
        seek,
        settle_all,
        settling_fault,
        split_origin,
    )
    from routes.scenario.ends.kept_ends import KeptEnds
    from routes.scenario.ends.place_names import find_place
    from routes.scenario.ends.usable_nodes import Footing

__all__ = [
    "SCATTERED",
    "Footing",
    "KeptEnds",
    "Located",
    "Sought",
    "find_place",
    "knows_ends",
    "locate",
    "names_by_node",
    "parse_end",
    "pin_end",
    "require_distinct",
    "seek",
    "settle_all",
    "settling_fault",
    "split_origin",
]

__getattr__, __dir__ = offer(__name__)
