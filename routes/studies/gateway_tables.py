"""Tables of what closing gateways does, with the points of the gateways.

`close_gateways` and `cut_flow` give rows of ``network.gateways``; here these have ids, names and
points, for a notebook or a map.
"""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np

from geodata.network.network import Network
from routes.studies.closures import Closure
from routes.studies.cuts import Cut

CLOSURE_COLUMNS = ("id", "name", "kind", "usage", "lost", "added", "cut", "cut_off", "gaining")
CUT_COLUMNS = ("slack", "size", "id", "name", "kind")
GAINING = 3
"""Gateways that are named for each closure."""


def closure_table(network: Network, closures: Sequence[Closure]) -> gpd.GeoDataFrame:
    """One row a closed gateway, in the order of the closures, with its point.

    Parameters
    ----------
    network
        The network on which gateways were closed.
    closures
        What `close_gateways` returned.

    Returns
    -------
    frame with `CLOSURE_COLUMNS`, of which usage to cut_off are those of `Closure`; gaining names up
    to `GAINING` gateways to which flow moves, the largest rise first.

    Examples
    --------
    >>> from routes import Router, Scenario, close_gateways, closure_table
    >>> from routes import load_network, load_profile
    >>> router = Router(load_network("network"))
    >>> scenario = Scenario(profile=load_profile("cocaine-north"))
    >>> closures = close_gateways(router, scenario, least=0.3)
    >>> closure_table(router.network, closures)[["usage", "added"]].round(2)
       usage  added
    0   0.76   1.34
    1   0.34   0.22
    """
    names = network.gateway_columns["name"]
    frame = _gateways(network, [closure.gateway for closure in closures])
    for column in ("usage", "lost", "added", "cut", "cut_off"):
        frame[column] = [getattr(closure, column) for closure in closures]
    frame["gaining"] = [
        "; ".join(names[row] for row, _ in closure.gains[:GAINING]) for closure in closures
    ]
    return frame[[*CLOSURE_COLUMNS, "geometry"]]


def cut_table(network: Network, cuts: Sequence[Cut]) -> gpd.GeoDataFrame:
    """One row a gateway of each cut, in the order of the cuts, with its point.

    A slack at which a path passes no gateway has no cut, and so no row.

    Parameters
    ----------
    network
        The network of the cuts.
    cuts
        What `cut_flow` returned.

    Returns
    -------
    frame with `CUT_COLUMNS`; size is the number of gateways of the cut.

    Examples
    --------
    >>> from routes import Router, Scenario, cut_flow, cut_table, load_network, load_profile
    >>> router = Router(load_network("network"))
    >>> scenario = Scenario(profile=load_profile("cocaine-north"))
    >>> cuts = cut_flow(router, scenario, slacks=[0.0, 0.05])
    >>> cut_table(router.network, cuts).groupby("slack")["id"].count().to_dict()
    {0.0: 2, 0.05: 6}
    """
    sizes = np.array([len(cut.gateways or ()) for cut in cuts], np.int64)
    frame = _gateways(network, [row for cut in cuts for row in cut.gateways or ()])
    frame["slack"] = np.repeat(np.array([cut.slack for cut in cuts], np.float64), sizes)
    frame["size"] = np.repeat(sizes, sizes)
    return frame[[*CUT_COLUMNS, "geometry"]]


def _gateways(network: Network, rows: list[int]) -> gpd.GeoDataFrame:
    """Id, name, kind and point of some gateways."""
    chosen = network.gateways.iloc[rows][["id", "name", "kind", "geometry"]]
    return gpd.GeoDataFrame(chosen.reset_index(drop=True), geometry="geometry")
