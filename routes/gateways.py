"""Gateways: where a path passes between countries, or between sea and land."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.network import Network
from routes.band import Band
from routes.families import Gates

KINDS = ("formal", "informal", "port", "landing", "river mouth")


def gates_of(network: Network, band: Band) -> Gates:
    """Gateways and countries of the arcs of a band.

    Gateways are numbered by their row in ``network.gateways``.
    """
    ids = network.links["gateway"].cat.categories
    rows = pd.Series(np.arange(len(network.gateways)), network.gateways["id"])
    number = rows.reindex(ids).fillna(-1).to_numpy(np.int32)
    gateway = np.append(number, np.int32(-1))[network.links["gateway"].cat.codes]
    country = _country_codes(network)
    return Gates(
        gateway=gateway[band.arcs.link].astype(np.int32),
        leaves=country[band.node[band.arcs.tail] % len(country)],
        enters=country[band.node[band.arcs.head] % len(country)],
    )


def _country_codes(network: Network) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """Number of each node's country, -1 at sea."""
    countries = network.nodes["country"]
    codes = countries.cat.codes.to_numpy(np.int32)
    if "" in countries.cat.categories:
        codes = np.where(codes == countries.cat.categories.get_loc(""), -1, codes)
    return np.asarray(codes, np.int32)


def gateway_usage(network: Network, sequences: dict[tuple[int, ...], float]) -> gpd.GeoDataFrame:
    """Gateways that are used, with the share of flow that passes each, most used first.

    Parameters
    ----------
    sequences
        Share of flow by gateway sequence.
    """
    usage = np.zeros(len(network.gateways))
    for gateways, share in sequences.items():
        usage[list(gateways)] += share
    frame = network.gateways.assign(usage=usage)
    frame = frame[frame["usage"] > 0].sort_values(["usage", "id"], ascending=[False, True])
    frame = frame.assign(rank=np.arange(1, len(frame) + 1))
    columns = ["id", "name", "kind", "country_a", "country_b", "usage", "rank", "geometry"]
    return frame[columns].reset_index(drop=True)
