"""The answer as tables: corridors, segments, gateways, exposure, nearness, density."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from routes.results.corridor_table import path_line
    from routes.results.density import flow_density, lay_links
    from routes.results.exposure import exposure_table, unit_usage
    from routes.results.gateway_table import gateway_usage
    from routes.results.nearness_table import (
        list_gateways,
        nearness_record,
        place_table,
        with_nearness,
    )
    from routes.results.provenance import (
        INPUT,
    )
    from routes.results.result import CorridorAnswer, Result
    from routes.results.segment_table import SHOWN_USAGE, band_table

__all__ = [
    "INPUT",
    "SHOWN_USAGE",
    "CorridorAnswer",
    "Result",
    "band_table",
    "exposure_table",
    "flow_density",
    "gateway_usage",
    "lay_links",
    "list_gateways",
    "nearness_record",
    "path_line",
    "place_table",
    "unit_usage",
    "with_nearness",
]

__getattr__, __dir__ = offer(__name__)
