"""What goes out: the result directory, and layers with titles and licences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.publication.comparisons import COMPARISON, publish_comparison
    from geodata.publication.evaluation_log import LOG, check_log, log_evaluation
    from geodata.publication.layers.border_sectors import find_sectors
    from geodata.publication.layers.layer import PublishedLayer
    from geodata.publication.layers.licences import ADDRESSES, attribution, attributions, sources
    from geodata.publication.layers.network_layers import network_layers
    from geodata.publication.layers.properties import END, LISTED, START, meaning
    from geodata.publication.osmnx_graph import to_osmnx
    from geodata.publication.results.publish import ComputedResult, slack_text
    from geodata.publication.results.reading import (
        HANDED_OUT,
        RECORD,
        ServedResult,
        read_density,
        read_layer,
        read_nearness,
        read_record,
        read_result,
        read_results,
        require_network,
        scenario_title,
    )
    from geodata.publication.results.result_files import OUTPUTS, RESULT, VALIDATION, Output
    from geodata.publication.runs import DONE, FAILED, Runs
    from geodata.publication.strategies import (
        STRATEGY,
        write_strategy,
    )
    from geodata.publication.tilesets import (
        make_tilesets,
        opening_view,
        vector_layers,
        whole_tileset,
    )

__all__ = [
    "ADDRESSES",
    "COMPARISON",
    "DONE",
    "END",
    "FAILED",
    "HANDED_OUT",
    "LISTED",
    "LOG",
    "OUTPUTS",
    "RECORD",
    "RESULT",
    "START",
    "STRATEGY",
    "VALIDATION",
    "ComputedResult",
    "Output",
    "PublishedLayer",
    "Runs",
    "ServedResult",
    "attribution",
    "attributions",
    "check_log",
    "find_sectors",
    "log_evaluation",
    "make_tilesets",
    "meaning",
    "network_layers",
    "opening_view",
    "publish_comparison",
    "read_density",
    "read_layer",
    "read_nearness",
    "read_record",
    "read_result",
    "read_results",
    "require_network",
    "scenario_title",
    "slack_text",
    "sources",
    "to_osmnx",
    "vector_layers",
    "whole_tileset",
    "write_strategy",
]

__getattr__, __dir__ = offer(__name__)
