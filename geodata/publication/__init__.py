"""What goes out: the result directory, and layers with titles and licences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.publication.layer import Layer
    from geodata.publication.layers import network_layers
    from geodata.publication.licences import ADDRESSES, attribution, attributions, sources
    from geodata.publication.osmnx_graph import to_osmnx
    from geodata.publication.properties import END, LISTED, START, meaning
    from geodata.publication.publish import ComputedResult, slack_text
    from geodata.publication.result_directory import OUTPUTS, RESULT, VALIDATION, Output
    from geodata.publication.results import (
        HANDED_OUT,
        RECORD,
        ServedResult,
        read_density,
        read_layer,
        read_record,
        read_result,
        read_results,
        require_network,
    )
    from geodata.publication.runs import DONE, FAILED, Runs
    from geodata.publication.tilesets import everything, make_tilesets, middle, vector_layers

__all__ = [
    "ADDRESSES",
    "DONE",
    "END",
    "FAILED",
    "HANDED_OUT",
    "LISTED",
    "OUTPUTS",
    "RECORD",
    "RESULT",
    "START",
    "VALIDATION",
    "ComputedResult",
    "Layer",
    "Output",
    "Runs",
    "ServedResult",
    "attribution",
    "attributions",
    "everything",
    "make_tilesets",
    "meaning",
    "middle",
    "network_layers",
    "read_density",
    "read_layer",
    "read_record",
    "read_result",
    "read_results",
    "require_network",
    "slack_text",
    "sources",
    "to_osmnx",
    "vector_layers",
]

__getattr__, __dir__ = offer(__name__)
