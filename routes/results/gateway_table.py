"""Gateways as they are listed: each with the usage that passes it."""

from __future__ import annotations

import numpy as np

from geodata.arrays import ColumnTable
from geodata.network.network import Network


def gateway_usage(network: Network, sequences: dict[tuple[int, ...], float]) -> ColumnTable:
    """Gateways that are used, with the share of flow that passes each, most used first.

    Parameters
    ----------
    sequences
        Share of flow by gateway sequence.
    """
    usage = np.zeros(len(network.gateways))
    for gateways, share in sequences.items():
        usage[list(gateways)] += share
    columns, share_of = network.gateway_columns, usage.tolist()
    used = np.flatnonzero(usage).tolist()
    used.sort(key=lambda row: (-share_of[row], columns["id"][row]))
    return ColumnTable(
        columns={
            **{name: [column[row] for row in used] for name, column in columns.items()},
            "usage": usage[used],
            "rank": np.arange(1, len(used) + 1),
        },
        shapes=network.gateway_shapes[used],
    )
