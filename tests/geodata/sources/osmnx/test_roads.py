"""Graphs of osmnx as roads: the same as the reader of extracts makes of the same file."""

from __future__ import annotations

import re
from pathlib import Path

import networkx as nx
import numpy as np
import osmnx
import pytest
import shapely

from geodata.area.geodesy import GEOD
from geodata.errors import DataError, InputError
from geodata.sources.area_file import default_roads
from geodata.sources.osm.roads import read_osm_roads
from geodata.sources.osmnx.graphml import read_graphml
from geodata.sources.osmnx.roads import roads_from_osmnx, roads_of_graphs
from tests.geodata.sources.osmnx.conftest import known_topology, lengths, pairs, passages
from tests.support.worlds.packages import packaged

KASHAN = ("bestnearestpath", "BestNearestPath/data/kashan.graphml")
RULES = default_roads()
A, B, C = (0.0, 0.0), (0.01, 0.0), (0.02, 0.01)


def street(*edges, crs="epsg:4326", kind=nx.MultiDiGraph, **attributes):
    """A graph of three nodes with these edges: from, to and what they say."""
    graph = kind(**({"crs": crs} if crs else {}), **attributes)
    for name, (x, y) in enumerate((A, B, C), start=1):
        graph.add_node(name, x=x, y=y)
    for u, v, tags in edges:
        graph.add_edge(u, v, **{"osmid": 7, "highway": "primary", "reversed": False, **tags})
    return graph


def link_of(*edges, **graph):
    (link,) = roads_from_osmnx(street(*edges, **graph)).links.to_dict("records")
    return link


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return known_topology(tmp_path_factory.mktemp("made"))


