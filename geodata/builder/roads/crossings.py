"""Crossings of mapped roads: which way over a border is formal, and what it is called."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from geodata.area.study_area import StudyArea
from geodata.arrays import BoolArray, Float64Array, Int64Array, ObjectArray
from geodata.builder.roads.network import mode_of
from geodata.errors import DataError
from geodata.network.snapping import Snapper
from geodata.sources.study.land_of import LandOf

CROSSING_LIMIT_M = 10_000.0
"""A crossing of a table further than this from any road over that border is an error."""
MADE = ("primary", "secondary", "tertiary", "ferry")
"""Classes of roads that have a crossing at each border, if the study lists no crossings."""
BESIDE_M = 200.0
"""A crossing is on a path only if no road passes within this much more of its point. Assumption."""


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
    nodes: pd.DataFrame, links: pd.DataFrame, area: StudyArea, borders: Borders
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
    chosen: dict[int, tuple[str, str]] = {}
    metres: dict[int, float] = {}
    for crossing in borders.crossings.to_dict("records"):
        pair = frozenset((crossing["country_a"], crossing["country_b"]))
        nowhere = pair <= {""}
        between = np.array([nowhere or pair == each for each in pairs], bool)
        nearest, far = _nearest_way((crossing["x"], crossing["y"]), middle, between, driven, area)
        if far > CROSSING_LIMIT_M and nowhere:
            continue
        if far > CROSSING_LIMIT_M:
            raise DataError(
                "layer crossings",
                crossing["name"] or crossing["id"],
                _too_far(far, sorted(pair)),
            )
        row = int(rows[nearest])
        # Of several crossings on one road, the nearest is used.
        if far < metres.get(row, np.inf):
            metres[row] = far
            chosen[row] = (str(crossing["id"]), str(crossing["name"]))
    ferries = [int(row) for row in rows if links["class"].iloc[int(row)] == "ferry"]
    chosen |= {ferry: ("", "") for ferry in ferries if ferry not in chosen}
    at = np.array(sorted(chosen), np.int64)
    return _formal(links, at, *(np.array([chosen[row][k] for row in at.tolist()], object)
                                for k in (0, 1)))  # fmt: skip


def _nearest_way(
    point: tuple[float, float],
    middle: Float64Array,
    between: BoolArray,
    driven: BoolArray,
    area: StudyArea,
) -> tuple[int, float]:
    """The way over a border that a crossing is on, and its distance in metres.

    Maps have footpaths beside roads, and tables place a crossing at its building: a path that
    happens to be nearer is not meant.
    """
    any_way, road = (
        Snapper(area, *middle.T, among=among).nearest(*point)
        for among in (between, between & driven)
    )
    snap = road if road.metres[0] <= any_way.metres[0] + BESIDE_M else any_way
    return int(snap.node[0]), float(snap.metres[0])


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
