"""Gateways: where a path passes between countries, or between sea and land."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from geodata.arrays import Int32Array, Table
from geodata.network.network import Network


def link_gateways(network: Network) -> Int32Array:
    """Row of ``network.gateways`` of each link, -1 for none; shape (links,)."""
    column = network.links["gateway"].cat
    rows = pd.Index(network.gateways["id"]).get_indexer(column.categories)
    return np.append(rows, -1).astype(np.int32)[column.codes.to_numpy()]


def read_sequences(network: Network, texts: Iterable[str]) -> list[tuple[int, ...]]:
    """Rows of ``network.gateways`` from ids with semicolons between, as tables hold them."""
    number = {identity: row for row, identity in enumerate(network.gateways["id"])}
    return [tuple(number[part] for part in text.split("; ") if part) for text in texts]


def gateway_usage(network: Network, sequences: dict[tuple[int, ...], float]) -> Table:
    """Gateways that are used, with the share of flow that passes each, most used first.

    Parameters
    ----------
    sequences
        Share of flow by gateway sequence.
    """
    usage = np.zeros(len(network.gateways))
    for gateways, share in sequences.items():
        usage[list(gateways)] += share
    told, share_of = network.gateway_columns, usage.tolist()
    used = np.flatnonzero(usage).tolist()
    used.sort(key=lambda row: (-share_of[row], told["id"][row]))
    return Table(
        columns={
            **{name: [column[row] for row in used] for name, column in told.items()},
            "usage": usage[used],
            "rank": np.arange(1, len(used) + 1),
        },
        shapes=network.gateway_shapes[used],
    )
