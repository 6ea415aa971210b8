"""Gateways: formal crossings, ports and river mouths by name, and the rest by sector.

Informal crossings are grouped along each border, landings along each coast. A sector is
named after the nearest place, because that is how people speak of it; and so is a port or a
crossing that has no name.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.area.study_area import StudyArea
from geodata.arrays import Float64Array, Int64Array, ObjectArray
from geodata.entries.spelling import bare
from geodata.network.snapping import Snapper

WIDTH_M = {"informal": 15_000.0, "landing": 30_000.0, "river mouth": 15_000.0,
           "formal": 2_000.0, "port": 2_000.0}  # fmt: skip
"""Links of a gateway lie this near each other: of a sector, or of one name on one border."""
SECTORS = 12.0
"""Sectors of a border are at most the diagonal of the area by this wide: a city has small ones."""
WORDS = {"formal": "crossing", "informal": "sector", "port": "port", "river mouth": "mouth",
         "landing": "landing"}  # fmt: skip
"""What a gateway is called after the place beside it, by kind."""
SECTOR_KINDS = ("informal", "landing")
"""Kinds of which all links are grouped by where they are, and not by name."""
BORDER = ("kind", "country_a", "country_b")
"""Columns by which gateways are told apart before their names."""


def slug(name: str) -> str:
    """Lower-case ASCII words joined by hyphens, for ids."""
    return re.sub(r"[^a-z0-9]+", "-", bare(name).lower()).strip("-")


def _hashed(name: str) -> str:
    """The slug of a name that is not told by it alone, with a short hash of the name."""
    return f"{slug(name)}-{hashlib.sha256(name.encode()).hexdigest()[:6]}".strip("-")


def _is_plain(name: str) -> bool:
    """Whether a slug has all letters of a name."""
    letters = [letter for letter in bare(name) if letter.isalnum()]
    return bool(letters) and "".join(letters).isascii()


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
    kind = _kinds(links)
    passed = links[kind != ""]
    rows = _ends(passed, nodes).assign(kind=kind[kind != ""])
    rows["label"] = passed["name"].astype(str).where(~rows["kind"].isin(SECTOR_KINDS), "")
    rows["gateway"] = _numbers(rows, area)
    table = rows.groupby("gateway", sort=True).agg(
        kind=("kind", "first"), country_a=("country_a", "first"), country_b=("country_b", "first"),
        label=("label", "first"), x=("x", "mean"), y=("y", "mean"),
    )  # fmt: skip
    table["name"] = _names(table, places, area)
    table["id"] = np.array(_ids(table), object)
    ids = np.full(len(links), "", object)
    ids[kind != ""] = table["id"].loc[rows["gateway"]]
    table = table.sort_values("id", ignore_index=True)
    points = shapely.points(table["x"], table["y"])
    columns = table[["id", "name", *BORDER]]
    return ids, gpd.GeoDataFrame(columns, geometry=points, crs="OGC:CRS84")


def _kinds(links: pd.DataFrame) -> ObjectArray:
    """Kind of gateway that each link passes, or an empty text."""
    crossing, transfer = links["crossing"], links["class"]
    of_kind = {
        "formal": crossing == "formal", "informal": crossing == "informal",
        "port": transfer == "port", "river mouth": transfer == "mouth",
        "landing": transfer == "landing",
    }  # fmt: skip
    return np.select(list(of_kind.values()), list(of_kind), "").astype(object)


def _ends(links: pd.DataFrame, nodes: pd.DataFrame) -> pd.DataFrame:
    """Middle and countries of each link, the countries in alphabetical order."""
    x, y, country = (nodes[name].to_numpy() for name in ("x", "y", "country"))
    u, v = links["u"].to_numpy(), links["v"].to_numpy()
    first, second = country[u].astype(str), country[v].astype(str)
    return pd.DataFrame(
        {
            "x": (x[u] + x[v]) / 2,
            "y": (y[u] + y[v]) / 2,
            "country_a": np.where(first < second, first, second),
            "country_b": np.where(first < second, second, first),
        },
        index=links.index,
    )


def _numbers(rows: pd.DataFrame, area: StudyArea) -> Int64Array:
    """Number of the gateway of each link: those of one border and one name that are together."""
    widest = np.hypot(*area.shape) * area.cell_m / SECTORS
    numbers, count = np.zeros(len(rows), np.int64), 0
    for at in rows.groupby([*BORDER, "label"], sort=True).indices.values():
        group = rows.iloc[at]
        kind = group["kind"].iloc[0]
        width = min(WIDTH_M[kind], widest if kind == "informal" else 2 * widest)
        member = _spaced(group, area, width)
        numbers[at] = count + member
        count += int(member.max()) + 1
    return numbers


def _names(table: pd.DataFrame, places: pd.DataFrame, area: StudyArea) -> ObjectArray:
    """Names of gateways, on each border each once: their own, or that of a place."""
    names = np.full(len(table), "", object)
    for at in table.groupby(list(BORDER), sort=True).indices.values():
        group = table.iloc[at]
        kind, *pair = group[list(BORDER)].iloc[0]
        own = (group["label"] + ("" if kind == "formal" else f" {WORDS[kind]}")).to_numpy(object)
        nameless = (group["label"] == "").to_numpy()
        if nameless.any():
            near = places[places["country"].isin(pair)]
            own[nameless] = _names_of_places(group[nameless], near, area, WORDS[kind])
        names[at] = _distinct(own)
    return names


def _ids(table: pd.DataFrame) -> list[str]:
    """Kind and name of gateways, with the border where that is not enough, each once.

    Names that ASCII cannot write, or not tell apart, have a hash: a number would be that of
    another gateway once there is one more.
    """
    label = table["label"].where(table["label"] != "", table["name"])
    # Without a gateway they would be of no type that texts can be joined to.
    words = label.map(slug).where(label.map(_is_plain), label.map(_hashed)).astype(str)
    kinds = table["kind"].map(slug).astype(str)
    unclear = (kinds + ":" + words).duplicated(keep=False) | table["kind"].isin(SECTOR_KINDS)
    border = (table["country_a"] + "-" + table["country_b"]).str.strip("-").where(unclear, "")
    alike = label.groupby([kinds, border, words]).transform("nunique") > 1
    parts = zip(kinds, border, words.where(~alike, label.map(_hashed)), strict=True)
    return _distinct((":".join(filter(None, each)) for each in parts), "-")


def _spaced(group: pd.DataFrame, area: StudyArea, width_m: float) -> Int64Array:
    """Number of the nearest of some anchors, taken in order so that they stand apart."""
    east, north = area.project(group["x"], group["y"])
    points = np.c_[east, north]
    nearest = np.zeros(len(points), np.int64)
    free = np.full(len(points), np.inf)
    candidate, count = int(np.lexsort((north, east))[0]), 0
    while free[candidate] >= width_m:
        metres = np.hypot(*(points - points[candidate]).T)
        nearest[metres < free] = count
        free = np.minimum(free, metres)
        beyond = np.where(free >= width_m, free, np.inf)
        candidate = int(beyond.argmin()) if np.isfinite(beyond).any() else candidate
        count += 1
    return nearest


def _names_of_places(
    centres: pd.DataFrame, places: pd.DataFrame, area: StudyArea, word: str
) -> list[str]:
    """Name of the nearest place; its bearing is added where two share it.

    Where no place is known they are called by where they are.
    """
    if places.empty:
        return [f"{_position(x, y)} {word}" for x, y in centres[["x", "y"]].to_numpy()]
    snap = Snapper(area, places["x"], places["y"]).nearest(centres["x"], centres["y"])
    near = places.iloc[snap.node]
    names = near["name"].astype(str)
    east, north = ((centres[axis].to_numpy() - near[axis].to_numpy()) for axis in ("x", "y"))
    east *= np.cos(np.radians(near["y"].to_numpy()))
    bearing = np.where(names.duplicated(keep=False), _bearings(east, north), "")
    return [
        f"{name} {word} ({point})" if point else f"{name} {word}"
        for name, point in zip(names, bearing.tolist(), strict=True)
    ]


def _position(x: float, y: float) -> str:
    """A place without a name, by its degrees."""
    east = (x + 180) % 360 - 180
    return f"{abs(y):.2f}{'N' if y >= 0 else 'S'} {abs(east):.2f}{'E' if east >= 0 else 'W'}"


def _bearings(east: Float64Array, north: Float64Array) -> ObjectArray:
    """Compass points of offsets."""
    points = np.array(["E", "NE", "N", "NW", "W", "SW", "S", "SE"], object)
    eighths = np.rint(np.arctan2(north, east) / (np.pi / 4)).astype(np.int64)
    return np.asarray(points[eighths % 8])


def _distinct(labels: Iterable[str], blank: str = " ") -> list[str]:
    """Texts, with a number behind each that is there already."""
    result: dict[str, None] = {}
    for label in labels:
        text, number = label, 1
        while text in result:
            number += 1
            text = f"{label}{blank}{number}"
        result[text] = None
    return list(result)
