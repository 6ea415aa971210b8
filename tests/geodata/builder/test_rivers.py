"""Rivers: of several lines, which run up or down."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from geodata.area.study_area import StudyArea
from geodata.builder.join import Joiner
from geodata.builder.rivers import join_rivers, river_network
from geodata.builder.study_grid import StudyGrid

AREA = StudyArea(name="made", bbox=(0, 0, 1, 1), countries=("XA",), neighbours=())
MOUTH, BEND, FORK, SOURCE = (0.3, 0.1), (0.3, 0.2), (0.35, 0.3), (0.35, 0.5)


def rivers(*ways: tuple[str, list]) -> gpd.GeoDataFrame:
    shapes = [shapely.LineString(points) for _, points in ways]
    table = {"name": [name for name, _ in ways], "country": "XA", "kind": "river"}
    return gpd.GeoDataFrame({**table, "navigable": True}, geometry=shapes, crs=4326)


@pytest.mark.parametrize("down", [True, False])
def test_a_river_of_several_ways_is_one_chain_with_two_ends(down):
    ways = [[SOURCE, FORK], [FORK, BEND], [BEND, MOUTH]]
    made = river_network(rivers(*(("Rio", way if down else way[::-1]) for way in ways)), AREA)
    assert len(made.nodes) == len(made.links) + 1
    ends = made.nodes.loc[made.nodes["end"], ["x", "y"]]
    assert {tuple(end) for end in ends.to_numpy()} == {MOUTH, SOURCE}


def test_the_mouth_is_where_a_river_meets_the_sea_whichever_way_it_is_drawn(strip):
    mouths = strip.gateways[strip.gateways["kind"] == "river mouth"]
    assert mouths["id"].tolist() == ["river-mouth:long-water"]
    assert mouths.geometry.y.iloc[0] < 0.12
    boats = strip.links[strip.links["class"] == "boat"]
    assert len(set(boats["u"]) | set(boats["v"])) == len(boats) + 1


SHORE = 0.1
"""Degrees north of which all is land."""


def joined(*ways: tuple[str, list]) -> tuple[list, int]:
    """Names of the mouths of some rivers, sorted, and pieces that boats cannot leave."""
    x, y = (axis.ravel() for axis in AREA.centres())
    water = (y < SHORE).astype(np.int32)
    cells = np.zeros(AREA.shape, np.int32)
    joiner = Joiner(
        grid=StudyGrid(
            area=AREA, codes=("XA",), country=-water.reshape(AREA.shape), admin1=cells,
            water=water.reshape(AREA.shape), fine_land=cells == 0, elevation=None, depth=None,
            landcover=None, coast=np.array([]), units=gpd.GeoDataFrame(),
        )
    )  # fmt: skip
    for wet, kind, node_of in ((1, "sea", joiner.water_node), (0, "mesh", joiner.land_node)):
        at = water == wet
        nodes = {"x": x[at], "y": y[at], "kind": kind, "country": "" if wet else "XA", "name": ""}
        node_of[at] = joiner.add_nodes(pd.DataFrame(nodes))
    ashore = joiner.count
    join_rivers(joiner, river_network(rivers(*ways), AREA))
    links = pd.concat(joiner.links)
    afloat = links[links["class"].isin(["boat", "access"])]
    ends = (afloat["u"] - ashore, afloat["v"] - ashore)
    graph = csr_matrix((np.ones(len(afloat)), ends), (joiner.count - ashore,) * 2)
    return sorted(links["name"][links["class"] == "mouth"]), connected_components(graph)[0]


MAIN = [(0.5, 0.9), (0.5, 0.095)]


@pytest.mark.parametrize("apart", [0.0, 0.003])
@pytest.mark.parametrize("north", [0.5, 0.505, 0.51, 0.515])
def test_tributaries_that_end_beside_each_other_flow_into_their_river(north, apart):
    banks = [[(0.3, 0.6), (0.5 - apart, north)], [(0.7, 0.6), (0.5 + apart, north)]]
    assert joined(("Main", MAIN), ("West", banks[0]), ("East", banks[1])) == (["Main"], 1)


@pytest.mark.parametrize("name", ["Main", "Tributary"])
def test_what_flows_into_a_river_near_the_sea_has_no_mouth_of_its_own(name):
    meet = (0.5, 0.13)
    pieces = [("Main", [MAIN[0], meet]), ("Main", [meet, MAIN[1]]), (name, [(0.4, 0.3), meet])]
    assert joined(*pieces) == (["Main"], 1)


def test_each_arm_of_a_delta_has_a_mouth_and_so_has_a_river_beside_another():
    meet = (0.5, 0.14)
    arms = [("West", [meet, (0.499, 0.105)]), ("East", [meet, (0.501, 0.105)])]
    assert joined(("Main", [MAIN[0], meet]), *arms) == (["East", "West"], 1)


def test_a_canal_behind_the_coast_takes_no_mouth_away():
    canal = [(0.2, 0.4), (0.3, 0.12), (0.7, 0.12), (0.8, 0.4)]
    assert joined(("Main", [MAIN[0], (0.5, 0.115)]), ("Canal", canal)) == (["Main"], 1)
