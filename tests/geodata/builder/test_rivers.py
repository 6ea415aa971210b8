"""Rivers: of several lines, which run up or down."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from geodata.area.study_area import StudyArea
from geodata.builder.rivers import river_network

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
