"""Provenance: the scenario, data and program version that a result comes from."""

from __future__ import annotations

from typing import Any

import numpy as np

from geodata.arrays import ColumnTable
from geodata.network.credit import shown_sources
from geodata.network.header import VERSION
from geodata.network.network import Network
from routes.corridors.loading import Flow, search_record
from routes.results.corridor_table import pair_shares
from routes.scenario.scenario import Scenario

INPUT = ("layer", "licence", "attribution", "sha256")
"""Keys of a network's source that a result lists; events and counts are no inputs of a result."""


def provenance(
    network: Network,
    scenario: Scenario,
    flow: Flow,
    listed: ColumnTable,
    ends: list[dict[str, Any]],
) -> dict[str, Any]:
    """Provenance of the answer to a scenario, as JSON holds it.

    Parameters
    ----------
    listed
        Corridors of the answer.
    ends
        Records of its origins and destinations.
    """
    return {
        "vereda": VERSION,
        "scenario": scenario.record(),
        "ends": ends,
        "search": search_record(flow),
        "pairs": pair_shares(network, flow.corridors),
        "network": network.digest,
        "inputs": [{key: source[key] for key in INPUT} for source in shown_sources(network)],
        "usage_listed": float(np.sum(listed.columns["usage"])),
        "reading": "Usage is a share of modelled flow, not a probability of trafficking.",
    }
