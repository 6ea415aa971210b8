"""The table of gateways, each with its usage."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from geodata.arrays import ColumnTable
from geodata.network.network import Network
from routes.corridors.corridor import CorridorKey, gateway_shares


def gateway_usage(network: Network, shares: Mapping[CorridorKey, float]) -> ColumnTable:
    """Gateways that are used, with the share of flow that passes each, most used first.

    Parameters
    ----------
    shares
        Share of flow by corridor.
    """
    usage = gateway_shares(network, shares)
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