@pytest.mark.parametrize("all_oneway", [False, True])
def test_a_made_extract_through_osmnx_has_the_same_junctions_lengths_and_times(
    made: tuple[Path, Path], tags: None, all_oneway: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    pbf, xml = made
    monkeypatch.setattr(osmnx.settings, "all_oneway", all_oneway)
    graph = osmnx.graph_from_xml(xml, simplify=False, retain_all=True)
    ours, theirs = read_osm_roads([pbf], None, rules=RULES), roads_from_osmnx(graph)
    assert pairs(theirs) == pairs(ours)
    assert lengths(theirs) == pytest.approx(lengths(ours), rel=1e-9)
    there, here = passages(theirs), passages(ours)
    assert there.keys() == here.keys()
    assert there == pytest.approx(here, rel=1e-9)
    assert theirs.nodes.loc[theirs.nodes["kind"] == "crossing", "name"].tolist() == ["The post"]
    assert [remark for remark in theirs.remarks if "proposed (1)" in remark]


def test_a_simplified_graph_keeps_junctions_and_lengths_within_a_hundredth(
    made: tuple[Path, Path], tags: None
) -> None:
    """What lies between its junctions, fords and gates among it, is lost; osmnx says not which."""
    pbf, xml = made
    graph = osmnx.graph_from_xml(xml, simplify=True, retain_all=True)
    ours, theirs = read_osm_roads([pbf], None, rules=RULES), roads_from_osmnx(graph)
    assert junctions(theirs) == junctions(ours)
    assert sum(lengths(theirs).values()) == pytest.approx(sum(lengths(ours).values()), rel=0.01)


def junctions(roads) -> set[tuple[float, float]]:
    """Places where three links or more end."""
    ends, count = np.unique(roads.links[["u", "v"]].to_numpy(), return_counts=True)
    places = roads.nodes[["x", "y"]].round(6).to_numpy()[ends[count > 2]]
    return {(x, y) for x, y in places.tolist()}


def test_kashan_as_osmnx_saved_it_is_every_street_once() -> None:
    """A simplified graph of 2026 with lists; by its own lengths, which are on a sphere."""
    path = packaged(*KASHAN)
    roads = roads_of_graphs([read_graphml(path)], None, rules=RULES)
    metres, seen = 0.0, set()
    for u, v, tags in _edges(path):
        length = float(tags["length"])
        key = (frozenset((u, v)), round(length, 3))
        if tags["oneway"] == "True" or key not in seen:
            metres += length
        seen.add(key)
    assert roads.links["length_m"].sum() == pytest.approx(metres, rel=0.01)
    assert roads.links["class"].value_counts()["primary"] > 400
    assert set(roads.links["class"]) == {"primary", "secondary", "tertiary", "local"}
    ends = shapely.get_coordinates(shapely.get_point(roads.links.geometry.to_numpy(), 0))
    xy = roads.nodes[["x", "y"]].to_numpy()[roads.links["u"]]
    np.testing.assert_allclose(ends, xy, atol=1e-9)


def _edges(path: Path):
    """Edges of a GraphML by a pattern, and what they say."""
    text = path.read_text(encoding="utf-8")
    names = dict(re.findall(r'<key id="(\w+)" for="edge" attr.name="(\w+)"', text))
    for edge in re.finditer(r'<edge source="(\d+)" target="(\d+)"[^>]*>(.*?)</edge>', text, re.S):
        entries = re.findall(r'<data key="(\w+)">([^<]*)<', edge[3])
        yield edge[1], edge[2], {names[key]: value for key, value in entries}


def test_a_street_both_ways_is_one_link_in_the_direction_of_its_way() -> None:
    there = {"oneway": False, "maxspeed": "50"}
    link = link_of((2, 1, {**there, "reversed": True}), (1, 2, there))
    assert link["geometry"].coords[:] == [A, B]
    assert np.isfinite([link["seconds_uv"], link["seconds_vu"]]).all()
    assert link["length_m"] == pytest.approx(GEOD.line_length([0, 0.01], [0, 0]), rel=1e-9)


def test_one_way_counts_along_the_edge() -> None:
    link = link_of((2, 1, {"oneway": True}))
    ends = link["geometry"].coords[:]
    assert ends == [B, A]
    assert np.isfinite(link["seconds_uv"]) and np.isinf(link["seconds_vu"])
    minus = link_of((2, 1, {"oneway": "-1"}))
    assert np.isfinite(minus["seconds_uv"]) and np.isinf(minus["seconds_vu"])


def test_a_motorway_is_one_way_unless_nothing_tells_its_direction() -> None:
    tags = {"highway": "motorway", "oneway": False}
    link = link_of((1, 2, tags), (2, 1, {**tags, "reversed": True}))
    assert np.isfinite(link["seconds_uv"]) and np.isinf(link["seconds_vu"])
    graph = street((1, 2, tags), (2, 1, tags))
    for *_, attributes in graph.edges(data=True):
        del attributes["reversed"]
    (old,) = roads_from_osmnx(graph).links.to_dict("records")
    assert np.isfinite([old["seconds_uv"], old["seconds_vu"]]).all()


def test_of_lists_the_slowest_counts_and_names_and_limits_are_kept() -> None:
    link = link_of(
        (1, 2, {
            "osmid": [7, 8], "highway": ["primary", "tertiary"], "name": ["North", "South"],
            "lanes": ["2", "3"], "maxspeed": ["90", "40 mph"], "reversed": [False, True],
            "surface": ["asphalt", "gravel"], "oneway": False,
        }),
    )  # fmt: skip
    assert (link["class"], link["surface"], link["name"]) == ("tertiary", "mixed", "North")
    km = link["length_m"] / 1000
    assert link["seconds_uv"] == pytest.approx(km / 30 * 3600)


def test_an_edge_that_runs_back_keeps_its_own_geometry() -> None:
    """Some versions leave the line of a reversed edge as it was drawn."""
    line = shapely.LineString([A, (0.005, 0.004), B])
    link = link_of((2, 1, {"oneway": True, "geometry": line}))
    assert link["geometry"].coords[:] == [B, (0.005, 0.004), A]


def test_a_delay_of_a_way_is_shared_by_its_edges() -> None:
    """A private road in two pieces takes five minutes once; so does a ferry its duration."""
    private = {"access": "private", "highway": "residential", "oneway": False}
    roads = roads_from_osmnx(street((1, 2, private), (2, 3, private)), merged=False)
    plain = roads_from_osmnx(
        street(*((u, v, {**private, "access": "yes"}) for u, v in ((1, 2), (2, 3)))), merged=False
    )
    gained = roads.links["seconds_uv"].sum() - plain.links["seconds_uv"].sum()
    assert gained == pytest.approx(300.0)
    ferry = {"highway": None, "route": "ferry", "duration": "02:00"}
    boat = roads_from_osmnx(street((1, 2, ferry), (2, 3, ferry)), merged=False)
    assert boat.links["class"].tolist() == ["ferry", "ferry"]
    assert boat.links["seconds_uv"].sum() == pytest.approx((120 + 30) * 60)


def test_projected_graphs_and_graphs_without_a_crs_lie_where_they_lay() -> None:
    graph = street((1, 2, {"oneway": False}), (2, 3, {"oneway": True}))
    plain = roads_from_osmnx(graph)
    for other in (osmnx.project_graph(graph, to_crs="epsg:32631"), street(
        (1, 2, {"oneway": False}), (2, 3, {"oneway": True}), crs=None)):  # fmt: skip
        moved = roads_from_osmnx(other)
        assert pairs(moved) == pairs(plain)
        assert lengths(moved) == pytest.approx(lengths(plain), rel=1e-6)


@pytest.mark.parametrize("crs", ["{'init': 'epsg:32631'}", "+proj=utm +zone=31 +datum=WGS84"])
def test_coordinate_systems_are_read_as_older_versions_wrote_them(crs: str) -> None:
    graph = osmnx.project_graph(street((1, 2, {})), to_crs="epsg:32631")
    graph.graph["crs"] = crs
    assert pairs(roads_from_osmnx(graph)) == pairs(roads_from_osmnx(street((1, 2, {}))))


def test_undirected_graphs_are_passed_both_ways_but_for_one_way_streets() -> None:
    graph = street((1, 2, {"oneway": False}), (3, 2, {"oneway": True, "osmid": 8}))
    plain, undirected = (
        roads_from_osmnx(graph),
        roads_from_osmnx(osmnx.convert.to_undirected(graph)),
    )
    assert passages(undirected) == pytest.approx(passages(plain))


def test_several_graphs_are_one_where_they_share_nodes(tmp_path: Path) -> None:
    files = []
    for name, edges in (("a", [(1, 2)]), ("b", [(1, 2), (2, 3)])):
        graph = street(*((u, v, {"oneway": True, "osmid": u}) for u, v in edges))
        files.append(tmp_path / f"{name}.graphml")
        osmnx.save_graphml(graph, files[-1])
    roads = roads_of_graphs([read_graphml(file) for file in files], None, rules=RULES)
    assert len(roads.links) == 1
    elsewhere = street((1, 2, {}))
    elsewhere.nodes[1]["x"] = 0.5
    osmnx.save_graphml(elsewhere, files[1])
    with pytest.raises(DataError, match=r"b\.graphml, node: '1'\. Another graph has it elsewhere"):
        roads_of_graphs([read_graphml(file) for file in files], None, rules=RULES)


def test_roads_are_cut_at_the_edge_of_the_area() -> None:
    graph = street((1, 2, {"oneway": False}), (2, 3, {"oneway": False}))
    roads = roads_from_osmnx(graph, box=(0.005, -1.0, 1.0, 1.0))
    assert roads.links.total_bounds.tolist() == [0.005, 0.0, 0.02, 0.01]
    with pytest.raises(DataError, match="no road within 5, 5, 6, 6"):
        roads_from_osmnx(graph, box=(5, 5, 6, 6))


@pytest.mark.parametrize("box", [(175.0, -1.0, 185.0, 1.0), (-185.0, -1.0, -175.0, 1.0)])
def test_finished_roads_lie_about_the_middle_of_a_box_over_the_antimeridian(box) -> None:
    done = {"road_class": "primary", "length": 9.0, "travel_time": 9.0, "reversed": False}
    graph = nx.MultiDiGraph(crs="epsg:4326", vereda="made")
    for name, x in enumerate((178.0, 179.0, -179.0, -178.0)):
        graph.add_node(name, x=x, y=0.0)
    for u in range(3):
        graph.add_edge(u, u + 1, osmid=u, **done)
    torn = shapely.LineString([(179.0, 0.0), (179.5, 0.1), (-179.0, 0.0)])
    graph.edges[1, 2, 0]["geometry"] = torn
    roads = roads_from_osmnx(graph, box=box)
    assert len(roads.links) == 3 and not roads.remarks
    west, _, east, _ = box
    assert roads.nodes["x"].between(west, east).all()
    assert roads.links.total_bounds[[0, 2]].tolist() == [west + 3.0, east - 3.0]
    assert shapely.length(np.asarray(roads.links.geometry)).max() < 3.0


def test_what_is_no_street_graph_is_refused_with_the_remedy() -> None:
    with pytest.raises(InputError, match=r"graph: .*dict.*Give a graph, as osmnx"):
        roads_from_osmnx({"a": 1})
    with pytest.raises(DataError, match="no highway"):
        roads_from_osmnx(street((1, 2, {"highway": None})))
    with pytest.raises(DataError, match="Its nodes lack x and y"):
        roads_from_osmnx(nx.path_graph(3))
    with pytest.raises(DataError, match=r"labelled WGS 84 / UTM zone 31N.*in metres"):
        roads_from_osmnx(street((1, 2, {}), crs="epsg:32631"))
    with pytest.raises(DataError, match=r"no-such:system.*not known"):
        roads_from_osmnx(street((1, 2, {}), crs="no-such:system"))
    metres = street((1, 2, {}), crs=None)
    metres.nodes[1]["x"] = 500_000.0
    with pytest.raises(DataError, match="does not say its coordinate system"):
        roads_from_osmnx(metres)
    with pytest.raises(InputError, match=r"edge 1 to 2, geometry: 'POINT.*Give it a line"):
        roads_from_osmnx(street((1, 2, {"geometry": shapely.Point(0, 0)})))
