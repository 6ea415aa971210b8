"""Compiled code of the search, and the checks of the arrays that it is called with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from routes.search.kernels.admission import ANY, check_arcs, cost_array, index_array, node_array
    from routes.search.kernels.band_passes import (
        BothTrees,
        CutOut,
        arcs_within,
        cut_out,
        fewest_arcs,
    )
    from routes.search.kernels.memory_layout import Layout, PackedArcs, Side, lay_out
    from routes.search.kernels.rounding import FIRST, Tally, apart_by, margin, tally
    from routes.search.kernels.tree_growth import (
        NO_ARC,
        OtherTree,
        Roots,
        TargetPlaces,
        bound_of,
        grow,
    )

__all__ = [
    "ANY",
    "FIRST",
    "NO_ARC",
    "BothTrees",
    "CutOut",
    "Layout",
    "OtherTree",
    "PackedArcs",
    "Roots",
    "Side",
    "Tally",
    "TargetPlaces",
    "apart_by",
    "arcs_within",
    "bound_of",
    "check_arcs",
    "cost_array",
    "cut_out",
    "fewest_arcs",
    "grow",
    "index_array",
    "lay_out",
    "margin",
    "node_array",
    "tally",
]

__getattr__, __dir__ = offer(__name__)
