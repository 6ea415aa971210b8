"""GraphML as osmnx writes it, and files that are none."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import osmnx
import pytest

from geodata.errors import DataError
from geodata.sources.osmnx.graphml import read_graphml
from geodata.sources.osmnx.street_graph import graph_of


def test_a_file_says_what_the_graph_in_memory_says(tmp_path: Path) -> None:
    graph = nx.MultiDiGraph(crs="epsg:4326", simplified=True)
    graph.add_node(2**40, x=-88.5, y=15.25, barrier="gate", street_count=1)
    graph.add_node(7, x=-88.25, y=15.5)
    graph.add_edge(2**40, 7, osmid=[9, 8], highway=["primary", "trunk"], name="Calle «A & B»",
                   length=12.5, oneway=False, reversed=True, travel_time=3.0)  # fmt: skip
    graph.add_edge(7, 7, osmid=11, highway="service", length=1.0)
    osmnx.save_graphml(graph, tmp_path / "a.graphml")
    read, memory = read_graphml(tmp_path / "a.graphml"), graph_of(graph)
    assert read.places == memory.places == {str(2**40): (-88.5, 15.25), "7": (-88.25, 15.5)}
    assert read.node_tags == memory.node_tags == {str(2**40): {"barrier": ("gate",)}}
    assert read.edges == memory.edges
    assert read.edges[0].tags["name"] == ("Calle «A & B»",)
    assert (read.directed, read.attributes["crs"]) == (True, "epsg:4326")


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "an empty file"), (b"<!DOCTYPE html><html></html>", "a page of the web"),
        (b"<graphml><graph><node id='1'>", "cut off or broken"), (b"GIF89a", "cut off or broken"),
        (b"<kml/>", r"no graph.*no GraphML"),
        (b"<?xml version='1.0' encoding='foo'?><graphml/>", "cut off or broken"),
        (b"<?xml version='1.0' encoding='shift_jis'?><graphml/>", "cut off or broken"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><graphml><graph/></graphml>", "document type"),
    ],
)  # fmt: skip
def test_files_that_are_none_are_refused_by_name(
    tmp_path: Path, content: bytes, match: str
) -> None:
    path = tmp_path / "bad.graphml"
    path.write_bytes(content)
    with pytest.raises(DataError, match=rf"bad\.graphml.*{match}"):
        read_graphml(path)
    with pytest.raises(DataError, match="There is no such file"):
        read_graphml(tmp_path / "none.graphml")
