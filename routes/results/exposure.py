"""Exposure: administrative units with the flow that passes them and the people it meets."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.arrays import Float64Array
from geodata.network.network import Network
from routes.corridors.loading import Flow
from routes.search.trees import path_nodes


def exposure_table(network: Network, flow: Flow) -> gpd.GeoDataFrame:
    """Units with the share of flow whose corridor passes them, and their exposure.

    Exposure is usage times weakness times people.
    """
    shares = unit_usage(network, flow)
    exposure = shares * network.admin["weakness"] * network.admin["people"]
    return network.admin.assign(usage=shares, exposure=exposure)


def unit_usage(network: Network, flow: Flow) -> Float64Array:
    """Share of flow whose corridor passes each administrative unit."""
    unit = pd.Index(network.admin["id"]).get_indexer(network.nodes["admin1"])
    shares = np.zeros(len(network.admin) + 1)
    for corridor in flow.corridors:
        shares[np.unique(unit[path_nodes(flow.arcs, corridor.path)])] += corridor.usage
    return np.asarray(shares[:-1])
