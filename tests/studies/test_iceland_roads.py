"""Iceland of 2019, of which three other readers have told the figures.

They are those of pyosmium's plain loop, of DuckDB's `st_readosm` and of osmium-tool.
"""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import numpy as np
import osmium
import pytest
import shapely
from click.testing import CliRunner
from osmium.filter import KeyFilter
from osmium.osm import NODE, WAY

from cli.main import vereda
from cli.shell.console import Session
from geodata.area.geodesy import GEOD
from geodata.arrays import BoolArray
from geodata.sources.area_file import default_roads
from geodata.sources.osm.extract import Extract
from geodata.sources.osm.links import split_ways
from geodata.sources.osm.roads import OSM_COLUMNS, OsmRoads, read_osm_roads
from geodata.sources.osm.ways import Ways, read_ways

pytestmark = pytest.mark.studies

SPHERE_M = 6371008.8
"""Radius of the sphere that other readers measure on."""
ROUGH_EAST = -22.4602
"""Cut here, the ways of the west lack 1,773 nodes; no node is within a metre of it."""
WEST = """\
[area]
name = "west"
bbox = [-24.6, 63.7, -22.4, 66.6]
countries = ["IS"]
cell_m = 5000.0

[[layer]]
role = ["roads", "coast", "places"]
path = "west.osm.pbf"
"""


@pytest.fixture(scope="module")
def ways(iceland_pbf) -> Ways:
    return read_ways(Extract([iceland_pbf]), default_roads())


@pytest.fixture(scope="module")
def iceland(iceland_pbf, ways) -> OsmRoads:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("geodata.sources.osm.roads.read_ways", lambda *_: ways)
        return read_osm_roads([iceland_pbf], None, rules=default_roads())


def test_ways_links_ferries_and_fords_are_exact(ways, iceland) -> None:
    counts = iceland.report.counts
    assert (counts.ways, counts.split, counts.ferries) == (84_178, 166_518, 29)
    assert (counts.fords, counts.ford_ways) == (1_441, 221)
    assert counts.left_out.total() == 84_544 - 84_178
    assert counts.missing_nodes == counts.single == 0


def test_length_is_that_of_others_on_the_sphere_and_longer_on_the_ellipsoid(ways) -> None:
    """At 65 degrees north the ellipsoid is flatter than the sphere, by 0.32 percent."""
    x, y = np.radians(ways.x), np.radians(ways.y)
    half = np.sin(np.diff(y) / 2) ** 2
    half += np.cos(y[1:]) * np.cos(y[:-1]) * np.sin(np.diff(x) / 2) ** 2
    step = 2 * SPHERE_M * np.arcsin(np.sqrt(half))
    step[ways.first[1:-1] - 1] = 0
    assert step.sum() / 1000 == pytest.approx(39_286.4, abs=0.1)
    links = split_ways(ways)
    assert links.length_m.sum() / 1000 == pytest.approx(39_413.4, abs=0.1)
    assert links.length_m.sum() / step.sum() == pytest.approx(1.00323, abs=1e-5)


def test_lengths_are_those_of_the_geodesics_of_their_lines(iceland) -> None:
    links = iceland.links.iloc[::500]
    exact = [GEOD.geometry_length(line) for line in links.geometry]
    assert links["length_m"].to_numpy() == pytest.approx(exact, rel=1e-7, abs=1e-3)


def test_links_end_at_their_nodes_and_none_is_a_loop(iceland) -> None:
    links, nodes = iceland.links, iceland.nodes[["x", "y"]].to_numpy()
    assert tuple(links.columns) == OSM_COLUMNS
    for column, at in (("u", 0), ("v", -1)):
        ends = shapely.get_coordinates(shapely.get_point(links.geometry.to_numpy(), at))
        assert (ends == nodes[links[column]]).all()
    assert (links["u"] != links["v"]).all()
    assert set(links["u"]) | set(links["v"]) == set(range(len(nodes)))
    assert (links["length_m"] > 0).all()
    assert (links[["seconds_uv", "seconds_vu"]].min(axis=1) < np.inf).all()


def test_merging_keeps_length_time_and_reach(iceland_pbf, ways, iceland) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("geodata.sources.osm.roads.read_ways", lambda *_: ways)
        plain = read_osm_roads([iceland_pbf], None, rules=default_roads(), merged=False)
    assert plain.report.pieces == iceland.report.pieces
    assert len(iceland.links) < len(plain.links)
    assert iceland.report.length_km == pytest.approx(plain.report.length_km, rel=1e-12)
    seconds = ["seconds_uv", "seconds_vu"]
    before, after = (
        each.links[seconds].replace(np.inf, 0).to_numpy().sum() for each in (plain, iceland)
    )
    assert after == pytest.approx(before, rel=1e-9)


def test_no_road_is_faster_than_roads_are(iceland) -> None:
    links = iceland.links[iceland.links["class"] != "ferry"]
    for column in ("seconds_uv", "seconds_vu"):
        assert (links["length_m"] / links[column] * 3.6).max() <= 90 * 0.8 + 1e-6


def cut(pbf: Path, file: Path, ways: Ways, inside: BoolArray) -> Path:
    """The vertices of roads that are inside, and the ways that have one of them: a rough cut."""
    nodes = osmium.IdTracker()
    for node in np.unique(ways.node[inside]).tolist():
        nodes.add_node(node)
    kept = [
        nodes.id_filter().enable_for(NODE),
        nodes.contains_filter().enable_for(WAY),
        KeyFilter("highway", "route").enable_for(WAY),
    ]
    with osmium.io.Reader(str(pbf), NODE | WAY) as reader, osmium.SimpleWriter(str(file)) as writer:
        osmium.apply(reader, *kept, writer)
    return file


def test_two_overlapping_halves_are_the_whole(tmp_path, iceland_pbf, ways) -> None:
    """Way by way and vertex by vertex, so that all that is made of them is the same."""
    halves = [
        cut(iceland_pbf, tmp_path / "west.osm.pbf", ways, ways.x <= -18.5),
        cut(iceland_pbf, tmp_path / "east.osm.pbf", ways, ways.x >= -18.6),
    ]
    merged = read_ways(Extract(halves), default_roads())
    assert (merged.counts.ways, merged.counts.missing_nodes) == (84_178, 0)
    for column in fields(Ways):
        # Of ways that nobody takes, and of what stands beside roads, the halves have not all.
        if column.name not in ("counts", "gates"):
            one, other = (getattr(each, column.name) for each in (merged, ways))
            assert np.array_equal(one, other), column.name
    stands = set(ways.gates) & set(ways.node.tolist())
    assert merged.gates == {node: ways.gates[node] for node in stands}


def test_a_rough_cut_lacks_1773_nodes_and_is_built(tmp_path, iceland_pbf, ways) -> None:
    cut(iceland_pbf, tmp_path / "west.osm.pbf", ways, ways.x <= ROUGH_EAST)
    (tmp_path / "west.toml").write_text(WEST)
    words = ["--json", "build", "--area", str(tmp_path / "west.toml"), "--output"]
    ran = CliRunner().invoke(vereda, [*words, str(tmp_path / "network")], obj=Session())
    assert ran.exit_code == 0, ran.output
    remarks = " ".join(json.loads(ran.stdout)["remarks"])
    assert "41 ways end early: the files lack 1,773 of their nodes" in remarks
