"""Governance weakness: how late the state arrives and how weak its institutions are.

Near a land border, the distance to the nearest formal crossing counts as well.

No single proxy decides the score: a main landing zone may have its country's lowest homicide rate,
and poverty and homicide may run opposite ways.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import ndimage

from geodata.arrays import BoolArray, Float64Array
from geodata.network.network import Network
from routes.scores.composite import Composite, geometric_mean, percentile_rank
from routes.search.arcs import Arcs
from routes.search.network_arcs import arc_hours, at_nodes, domestic_hours, hours_to, snap_points

LAND_WEIGHTS = pd.Series({"reach": 0.55, "institutions": 0.3, "permeability": 0.15})
SEA_WEIGHTS = pd.Series({"reach": 1.0})
SEAT_PEOPLE = 2_000
SEAT_DELAY_H = 1.5
"""A municipal seat counts as a post that answers this much later. Assumption."""
BORDER_KM = 30.0
"""Permeability is known only this close to a land border. Assumption."""
NAVAL = ("naval base", "naval post", "port authority", "port / maritime customs")
INSTITUTIONS = {
    "deprivation": (0.75, (("electricity_access", -1), ("hdi", -1), ("poverty_rate", 1))),
    "violence": (0.25, (("homicide_rate_per_100k", 1),)),
}
"""Weight of each institutional pillar, and its indicators in order of trust with their sign.
A unit is ranked on the first indicator that at least two thirds of its country's units have."""
COVERAGE = 2 / 3


def land_weakness(
    network: Network,
    arcs: Arcs,
    land: BoolArray,
    *,
    posts: pd.DataFrame,
    places: pd.DataFrame,
    indicators: pd.DataFrame,
) -> Composite:
    """Governance weakness of land nodes of the mesh.

    Parameters
    ----------
    posts
        State posts: x, y, country. Without any post the reach of the state counts as unknown.
    places
        Places: x, y, country, population. Those of `SEAT_PEOPLE` count as municipal seats.
    indicators
        Long table: iso, indicator, value, year.
    """
    seats = places[places["population"] >= SEAT_PEOPLE]
    post, seat = (snap_points(network, points, at_home=True) for points in (posts, seats))
    delay = np.r_[np.zeros(len(post)), np.full(len(seat), SEAT_DELAY_H)]
    reach = np.full(len(network.nodes), np.nan)
    if (post >= 0).any():
        reach = domestic_hours(network, arcs, np.r_[post, seat], entry=delay)
    units = unit_institutions(indicators, network.nodes["admin1"].cat.categories)
    institutions = network.nodes["admin1"].map(units).to_numpy(float)
    parts = {
        "reach": percentile_rank(reach[land]),
        "institutions": institutions[land],
        "permeability": percentile_rank(_permeability(network)[land]),
    }
    return Composite(parts=pd.DataFrame(parts), weights=LAND_WEIGHTS)


def sea_weakness(network: Network, arcs: Arcs, sea: BoolArray, posts: pd.DataFrame) -> Composite:
    """Weakness of sea nodes: how late a boat from the nearest naval or port post arrives."""
    naval = posts[posts["kind"].isin(NAVAL)]
    hours = hours_to(network, arcs, arc_hours(network, arcs), snap_points(network, naval))
    parts = pd.DataFrame({"reach": percentile_rank(hours[sea])})
    return Composite(parts=parts, weights=SEA_WEIGHTS)


def unit_institutions(indicators: pd.DataFrame, units: pd.Index) -> pd.Series:
    """Institutional weakness by administrative unit, in (0, 1), NaN where nothing is known.

    Years and methods differ between countries, so a unit is ranked among those of its own
    country. Only the latest figure of a unit counts; published bands and counts are not used.
    """
    pillars, weights = [], []
    for weight, choices in INSTITUTIONS.values():
        pillars.append(_pillar(indicators, units, choices))
        weights.append(weight)
    parts = np.stack(pillars, axis=1)
    return pd.Series(geometric_mean(parts, np.array(weights)), index=units)


def _pillar(
    indicators: pd.DataFrame, units: pd.Index, choices: tuple[tuple[str, int], ...]
) -> Float64Array:
    country = units.str[:2]
    ranks = pd.Series(np.nan, index=units)
    for indicator, sign in choices:
        latest = _latest(indicators, indicator).reindex(units) * sign
        for code in country.unique():
            own = (country == code) & (code != "")
            known = latest[own].notna()
            if known.mean() >= COVERAGE and ranks[own].isna().all():
                ranks[own] = percentile_rank(latest[own])
    return np.asarray(ranks, np.float64)


def _latest(indicators: pd.DataFrame, indicator: str) -> pd.Series:
    chosen = indicators[indicators["indicator"] == indicator].copy()
    chosen["value"] = pd.to_numeric(chosen["value"], errors="coerce")
    chosen["year"] = pd.to_numeric(chosen["year"], errors="coerce")
    chosen = chosen.dropna(subset=["value", "year"]).sort_values("year", kind="stable")
    return chosen.groupby("iso")["value"].last()


def _permeability(network: Network) -> Float64Array:
    """Km to the nearest formal crossing for nodes near a land border, NaN elsewhere."""
    nodes, area = network.nodes, network.area
    crossings = nodes[nodes["kind"] == "crossing"]
    if crossings.empty:
        return np.full(len(nodes), np.nan)
    ways = np.ones(area.shape, bool)
    ways[area.cell_of(crossings["x"], crossings["y"])] = False
    distance = ndimage.distance_transform_edt(ways) * area.cell_m / 1000
    near = _border_km(network) <= BORDER_KM
    return np.where(near, at_nodes(network, distance), np.nan)


def _border_km(network: Network) -> Float64Array:
    """Km from each node to the nearest land across a land border of its own country.

    Foreign land across the sea makes no border; only a link by land does.
    """
    nodes, links, area = network.nodes, network.links, network.area
    over = links[(links["crossing"] != "") & (links["class"] != "ferry")]
    here, across = (np.r_[over[a], over[b]] for a, b in (("u", "v"), ("v", "u")))
    codes = nodes["country"].cat.codes.to_numpy()
    result = np.full(len(nodes), np.inf)
    for code in np.unique(codes[here]):
        beyond = nodes.iloc[across[codes[here] == code]]
        ways = np.ones(area.shape, bool)
        ways[area.cell_of(beyond["x"], beyond["y"])] = False
        km = ndimage.distance_transform_edt(ways) * area.cell_m / 1000
        result = np.where(codes == code, at_nodes(network, km), result)
    return result
