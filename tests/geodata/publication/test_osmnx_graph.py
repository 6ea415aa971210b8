"""Roads of a network as a graph of osmnx: osmnx works on it, and it reads in as the same roads."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import osmnx
import pandas as pd
import pytest
import shapely

from geodata.builder.build import build_network
from geodata.errors import DataError, InputError
from geodata.network.network import Network
from geodata.publication import osmnx_graph
from geodata.publication.osmnx_graph import to_osmnx
from geodata.sources.area_file.road_rules import ROAD_CLASSES
from geodata.sources.osmnx.roads import roads_from_osmnx
from geodata.sources.study import Study
from tests.geodata.sources.osmnx.conftest import road_table
from tests.support.worlds.made_study import MadeRoads, write_area, write_layers


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Study:
    folder = tmp_path_factory.mktemp("made")
    write_layers(folder)
    return Study.open(write_area(folder, "coast", "admin", "lakes", "places"))


@pytest.fixture(scope="module")
def made(study: Study) -> Network:
    """Two countries, a road over their border, a one-way road and a track."""
    roads = study.with_roads(MadeRoads())
    return build_network(roads, roads.area)


def test_frames_of_a_network_that_was_just_built_have_one_crs_by_name(made: Network) -> None:
    shown = [each for each in made.layers.values() if isinstance(each, gpd.GeoDataFrame)]
    assert shown
    assert {frame.crs.to_string() for frame in (made.admin, made.gateways, *shown)} == {"OGC:CRS84"}


@pytest.fixture(scope="module")
def graph(made: Network) -> nx.MultiDiGraph:
    return to_osmnx(made)


def test_edges_and_nodes_have_the_attributes_of_osmnx(made: Network, graph) -> None:
    nodes, edges = osmnx.graph_to_gdfs(graph)
    assert graph.graph["crs"] == "epsg:4326" and graph.graph["simplified"] is True
    assert {"x", "y", "street_count"} <= set(nodes.columns)
    assert {
        "osmid", "length", "highway", "oneway", "reversed", "geometry", "speed_kph", "travel_time",
    } <= set(edges.columns)  # fmt: skip
    for (u, v, _), edge in edges.iterrows():
        link = made.links.loc[edge["osmid"]]
        assert {u, v} == {link["u"], link["v"]}
        seconds = link["seconds_vu" if edge["reversed"] else "seconds_uv"]
        assert edge["travel_time"] == seconds
        assert edge["length"] / seconds * 3.6 == pytest.approx(edge["speed_kph"])
        assert edge["geometry"].coords[0] == (nodes.loc[u, "x"], nodes.loc[u, "y"])
        assert edge["oneway"] == (not np.isfinite([link["seconds_uv"], link["seconds_vu"]]).all())
    assert set(edges["highway"]) == {"primary", "tertiary", "track", "unclassified"}
    assert edges.loc[edges["road_class"] == "crossing", "highway"].unique() == ["unclassified"]


def test_it_credits_all_that_roads_are_made_of(made: Network) -> None:
    """Land, places and heights among it, whatever a study calls its layers."""
    layers = ("roads", "Ministry", "countries", "trunk", "elevation", "posts", "population")
    sources = [
        {"layer": name, "attribution": f"holder of {name}", "licence": f"licence of {name}"}
        for name in layers
    ]
    named = (
        ("rivers", "roads"), ("WorldPop", "population"), ("Strips", "airstrips"),
        ("Seizures", "events"),
    )  # fmt: skip
    sources += [
        {"layer": name, "role": role, "attribution": name, "licence": name} for name, role in named
    ]
    assert {each["role"] for each in made.meta["sources"]} >= {"roads", "admin"}
    graph = to_osmnx(Network(**{**_fields(made), "meta": {"sources": sources}})).graph
    assert graph["attribution"] == "; ".join(
        [*(f"holder of {name}" for name in layers[:5]), "rivers"]
    )
    assert graph["licence"] == "; ".join([*(f"licence of {name}" for name in layers[:5]), "rivers"])


def test_functions_of_osmnx_accept_it(made: Network, graph, tmp_path: Path) -> None:
    ends = [made.snapper.nearest([x], [y]).node[0] for x, y in ((0.3, 0.3), (0.7, 0.4))]
    there = made.nodes[["x", "y"]].to_numpy()
    start, end = (
        min(graph, key=lambda node: np.hypot(*(there[node] - there[each]))) for each in ends
    )
    route = osmnx.routing.shortest_path(graph, start, end, weight="travel_time")
    taken = sum(graph.edges[u, v, 0]["travel_time"] for u, v in pairwise(route))
    assert taken == pytest.approx(47_000 / 15, rel=1e-3)
    projected = osmnx.project_graph(graph)
    stats = osmnx.stats.basic_stats(projected)
    assert stats["m"] == graph.number_of_edges()
    once = {data["osmid"]: data["length"] for *_, data in graph.edges(data=True)}
    assert stats["street_length_total"] == pytest.approx(sum(once.values()))
    osmnx.save_graphml(graph, tmp_path / "roads.graphml")
    loaded = osmnx.load_graphml(tmp_path / "roads.graphml")
    assert nx.utils.graphs_equal(nx.Graph(loaded.edges()), nx.Graph(graph.edges()))
    assert osmnx.convert.to_undirected(loaded).number_of_edges() == len(once)


def test_read_in_again_it_is_the_same_roads_and_builds_the_same_network(
    study: Study, made: Network, graph, tmp_path: Path
) -> None:
    osmnx.save_graphml(graph, tmp_path / "roads.graphml")
    before = road_table(made.nodes, made.links)
    for again in (
        roads_from_osmnx(graph),
        roads_from_osmnx(osmnx.load_graphml(tmp_path / "roads.graphml")),
        study.with_roads(str(tmp_path / "roads.graphml")).roads(),
    ):
        pd.testing.assert_frame_equal(road_table(again.nodes, again.links), before)
    other = study.with_roads(str(tmp_path / "roads.graphml"))
    rebuilt = build_network(other, other.area)
    assert len(rebuilt.nodes) == len(made.nodes) and len(rebuilt.links) == len(made.links)
    pd.testing.assert_frame_equal(road_table(rebuilt.nodes, rebuilt.links), before)
    # It is no OpenStreetMap, so that nobody may call it that.
    (credit,) = [each for each in rebuilt.meta["sources"] if each["layer"] == "roads"]
    assert credit["licence"] == "not stated"


def test_a_graph_that_was_changed_is_read_as_far_as_it_goes(graph) -> None:
    cut = osmnx.truncate.truncate_graph_bbox(graph, (0.2, 0.2, 0.5, 0.6))
    roads = roads_from_osmnx(cut)
    assert len(roads.links) == len({data["osmid"] for *_, data in cut.edges(data=True)})
    inside = roads_from_osmnx(graph, box=(0.2, 0.2, 0.5, 0.6))
    assert "links that reach beyond the area are left out" in inside.remarks[0]
    with pytest.raises(DataError, match="no road within 5, 5, 6, 6"):
        roads_from_osmnx(graph, box=(5, 5, 6, 6))
    # Without what Vereda wrote beside, it is a graph of osmnx like others.
    for *_, data in graph.edges(data=True):
        assert data["road_class"] in ROAD_CLASSES
    bare = graph.copy()
    del bare.graph["vereda"]
    assert set(roads_from_osmnx(bare).links["class"]) == {"primary", "tertiary", "track", "local"}


def test_what_xml_has_no_sign_for_is_not_written(made: Network, tmp_path: Path) -> None:
    links = made.links.assign(name=pd.Categorical(["a\x00b\x1f"] * len(made.links)))
    odd = Network(**{**_fields(made), "links": links})
    osmnx.save_graphml(to_osmnx(odd), tmp_path / "roads.graphml")
    loaded = osmnx.load_graphml(tmp_path / "roads.graphml")
    assert {data["name"] for *_, data in loaded.edges(data=True)} == {"a b "}


def test_a_network_without_roads_and_a_machine_without_networkx_are_told_so(
    made: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = Network(**{**_fields(made), "links": made.links[made.links["mode"] == "sea"]})
    with pytest.raises(DataError, match="It has no roads"):
        to_osmnx(bare)
    monkeypatch.setattr(osmnx_graph, "find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"pip install 'vereda\[osmnx\]'"):
        to_osmnx(made)


def test_ferries_are_among_the_roads() -> None:
    """A made graph of one, since the made study has none."""
    line = shapely.LineString([(0, 0), (0.1, 0)])
    graph = nx.MultiDiGraph(crs="epsg:4326")
    for node, (x, y) in enumerate(line.coords):
        graph.add_node(node, x=x, y=y)
    graph.add_edge(0, 1, osmid=1, highway="ferry", length=1.0, oneway=False, reversed=False)
    assert roads_from_osmnx(graph).links["class"].tolist() == ["ferry"]


def _fields(network: Network) -> dict[str, object]:
    return {name: getattr(network, name) for name in Network.__dataclass_fields__}
