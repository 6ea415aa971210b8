"""Roads of made files by osmnx itself, and by the reader of extracts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import osmnx
import pandas as pd
import pytest

from geodata.sources.area_file.road_rules import ROAD_CLASSES
from geodata.sources.osmnx.child import NODE_TAGS, TAGS
from tests.support.worlds.osm_files import node, road, way, write_osm

TEXTS = ["mode", "class", "surface", "ref", "name", "country", "crossing", "schematic"]
Pair = frozenset[tuple[float, float]]


@pytest.fixture
def tags(monkeypatch: pytest.MonkeyPatch) -> None:
    """osmnx keeps all tags that roads are read by."""
    monkeypatch.setattr(osmnx.settings, "useful_tags_way", list(TAGS))
    monkeypatch.setattr(osmnx.settings, "useful_tags_node", list(NODE_TAGS))


def known_topology(folder: Path) -> tuple[Path, Path]:
    """A made extract as PBF and as XML: all that topology of roads may be."""
    row = [node(id_, id_ / 100, 0.0) for id_ in range(1, 9)]
    objects = [
        *row[:2], node(3, 0.03, 0.0, ford="yes"), *row[3:],
        node(11, 0.02, -0.01), node(12, 0.02, 0.01), node(13, 0.03, 0.01), node(14, 0.04, 0.01),
        node(15, 0.06, 0.01), node(16, 0.06, -0.01), node(17, 0.08, 0.02),
        node(18, 0.045, 0.0, barrier="border_control", name="The post"),
        node(19, 0.05, 0.03, barrier="bollard"), node(20, 0.05, 0.05), node(21, 0.03, 0.03),
        node(22, 0.2, 0.2), node(23, 0.21, 0.2),
        node(2**33 + 5, 0.10, 0.0),
        road(1, [1, 2, 3, 4, 18, 5, 6], name="Main", ref="CA-1", maxspeed="70|100"),
        road(2, [11, 12], {"bridge": "yes", "layer": "1", "highway": "secondary"}),
        road(3, [3, 13, 13, 14, 4], highway="residential", oneway="yes"),
        road(4, [6, 15, 7, 16, 6], junction="roundabout", highway="tertiary"),
        road(5, [15, 17], highway="track", tracktype="grade4", access="private"),
        way(6, [8, 2**33 + 5], {"route": "ferry"}, duration="00:45", name="Boat"),
        road(7, [7, 8], highway="unclassified", oneway="-1", surface="gravel"),
        road(8, [14, 19, 20], highway="residential"), road(9, [20, 21], highway="path"),
        road(10, [21, 12], highway="motorway"),
        way(11, [22, 23], {"highway": "proposed"}),
    ]  # fmt: skip
    pbf, xml = folder / "made.osm.pbf", folder / "made.osm"
    for path in (pbf, xml):
        write_osm(path, *objects)
    return pbf, xml


def pairs(roads: Any) -> Counter[tuple[Pair, str]]:
    """Ends of links and their classes."""
    xy = [tuple(each) for each in roads.nodes[["x", "y"]].round(6).to_numpy().tolist()]
    return Counter(
        (frozenset((xy[link.u], xy[link.v])), link._4)
        for link in roads.links[["u", "v", "mode", "class"]].itertuples()
    )


def lengths(roads: Any) -> dict[str, float]:
    """Metres by class."""
    return dict(roads.links.groupby("class")["length_m"].sum())


def passages(roads: Any) -> dict[tuple[tuple[float, float], tuple[float, float]], float]:
    """Seconds from where to where one may go."""
    xy = [tuple(each) for each in roads.nodes[["x", "y"]].round(6).to_numpy().tolist()]
    ways: dict[Any, float] = {}
    for link in roads.links.itertuples():
        for ends, taken in (
            ((link.u, link.v), link.seconds_uv),
            ((link.v, link.u), link.seconds_vu),
        ):
            if taken < float("inf"):
                key = tuple(xy[end] for end in ends)
                ways[key] = min(taken, ways.get(key, taken))
    return ways


def road_table(nodes: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """Links by the places of their ends, in an order of their own."""
    road = links["mode"].isin(("road", "trail")) & links["class"].isin(ROAD_CLASSES)
    links = links[road]
    ends = {
        f"{axis}_{end}": nodes[axis].to_numpy()[links[end]] for end in ("u", "v") for axis in "xy"
    }
    values = links[["length_m", "seconds_uv", "seconds_vu"]].astype(np.float32)
    texts = links[TEXTS].astype(object).fillna("")
    frame = pd.concat([values, texts], axis=1).assign(**ends)
    return frame.sort_values(list(ends), ignore_index=True)
