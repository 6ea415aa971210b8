"""Gateways: formal crossings, ports and river mouths by name, and the rest by sector.

Informal crossings are grouped along each border, landings along each coast. A sector is named after
the nearest place, because people name it so; a port or a crossing without a name is named in the
same way.
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
"""Greatest distance between links of one gateway, of a sector or of one name on a border."""
SECTORS = 12.0
"""A sector is at most the area's diagonal over this number wide: a city has small sectors."""
WORDS = {"formal": "crossing", "informal": "sector", "port": "port", "river mouth": "mouth",
         "landing": "landing"}  # fmt: skip
"""Name of a gateway that is named after the place beside it, by kind."""
SECTOR_KINDS = ("informal", "landing")
"""Kinds whose links are grouped by position instead of name."""
BORDER = ("kind", "country_a", "country_b")
"""Columns that distinguish gateways before their names do."""


def slug(name: str) -> str:
    """Lower-case ASCII words joined by hyphens, for ids."""
    return re.sub(r"[^a-z0-9]+", "-", bare(name).lower()).strip("-")


def _hashed(name: str) -> str:
    """Slug with a short hash of the name, for names that their slug does not identify."""
    return f"{slug(name)}-{hashlib.sha256(name.encode()).hexdigest()[:6]}".strip("-")


def _is_plain(name: str) -> bool:
    """Whether the slug of a name has all letters of the name."""
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
    """Number of the gateway of each link: near links of one border and one name."""
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
    """Names of gateways, unique on each border: their own, or that of a place."""
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
    """Unique ids of gateways: kind and name, with the border if these are not unique.

    Names that ASCII cannot spell, or that have the same spelling in ASCII, get a hash. A number
    instead of a hash would belong to another gateway as soon as one more exists.
    """
    label = table["label"].where(table["label"] != "", table["name"])
    # Without a gateway, the columns would have a type that cannot be joined with texts.
    words = label.map(slug).where(label.map(_is_plain), label.map(_hashed)).astype(str)
    kinds = table["kind"].map(slug).astype(str)
    unclear = (kinds + ":" + words).duplicated(keep=False) | table["kind"].isin(SECTOR_KINDS)
    border = (table["country_a"] + "-" + table["country_b"]).str.strip("-").where(unclear, "")
    alike = label.groupby([kinds, border, words]).transform("nunique") > 1
    parts = zip(kinds, border, words.where(~alike, label.map(_hashed)), strict=True)
    return _distinct((":".join(filter(None, each)) for each in parts), "-")


def _spaced(group: pd.DataFrame, area: StudyArea, width_m: float) -> Int64Array:
    """Number of each point's nearest anchor; anchors are chosen in order and spaced out."""
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
    """Name of the nearest place, with a bearing when two gateways share it.

    Without any place, gateways are named by their position.
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
    """Name of a position from its degrees."""
    east = (x + 180) % 360 - 180
    return f"{abs(y):.2f}{'N' if y >= 0 else 'S'} {abs(east):.2f}{'E' if east >= 0 else 'W'}"


def _bearings(east: Float64Array, north: Float64Array) -> ObjectArray:
    """Compass points of offsets."""
    points = np.array(["E", "NE", "N", "NW", "W", "SW", "S", "SE"], object)
    eighths = np.rint(np.arctan2(north, east) / (np.pi / 4)).astype(np.int64)
    return np.asarray(points[eighths % 8])


def _distinct(labels: Iterable[str], blank: str = " ") -> list[str]:
    """Texts made unique by a number after each repeated one."""
    result: dict[str, None] = {}
    for label in labels:
        text, number = label, 1
        while text in result:
            number += 1
            text = f"{label}{blank}{number}"
        result[text] = None
    return list(result)
