"""Shortest-path trees over arcs, and the band of near-optimal arcs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from routes.search.arcs import Arcs, ArcWeights, lay_out_costs
    from routes.search.band import Band, Ends, find_band, find_corridor, to_destinations
    from routes.search.connectivity import crossing_paths, reached_by_water, strong_share
    from routes.search.network_arcs import (
        arc_hours,
        at_nodes,
        domestic_hours,
        hours_to,
        snap_points,
    )
    from routes.search.refusals import require_apart, require_path
    from routes.search.slack import MAX_SLACK, SLACK_REMEDY, as_share, check_slack
    from routes.search.trees import Tree, grow_tree, path_arcs, path_nodes
    from routes.search.unreachable import explain_no_path

__all__ = [
    "MAX_SLACK",
    "SLACK_REMEDY",
    "ArcWeights",
    "Arcs",
    "Band",
    "Ends",
    "Tree",
    "arc_hours",
    "as_share",
    "at_nodes",
    "check_slack",
    "crossing_paths",
    "domestic_hours",
    "explain_no_path",
    "find_band",
    "find_corridor",
    "grow_tree",
    "hours_to",
    "lay_out_costs",
    "path_arcs",
    "path_nodes",
    "reached_by_water",
    "require_apart",
    "require_path",
    "snap_points",
    "strong_share",
    "to_destinations",
]

__getattr__, __dir__ = offer(__name__)
