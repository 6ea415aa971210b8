"""Gateways: formal crossings, ports and river mouths by name, and the rest by sector.

Informal crossings are grouped along each border, landings along each coast. A sector is
named after the nearest place, because that is how people speak of it.
"""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.area.study_area import StudyArea
from geodata.arrays import Int64Array, ObjectArray
from geodata.entries.spelling import bare
from geodata.network.snapping import Snapper

BORDER_SECTOR_M = 15_000.0
COAST_SECTOR_M = 30_000.0
SECTORS = 12.0
"""Sectors of a border are at most the diagonal of the area by this wide: a city has small ones."""
NAMED_PEOPLE = 0
"""People a place needs to lend its name to a sector."""


def slug(name: str) -> str:
    """Lower-case ASCII words joined by hyphens, for ids."""
    return re.sub(r"[^a-z0-9]+", "-", bare(name).lower()).strip("-")


def find_gateways(
    links: pd.DataFrame, nodes: pd.DataFrame, places: pd.DataFrame, area: StudyArea
) -> tuple[ObjectArray, gpd.GeoDataFrame]:
    """Gateway of each link, and the table of gateways.

    Parameters
    ----------
    links
        u, v, mode, class, crossing, name.
    nodes
        x, y, country, name.
    places
        x, y, name, country, population.

    Returns
    -------
    ids
        Per link, the id of its gateway or an empty text.
    gateways
        id, name, kind, country_a, country_b, geometry; sorted by id.
    """
    ends = _ends(links, nodes)
    named = _named(links, ends)
    border = links["crossing"] == "informal"
    coast = (links["class"] == "landing") & (named["id"] == "")
    widest = np.hypot(*area.shape) * area.cell_m / SECTORS
    sectors = pd.concat(
        [
            _sectors(ends[border], places, area, "informal", min(BORDER_SECTOR_M, widest)),
            _sectors(ends[coast], places, area, "landing", min(COAST_SECTOR_M, 2 * widest)),
        ]
    )
    crossed = named.copy()
    crossed.loc[sectors.index, ["id", "name", "kind"]] = sectors[["id", "name", "kind"]]
    ids = crossed["id"].to_numpy(object)
    return ids, _table(crossed, ends)


def _ends(links: pd.DataFrame, nodes: pd.DataFrame) -> pd.DataFrame:
    """Middle and countries of each link, the countries in alphabetical order."""
    x, y, country = (nodes[name].to_numpy() for name in ("x", "y", "country"))
    u, v = links["u"].to_numpy(), links["v"].to_numpy()
    first, second = country[u].astype(str), country[v].astype(str)
    return pd.DataFrame(
        {
            "x": (x[u] + x[v]) / 2,
            "y": (y[u] + y[v]) / 2,
            "country_a": np.where((first < second) & (first != ""), first, second),
            "country_b": np.where((first < second) & (first != ""), second, first),
        },
        index=links.index,
    )


def _named(links: pd.DataFrame, ends: pd.DataFrame) -> pd.DataFrame:
    """Gateways that have a name of their own: formal crossings, ports, river mouths."""
    kind = np.select(
        [links["crossing"] == "formal", links["class"] == "port", links["class"] == "mouth"],
        ["formal", "port", "river mouth"],
        "",
    )
    suffix = {"formal": "", "port": " port", "river mouth": " mouth", "": ""}
    own = pd.DataFrame({"kind": kind, "name": "", "id": ""}, index=links.index)
    rows = kind != ""
    label = links["name"].astype(str)[rows]
    own.loc[rows, "name"] = label + own["kind"][rows].map(suffix)
    within = ends["country_a"].where(own["kind"] == "port", "")[rows]
    own.loc[rows, "id"] = [
        ":".join(part for part in (slug(str(k)), str(c), slug(str(n))) if part)
        for k, c, n in zip(own["kind"][rows], within, label, strict=True)
    ]
    return own


