"""Iceland of 2019, of which three other readers have told the figures.

They are those of pyosmium's plain loop, of DuckDB's `st_readosm` and of osmium-tool.
"""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geodata.area.geodesy import GEOD
from geodata.sources.area_file import default_roads
from geodata.sources.osm.extract import Extract
from geodata.sources.osm.links import split
from geodata.sources.osm.roads import OsmRoads, read_osm_roads
from geodata.sources.osm.ways import Ways, read_ways

SPHERE_M = 6371008.8
"""Radius of the sphere that other readers measure on."""


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
    links = split(ways)
    assert links.length_m.sum() / 1000 == pytest.approx(39_413.4, abs=0.1)
    assert links.length_m.sum() / step.sum() == pytest.approx(1.00323, abs=1e-5)


def test_lengths_are_those_of_the_geodesics_of_their_lines(iceland) -> None:
    links = iceland.links.iloc[::500]
    exact = [GEOD.geometry_length(line) for line in links.geometry]
    assert links["length_m"].to_numpy() == pytest.approx(exact, rel=1e-7, abs=1e-3)


def test_links_end_at_their_nodes_and_none_is_a_loop(iceland) -> None:
    links, nodes = iceland.links, iceland.nodes[["x", "y"]].to_numpy()
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
