"""Crossings of mapped roads: which way over a border is formal, and what it is called."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import shapely
from scipy.optimize import linear_sum_assignment

from geodata.area.study_area import StudyArea
from geodata.arrays import BoolArray, Float64Array, Int64Array, ObjectArray
from geodata.builder.roads.network import mode_of
from geodata.computing.tasks import Notice
from geodata.errors import DataError
from geodata.network.snapping import Snapper
from geodata.sources.study.land_of import LandOf

CROSSING_LIMIT_M = 10_000.0
"""A crossing of a table further than this from any road over that border is an error."""
MADE = ("primary", "secondary", "tertiary", "ferry")
"""Classes of roads that have a crossing at each border, if the study lists no crossings."""
BESIDE_M = 200.0
"""A crossing is on a path only if no road passes within this much more of its point. Assumption."""
CLOSE_M = 1000.0
"""Crossings further than this from their road get it after all others, or none. Assumption."""
NO_WAY_M = 1e6
"""Cost of a crossing without a way: more than that of any way within reach."""
OUT_OF_REACH_M = 1e12
"""Cost of a way out of reach of a crossing: more than that of no way."""
_NAMED = 3


class CrossingLabel(NamedTuple):
    """Identifier and name of a crossing; empty where its table has none."""

    id: str
    name: str

    @classmethod
    def of(cls, record: Mapping[Hashable, Any]) -> CrossingLabel:
        """The label in a row of a table of crossings."""
        return cls(str(record["id"]), str(record["name"]))


@dataclass(frozen=True, kw_only=True)
class Borders:
    """Countries and crossings of a study.

    Parameters
    ----------
    land
        Countries by point.
    crossings
        Formal crossings: id, name, country_a, country_b, x, y. A crossing without countries may be
        on any border, or on none, such as a customs house inland. None when the study lists no
        crossings.
    places
        x, y, name, country: a crossing without a name gets the name of the nearest.
    """

    land: LandOf
    crossings: pd.DataFrame | None
    places: pd.DataFrame


def controls(nodes: pd.DataFrame) -> pd.DataFrame | None:
    """Border control posts of the roads, if there are any, as crossings of any border."""
    posts = nodes[nodes["kind"] == "crossing"]
    if posts.empty:
        return None
    return posts[["x", "y", "name"]].assign(id="", country_a="", country_b="")


def with_crossings(
    nodes: pd.DataFrame,
    links: pd.DataFrame,
    area: StudyArea,
    borders: Borders,
    *,
    notice: Notice,
) -> pd.DataFrame:
    """Links over a border, formal crossings marked: those of the table, or of made roads."""
    country = nodes["country"].to_numpy(object)
    u, v = links["u"].to_numpy(), links["v"].to_numpy()
    over = (country[u] != country[v]) & (country[u] != "") & (country[v] != "")
    rows = np.flatnonzero(over & (links["crossing"] == "").to_numpy())
    if borders.crossings is None:
        made = rows[links["class"].iloc[rows].isin(MADE)]
        return _formal(links, made, np.full(len(made), "", object), np.full(len(made), "", object))
    middle = np.array([shapely.get_coordinates(line.interpolate(0.5, normalized=True))[0]
                       for line in links["geometry"].iloc[rows]]).reshape(-1, 2)  # fmt: skip
    crossing_links = links.iloc[rows]
    driven = ((mode_of(crossing_links) == "road") & (crossing_links["class"] != "ferry")).to_numpy()
    pairs = [frozenset((country[u[row]], country[v[row]])) for row in rows]
    ways = _Ways(*area.project(*middle.T), pairs=pairs, driven=driven)
    records = borders.crossings.to_dict("records")
    metres = np.array([_reach(ways, record, area) for record in records]).reshape(len(records), -1)
    chosen = {
        int(rows[way]): CrossingLabel.of(records[at]) for at, way in _each_its_own(metres, driven)
    }
    lost = sorted(_listed(records, metres) - set(chosen.values()))
    if lost:
        notice(_without_road(lost, len(records)))
    ferries = [int(row) for row in rows if links["class"].iloc[int(row)] == "ferry"]
    chosen |= {ferry: CrossingLabel("", "") for ferry in ferries if ferry not in chosen}
    at = np.array(sorted(chosen), np.int64)
    labels = [chosen[row] for row in at.tolist()]
    ids = np.array([label.id for label in labels], object)
    return _formal(links, at, ids, np.array([label.name for label in labels], object))


@dataclass(frozen=True)
class _Ways:
    """Middles of ways over a border in metres of the grid, and the countries that each joins."""

    east: Float64Array
    north: Float64Array
    pairs: Sequence[frozenset[str]]
    driven: BoolArray


def _reach(ways: _Ways, crossing: Mapping[Hashable, Any], area: StudyArea) -> Float64Array:
    """Metres from a crossing to each way over its border, infinite to those over others.

    Raises
    ------
    DataError
        When the table says which border it is on, and none is near.
    """
    pair = frozenset((crossing["country_a"], crossing["country_b"]))
    anywhere = pair <= {""}
    east, north = area.project(crossing["x"], crossing["y"])
    metres = np.hypot(ways.east - east, ways.north - north)
    metres[[not anywhere and each != pair for each in ways.pairs]] = np.inf
    nearest = float(metres.min(initial=np.inf))
    if nearest > CROSSING_LIMIT_M and not anywhere:
        raise DataError(
            "layer crossings", crossing["name"] or crossing["id"], _too_far(nearest, sorted(pair))
        )
    metres[metres > CROSSING_LIMIT_M] = np.inf
    return metres


def _each_its_own(metres: Float64Array, driven: BoolArray) -> list[tuple[int, int]]:
    """Rows of crossings, and the way that each gets.

    Maps have footpaths beside roads, and tables place a crossing at its building: a path that
    happens to be nearer is not meant, unless the road is that of another crossing. Of several
    crossings that have but one way, the nearest is used.
    """
    if not metres.size:
        return []
    cost = metres + np.where(driven, 0.0, BESIDE_M)
    first = cost.argmin(axis=1)
    reach = metres[np.arange(len(metres)), first]
    # Another way is near if it is hardly farther, a path only if it is nearer than the road.
    cost[metres > reach[:, None] + np.where(driven, BESIDE_M, 0.0)] = np.inf
    close = np.flatnonzero(reach <= CLOSE_M)
    chosen = [(int(close[at]), way) for at, way in _match_ways(cost[close])]
    taken = {way for _, way in chosen}
    for at in np.argsort(reach, kind="stable").tolist():
        if CLOSE_M < reach[at] < np.inf and int(first[at]) not in taken:
            taken.add(int(first[at]))
            chosen.append((at, int(first[at])))
    return chosen


def _match_ways(cost: Float64Array) -> list[tuple[int, int]]:
    """Rows of crossings, each with a way of its own: as many as possible, at the least cost.

    Parameters
    ----------
    cost
        Metres from each crossing (rows) to each way (columns), infinite where out of reach.
    """
    useful = np.flatnonzero(np.isfinite(cost).any(axis=0))
    none = np.full((len(cost), len(cost)), NO_WAY_M)
    reach = np.minimum(cost[:, useful], OUT_OF_REACH_M)
    rows, columns = linear_sum_assignment(np.c_[reach, none])
    return [
        (row, int(useful[column]))
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        if column < len(useful)
    ]


def _listed(records: Sequence[Mapping[Hashable, Any]], metres: Float64Array) -> set[CrossingLabel]:
    """Ids and names of crossings near a way over a border."""
    near = np.flatnonzero(np.isfinite(metres).any(axis=1)).tolist()
    labels = (CrossingLabel.of(records[at]) for at in near)
    return {label for label in labels if any(label)}


def _without_road(lost: Sequence[CrossingLabel], count: int) -> str:
    names = ", ".join(label.name or label.id for label in lost[:_NAMED])
    more = ", ..." if len(lost) > _NAMED else ""
    return (
        f"{len(lost):,} of {count:,} crossings have no road of their own over the border, as "
        f"others are nearer to the same one, and are left out: {names}{more}."
    )


def _too_far(metres: float, pair: list[str]) -> str:
    border = "-".join(code for code in pair if code)
    if np.isinf(metres):
        return f"No road passes the border {border} in the area; leave the crossing out."
    return (
        f"The nearest road over the border {border} is {metres / 1000:.1f} km away, beyond the "
        f"limit of {CROSSING_LIMIT_M / 1000:.0f} km: mend its place, or leave it out."
    )


def _formal(
    links: pd.DataFrame, rows: Int64Array, ids: ObjectArray, names: ObjectArray
) -> pd.DataFrame:
    links = links.copy()
    at = links.index[rows]
    links.loc[at, "crossing"] = "formal"
    ferry = (links["class"].loc[at] == "ferry").to_numpy()
    links.loc[at[~ferry], "class"] = "crossing"
    road = links["ref"].loc[at].where(links["ref"].loc[at] != "", links["name"].loc[at])
    links.loc[at, "ref"] = np.where(ids == "", road, ids)
    links.loc[at, "name"] = np.where(ferry, links["name"].loc[at], names)
    return links


def named_crossings(
    nodes: pd.DataFrame, links: pd.DataFrame, area: StudyArea, places: pd.DataFrame
) -> pd.DataFrame:
    """A name for each formal crossing without one: that of the nearest place, made unique.

    The number or name of the road distinguishes several crossings of one place.
    """
    nameless = np.flatnonzero((links["crossing"] == "formal") & (links["name"] == ""))
    if not len(nameless):
        return links
    country = nodes["country"].to_numpy(object)
    u, v = links["u"].to_numpy()[nameless], links["v"].to_numpy()[nameless]
    x, y = (nodes[axis].to_numpy()[u] for axis in ("x", "y"))
    snap = Snapper(area, places["x"], places["y"]).nearest(x, y)
    names = links["name"].astype(object).to_numpy(copy=True)
    roads = links["ref"].astype(str).to_numpy(object)
    used = set(names)
    for row, near, a, b in zip(nameless, snap.node, country[u], country[v], strict=True):
        border = "-".join(sorted((a, b)))
        stem = str(places["name"].iloc[int(near)]) if near >= 0 else border
        if stem in used and roads[row]:
            stem = f"{stem}, {roads[row]}"
        name, number = stem, 1
        while name in used:
            number += 1
            name = f"{stem} {number}"
        used.add(name)
        names[row] = name
    return links.assign(name=names)
