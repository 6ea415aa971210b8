"""Gateways: where a path passes between countries, or between sea and land."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geodata.arrays import Int32Array
from geodata.network.network import Network


def link_gateways(network: Network) -> Int32Array:
    """Row of ``network.gateways`` of each link, -1 for none; shape (links,)."""
    column = network.links["gateway"].cat
    rows = pd.Index(network.gateways["id"]).get_indexer(column.categories)
    return np.append(rows, -1).astype(np.int32)[column.codes.to_numpy()]
