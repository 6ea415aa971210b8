"""Gateways: where a path passes between countries, or between sea and land."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from geodata.arrays import Int32Array
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