def _sectors(
    ends: pd.DataFrame, places: pd.DataFrame, area: StudyArea, kind: str, width_m: float
) -> pd.DataFrame:
    """Sector of each link, grouped by border or by the country of the coast."""
    frames = []
    for pair, group in ends.groupby(["country_a", "country_b"], sort=True):
        first, second = (str(code) for code in pair)
        member = _spaced(group, area, width_m)
        centres = group.groupby(member)[["x", "y"]].mean()
        own = places[places["country"].isin([first, second])]
        border = "-".join(code for code in (first, second) if code)
        names = _names(centres, own, area, kind)
        table = pd.DataFrame({"name": names, "kind": kind}, index=centres.index)
        table["id"] = [f"{kind}:{border}:{slug(name)}" for name in names]
        frames.append(table.loc[member].set_index(group.index))
    return pd.concat(frames) if frames else pd.DataFrame(columns=["name", "kind", "id"])


def _spaced(group: pd.DataFrame, area: StudyArea, width_m: float) -> Int64Array:
    """Number of the nearest of some anchors, taken in order so that they stand apart."""
    east, north = area.project(group["x"], group["y"])
    points = np.c_[east, north]
    free = np.full(len(points), np.inf)
    anchors: list[int] = []
    candidate = int(np.lexsort((north, east))[0])
    while free[candidate] >= width_m:
        anchors.append(candidate)
        free = np.minimum(free, np.hypot(*(points - points[candidate]).T))
        beyond = np.where(free >= width_m, free, np.inf)
        candidate = int(beyond.argmin()) if np.isfinite(beyond).any() else candidate
    distances = np.stack([np.hypot(*(points - points[a]).T) for a in anchors])
    return np.asarray(distances.argmin(axis=0))


def _names(centres: pd.DataFrame, places: pd.DataFrame, area: StudyArea, kind: str) -> list[str]:
    """Name of the nearest place; its bearing is added where two sectors share it.

    Where no place is known they are called by where they are.
    """
    big = places[places["population"] >= NAMED_PEOPLE]
    word = "landing" if kind == "landing" else "sector"
    if big.empty:
        return _distinct([f"{_position(x, y)} {word}" for x, y in centres[["x", "y"]].to_numpy()])
    snap = Snapper(area, big["x"], big["y"]).nearest(centres["x"], centres["y"])
    near = big.iloc[snap.node]
    names = near["name"].astype(str).to_list()
    labels = []
    for number, name in enumerate(names):
        bearing = ""
        if names.count(name) > 1:
            bearing = _bearing(
                centres["x"].iloc[number] - near["x"].iloc[number],
                centres["y"].iloc[number] - near["y"].iloc[number],
            )
        labels.append(f"{name} {word}{f' ({bearing})' if bearing else ''}")
    return _distinct(labels)


def _position(x: float, y: float) -> str:
    """A place without a name, by its degrees."""
    east = (x + 180) % 360 - 180
    return f"{abs(y):.2f}{'N' if y >= 0 else 'S'} {abs(east):.2f}{'E' if east >= 0 else 'W'}"


def _bearing(dx: float, dy: float) -> str:
    """Compass point of an offset."""
    points = ("E", "NE", "N", "NW", "W", "SW", "S", "SE")
    return points[round(float(np.arctan2(dy, dx)) / (np.pi / 4)) % 8]


def _distinct(labels: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    result = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        result.append(label if seen[label] == 1 else f"{label} {seen[label]}")
    return result


def _table(crossed: pd.DataFrame, ends: pd.DataFrame) -> gpd.GeoDataFrame:
    rows = crossed[crossed["id"] != ""].join(ends)
    table = rows.groupby("id", sort=True).agg(
        name=("name", "first"), kind=("kind", "first"),
        country_a=("country_a", "first"), country_b=("country_b", "first"),
        x=("x", "mean"), y=("y", "mean"),
    ).reset_index()  # fmt: skip
    points = shapely.points(table.pop("x"), table.pop("y"))
    return gpd.GeoDataFrame(table, geometry=points, crs="OGC:CRS84")
