"""Roads of made files, of which every link is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from geodata.area.box import Box
from geodata.area.geodesy import GEOD
from geodata.sources.area_file import Roads, default_roads
from geodata.sources.osm.roads import OSM_COLUMNS, OsmRoads, read_osm_roads
from tests.support.worlds.osm_files import node, road, way, write_osm

Line = tuple[tuple[float, float], ...]


@pytest.fixture
def made(tmp_path):
    """Roads of a file of these objects."""

    def read(*objects, box=None, merged=True, **rules) -> OsmRoads:
        file = write_osm(tmp_path / "made.osm.pbf", *objects)
        return read_osm_roads([file], box, rules=changed(**rules), merged=merged)

    return read


def changed(**rules: object) -> Roads:
    return default_roads().model_copy(update=rules)


def row_of_nodes(*ids: int, y: float = 0.0):
    """Nodes a hundredth of a degree apart, each at the hundredth of its id."""
    return [node(id_, id_ / 100, y) for id_ in ids]


def lines(roads: OsmRoads) -> set[Line]:
    """Links as hundredths of degrees, whichever way they are drawn."""
    drawn = set()
    for line in roads.links.geometry:
        points = tuple((round(x * 100, 4), round(y * 100, 4)) for x, y in line.coords)
        drawn.add(min(points, points[::-1]))
    return drawn


def passages(roads: OsmRoads) -> set[tuple[float, float]]:
    """From where to where one may drive, by hundredths of longitude."""
    x = (roads.nodes["x"].to_numpy() * 100).round(4)
    ways = set()
    for link in roads.links.itertuples():
        ends = x[link.u], x[link.v]
        ways |= {ends} if np.isfinite(link.seconds_uv) else set()
        ways |= {ends[::-1]} if np.isfinite(link.seconds_vu) else set()
    return ways


def test_columns_and_ends_are_those_of_a_network_of_roads(made) -> None:
    roads = made(*row_of_nodes(1, 2, 3), road(1, [1, 2, 3], name="A road", ref="CA-1"))
    assert list(roads.links.columns) == list(OSM_COLUMNS)
    assert list(roads.nodes.columns) == ["x", "y", "kind", "country", "name"]
    link = roads.links.iloc[0]
    assert (link["class"], link["surface"], link["mode"]) == ("primary", "paved", "road")
    assert (link["name"], link["ref"]) == ("A road", "CA-1")
    exact = GEOD.line_length([0.01, 0.02, 0.03], [0, 0, 0])
    assert link["length_m"] == pytest.approx(exact, rel=1e-9)
    assert link["seconds_uv"] == pytest.approx(exact / 68 * 3.6)


def test_ways_split_where_they_share_a_node_and_only_there(made) -> None:
    """A bridge crosses a road without joining it, and a side road joins it."""
    bridge = {"bridge": "yes", "layer": "1"}
    roads = made(
        *row_of_nodes(1, 2, 3, 4), node(5, 0.02, -0.01), node(6, 0.02, 0.01), node(7, 0.03, 0.01),
        road(1, [1, 2, 3, 4]),
        road(2, [5, 6], bridge),
        road(3, [3, 7]),
    )  # fmt: skip
    assert roads.report.counts.split == 4
    assert lines(roads) == {
        ((1, 0), (2, 0), (3, 0)), ((3, 0), (4, 0)), ((2, -1), (2, 1)), ((3, 0), (3, 1)),
    }  # fmt: skip
    assert roads.report.pieces == 2


def test_two_nodes_in_one_place_join_nothing(made) -> None:
    roads = made(
        *row_of_nodes(1, 2, 4), node(3, 0.02, 0), road(1, [1, 2]), road(2, [3, 4])
    )  # fmt: skip
    assert len(roads.links) == 2
    assert roads.report.pieces == 2


def test_a_node_that_is_repeated_counts_once(made) -> None:
    roads = made(*row_of_nodes(1, 2, 3), road(1, [1, 2, 2, 3]), road(2, [3, 3]))
    assert roads.report.counts.split == 1
    assert roads.report.counts.single == 1
    assert lines(roads) == {((1, 0), (2, 0), (3, 0))}


def test_a_way_of_one_node_is_left_out_and_counted(made) -> None:
    roads = made(*row_of_nodes(1, 2), road(1, [1, 2]), road(2, [2]))
    assert len(roads.links) == 1
    assert roads.report.counts.single == 1
    assert "1 ways of one node are left out." in list(roads.report.remarks())


def test_a_ring_with_one_way_is_driven_around(made) -> None:
    """Three roads meet a roundabout, which has no tag of its own for its direction."""
    roads = made(
        *row_of_nodes(1, 2, 4), node(3, 0.03, 0.01), node(5, 0.03, -0.01), node(6, 0, 0),
        node(7, 0.05, 0), node(8, 0.03, 0.02),
        road(1, [2, 5, 4, 3, 2], junction="roundabout"),
        road(2, [6, 2]), road(3, [4, 7]), road(4, [3, 8]),
    )  # fmt: skip
    # The ring is three links, since the lowest of its nodes meets no road.
    assert len(roads.links) == 6
    ring = {(2, 4), (4, 3), (3, 2)}
    assert {pair for pair in passages(roads) if set(pair) <= {2, 3, 4}} - {(3, 3)} == ring


def test_a_ring_that_meets_nothing_is_two_links(made) -> None:
    roads = made(*row_of_nodes(1, 3), node(2, 0.02, 0.01), road(1, [1, 2, 3, 1], oneway="yes"))
    assert len(roads.links) == 2
    assert (roads.links["u"] != roads.links["v"]).all()
    assert roads.links["length_m"].sum() == pytest.approx(roads.report.counts.length_km * 1000)


@pytest.mark.parametrize(
    ("tags", "ways"),
    [
        ({}, {(1, 2), (2, 1)}),
        ({"oneway": "yes"}, {(1, 2)}),
        ({"oneway": "-1"}, {(2, 1)}),
        ({"oneway": "no", "junction": "roundabout"}, {(1, 2), (2, 1)}),
        ({"oneway": "reversible"}, {(1, 2), (2, 1)}),
        ({"highway": "motorway"}, {(1, 2)}),
        ({"highway": "path", "oneway": "yes"}, {(1, 2), (2, 1)}),
    ],
)
def test_one_way_is_kept_in_its_direction(made, tags, ways) -> None:
    assert passages(made(*row_of_nodes(1, 2), road(1, [1, 2], tags))) == ways


def test_two_way_links_stand_once_and_are_not_doubled(made) -> None:
    roads = made(*row_of_nodes(1, 2, 3), road(1, [1, 2]), road(2, [3, 2], name="B"))
    assert len(roads.links) == 1


@pytest.mark.parametrize("oneway", ["yes", "-1", "no"])
def test_lines_run_from_u_to_v_whichever_way_they_may_be_driven(made, oneway) -> None:
    roads = made(
        node(1, 0.01, 0), node(2, 0.02, 0.01), node(3, 0.03, 0), road(1, [3, 2, 1], oneway=oneway)
    )  # fmt: skip
    link = roads.links.iloc[0]
    ends = roads.nodes[["x", "y"]].to_numpy()[[link["u"], link["v"]]]
    assert shapely.get_coordinates(link["geometry"])[[0, -1]] == pytest.approx(ends)


def test_chains_keep_their_direction_when_they_merge(made) -> None:
    """Two ways drawn against each other, of which one is for one direction by -1."""
    roads = made(
        *row_of_nodes(1, 2, 3), road(1, [1, 2], oneway="yes"), road(2, [3, 2], oneway="-1")
    )  # fmt: skip
    assert len(roads.links) == 1
    assert passages(roads) == {(1, 3)}
    against = made(*row_of_nodes(1, 2, 3), road(1, [1, 2], oneway="yes"), road(2, [3, 2]))
    assert passages(against) == {(1, 2), (2, 3), (3, 2)}


def test_merged_geometry_is_that_of_the_ways_in_order(made) -> None:
    roads = made(
        node(1, 0, 0), node(2, 0.01, 0.01), node(3, 0.02, 0), node(4, 0.03, 0.01), node(5, 0.04, 0),
        road(1, [3, 2, 1]), road(2, [3, 4]), road(3, [5, 4]),
    )  # fmt: skip
    assert lines(roads) == {((0, 0), (1, 1), (2, 0), (3, 1), (4, 0))}
    link, nodes = roads.links.iloc[0], roads.nodes[["x", "y"]].to_numpy()
    assert tuple(nodes[link["u"]]) == link["geometry"].coords[0]
    assert tuple(nodes[link["v"]]) == link["geometry"].coords[-1]


def test_speed_is_settled_before_chains_merge(made) -> None:
    """A kilometre at 20 km/h and one at 80 take what they take, not two at the mean."""
    roads = made(
        *row_of_nodes(1, 2, 3), road(1, [1, 2], maxspeed="25"), road(2, [2, 3], maxspeed="100")
    )  # fmt: skip
    km = GEOD.line_length([0.01, 0.02], [0, 0]) / 1000
    assert len(roads.links) == 1
    assert roads.links["seconds_uv"][0] == pytest.approx(km / 20 * 3600 + km / 80 * 3600)


def test_classes_and_surfaces_that_differ_do_not_merge(made) -> None:
    roads = made(
        *row_of_nodes(1, 2, 3, 4), road(1, [1, 2]), road(2, [2, 3], surface="gravel"),
        road(3, [3, 4], highway="secondary"),
    )  # fmt: skip
    assert len(roads.links) == 3


def test_a_ford_delays_once(made) -> None:
    nodes = row_of_nodes(1, 3), node(2, 0.02, 0, ford="yes")
    dry = made(*row_of_nodes(1, 2, 3), road(1, [1, 2, 3]))
    within = made(*nodes[0][:1], nodes[1], nodes[0][1], road(1, [1, 2, 3]))
    between = made(*nodes[0][:1], nodes[1], nodes[0][1], road(1, [1, 2]), road(2, [2, 3]))
    for wet in (within, between):
        assert wet.links["seconds_uv"][0] == pytest.approx(dry.links["seconds_uv"][0] + 120)
        assert wet.report.counts.fords == 1


def test_fords_close_in_a_season(made) -> None:
    nodes = node(1, 0.01, 0), node(2, 0.02, 0, ford="yes"), node(3, 0.03, 0)
    wet = made(*nodes, road(1, [1, 2, 3]), season="wet")
    assert lines(wet) == {((1, 0), (2, 0)), ((2, 0), (3, 0))}
    assert wet.report.pieces == 2
    ford = made(*row_of_nodes(1, 2, 3), road(1, [1, 2], ford="yes"), road(2, [2, 3]), season="wet")
    assert lines(ford) == {((2, 0), (3, 0))}
    assert ford.report.closed == 1


def test_a_ferry_takes_its_duration_and_one_wait(made) -> None:
    """Two ways of one line wait once; a road at either end."""
    roads = made(
        *row_of_nodes(1, 2, 5, 12, 13), road(1, [1, 2]), road(2, [12, 13]),
        way(3, [2, 5], {"route": "ferry", "duration": "00:30"}),
        way(4, [5, 12], {"route": "ferry", "duration": "PT1H"}),
    )  # fmt: skip
    ferry = roads.links[roads.links["class"] == "ferry"]
    assert roads.report.counts.ferries == 2
    assert ferry["seconds_uv"].tolist() == pytest.approx([(30 + 60 + 30) * 60])
    assert roads.report.pieces == 1


def test_lines_of_one_port_wait_each_by_itself(made) -> None:
    """Three lines without a road, two with one, and one that goes on: to board is to wait."""
    port = node(1, 0.1, 0), node(2, 0.2, 0), node(3, 0.1, 0.1), node(4, 0.0, 0), node(5, 0.1, -0.01)
    lines_ = [way(at, [1, at], {"route": "ferry"}) for at in (2, 3, 4)]
    on = way(6, [2, 1, 3], {"route": "ferry"})
    for ways in (lines_, [*lines_[:2], road(5, [1, 5])], [road(5, [1, 5]), on]):
        ferry = made(*port, *ways).links.query("`class` == 'ferry'")
        waited = ferry["seconds_uv"] - ferry["length_m"] / 15 * 3.6
        assert waited.tolist() == pytest.approx([1800.0] * len(ferry))


@pytest.mark.parametrize(
    ("tags", "kmh"),
    [
        ({}, 15),
        ({"maxspeed": "20 knots"}, 37.04),
        ({"duration": "soon"}, 15),
        # 11 km in 20 hours, or in 2 minutes: somebody took hours for minutes, or the reverse.
        ({"duration": "20:00"}, 15),
        ({"duration": "2"}, 15),
    ],
)
def test_a_ferry_without_a_sound_duration_has_a_speed(made, tags, kmh) -> None:
    roads = made(*row_of_nodes(1, 11), way(1, [1, 11], {"route": "ferry", **tags}))
    link = roads.links.iloc[0]
    assert link["seconds_uv"] - 1800 == pytest.approx(link["length_m"] / kmh * 3.6, rel=1e-6)


def test_a_post_of_a_border_is_a_crossing_that_stays(made) -> None:
    roads = made(
        node(1, 0.01, 0), node(2, 0.02, 0, barrier="border_control", name="El Ceibo"),
        node(3, 0.03, 0), road(1, [1, 2, 3]),
    )  # fmt: skip
    assert roads.report.counts.split == 1
    assert len(roads.links) == 2
    crossing = roads.nodes[roads.nodes["kind"] == "crossing"]
    assert crossing[["x", "name"]].to_numpy().tolist() == [[0.02, "El Ceibo"]]


def test_a_closed_gate_parts_a_road_for_vehicles_alone(made) -> None:
    """The road ends on both sides; a path leads on from one of them."""
    gate = node(1, 0.01, 0), node(2, 0.02, 0, barrier="bollard"), node(3, 0.03, 0)
    roads = made(*gate, road(1, [1, 2, 3]))
    assert len(roads.links) == 2
    assert roads.report.pieces == 2
    path = made(*gate, road(1, [1, 2, 3], highway="path"))
    assert len(path.links) == 1
    opened = made(
        gate[0], node(2, 0.02, 0, barrier="bollard", motor_vehicle="yes"), gate[2],
        road(1, [1, 2, 3]),
    )  # fmt: skip
    assert len(opened.links) == 1


@pytest.mark.parametrize("barrier", ["yes", "gate", "lift_gate", "kerb", "something"])
def test_a_barrier_of_which_nothing_is_said_does_not_close_the_road_to_a_port(
    made, barrier
) -> None:
    roads = made(
        node(1, 0.01, 0), node(2, 0.02, 0, barrier=barrier), node(3, 0.03, 0), node(4, 0.2, 0),
        road(1, [1, 2, 3]), way(2, [3, 4], {"route": "ferry"}),
    )  # fmt: skip
    assert roads.report.pieces == 1
    assert passages(roads) == {(1, 3), (3, 1), (3, 20), (20, 3)}


def test_access_closes_downgrades_and_delays(made) -> None:
    def link(**tags):
        roads = made(*row_of_nodes(1, 2, 3), road(1, [1, 2], tags), road(2, [2, 3]), merged=False)
        return roads, roads.links[roads.nodes["x"].to_numpy()[roads.links["u"]] < 0.015]

    shut, _ = link(access="no")
    assert len(shut.links) == 1
    assert shut.report.closed == 1
    _, foot = link(access="no", foot="yes")
    assert foot[["mode", "class"]].to_numpy().tolist() == [["trail", "path"]]
    _, vehicles = link(access="no", motor_vehicle="yes")
    assert vehicles["mode"].tolist() == ["road"]
    _, private = link(access="private")
    _, plain = link()
    assert private["seconds_uv"].iloc[0] == pytest.approx(plain["seconds_uv"].iloc[0] + 300)


def test_tracks_and_paths_take_part(made) -> None:
    roads = made(
        *row_of_nodes(1, 2, 3, 4), road(1, [1, 2], highway="track", tracktype="grade4"),
        road(2, [2, 3], highway="path"), road(3, [3, 4], highway="proposed"),
    )  # fmt: skip
    by_class = roads.links.set_index("class")
    assert by_class["mode"].to_dict() == {"track": "road", "path": "trail"}
    kmh = by_class["length_m"] / by_class["seconds_uv"] * 3.6
    assert kmh.to_dict() == pytest.approx({"track": 12, "path": 4})
    assert roads.report.counts.left_out == {"proposed": 1}
    assert any("proposed (1)" in remark for remark in roads.report.remarks())


@pytest.mark.parametrize(
    ("tags", "surface"),
    [
        ({"surface": "asphalt"}, "paved"),
        ({"surface": "gravel"}, "mixed"),
        ({"surface": "dirt;mud"}, "unpaved"),
        ({"surface": "asphalt", "smoothness": "very_bad"}, "mixed"),
        ({"surface": "no such"}, "paved"),
        ({"highway": "track"}, "unpaved"),
        ({"highway": "track", "tracktype": "grade1"}, "paved"),
        ({"highway": "track", "tracktype": "grade1", "surface": "gravel"}, "mixed"),
        ({"highway": "tertiary"}, "mixed"),
    ],
)
def test_surface_is_said_or_taken_from_what_else_is(made, tags, surface) -> None:
    roads = made(*row_of_nodes(1, 2), road(1, [1, 2], tags))
    assert roads.links["surface"].tolist() == [surface]


BOX = Box(0.015, -0.005, 0.035, 0.005)


def test_roads_are_cut_at_the_edge(made) -> None:
    roads = made(*row_of_nodes(1, 2, 3, 4), road(1, [1, 2, 3, 4]), box=BOX)
    assert lines(roads) == {((1.5, 0), (2, 0), (3, 0), (3.5, 0))}
    km = GEOD.line_length([0.015, 0.035], [0, 0])
    assert roads.links["length_m"].sum() == pytest.approx(km, rel=1e-6)


def test_a_road_with_both_ends_outside_is_kept_where_it_is_inside(made) -> None:
    roads = made(
        *row_of_nodes(1, 4), node(5, 0.015, 0.1), node(6, 0.0345, -0.006), node(7, 0.036, -0.0045),
        road(1, [1, 4]), road(2, [1, 5]), road(3, [6, 7]), box=BOX,
    )  # fmt: skip
    assert lines(roads) == {((1.5, 0), (3.5, 0))}


def test_a_road_that_leaves_and_returns_is_two(made) -> None:
    roads = made(
        node(1, 0.02, 0), node(2, 0.022, 0.01), node(3, 0.028, 0.01), node(4, 0.03, 0),
        road(1, [1, 2, 3, 4]), box=BOX,
    )  # fmt: skip
    assert lines(roads) == {((2, 0), (2.1, 0.5)), ((2.9, 0.5), (3, 0))}
    assert roads.report.pieces == 2


def test_roads_beyond_the_antimeridian_are_beside_those_before(made) -> None:
    roads = made(
        node(1, 179.5, 0), node(2, 180, 0), node(3, -180, 0), node(4, -179.5, 0), node(5, 0.5, 0),
        node(6, -0.5, 0), road(1, [1, 2]), road(2, [3, 4]), road(3, [5, 6]),
        box=Box(179, -1, 181, 1), islands="join",
    )  # fmt: skip
    assert roads.nodes["x"].between(179, 181).all()
    assert roads.links["length_m"].sum() == pytest.approx(GEOD.line_length([0, 1], [0, 0]))
    assert roads.report.pieces == 1


def test_islands_are_reported_then_kept_joined_or_dropped(made) -> None:
    objects = [*row_of_nodes(1, 2, 3, 5), node(4, 0.0302, 0), road(1, [1, 2, 3]), road(2, [4, 5])]
    kept = made(*objects)
    assert (len(kept.links), kept.report.pieces) == (2, 2)
    assert "1 pieces that no road joins to the largest one, 2 km in all, stay islands." in list(
        kept.report.remarks()
    )
    joined = made(*objects, islands="join")
    assert (joined.report.joined, joined.report.pieces) == (1, 1)
    assert joined.links["length_m"].sum() == pytest.approx(GEOD.line_length([0.01, 0.05], [0, 0]))
    far = made(*objects, islands="join", join_m=10.0)
    assert (far.report.joined, far.report.pieces) == (0, 2)
    dropped = made(*objects, islands="drop")
    assert (len(dropped.links), dropped.report.dropped) == (1, True)
    assert any(remark.endswith("are left out.") for remark in dropped.report.remarks())


def test_a_dense_island_is_joined_as_well(made) -> None:
    """The nodes of its own that are nearer than any of the other piece are more than a few."""
    many = [node(100 + at, 0.0302 + at * 1e-5, 0) for at in range(60)]
    stubs = [node(200 + at, 0.0302 + at * 1e-5, 1e-5) for at in range(60)]
    streets = [road(100 + at, [100 + at, 200 + at]) for at in range(60)]
    joined = made(
        *row_of_nodes(1, 2, 3), *many, *stubs, road(1, [1, 2, 3]),
        *streets, road(300, [each.id for each in many]), islands="join", join_m=100.0,
    )  # fmt: skip
    assert (joined.report.joined, joined.report.pieces) == (1, 1)
    gap = GEOD.line_length([0.03, 0.0302], [0, 0])
    assert joined.links["length_m"].max() > gap > 20


def test_ways_with_missing_nodes_go_as_far_as_they_are_known(made) -> None:
    roads = made(*row_of_nodes(1, 2, 4, 5, 7), road(1, [1, 2, 3, 4, 5, 6, 7]), road(2, [8, 9]))
    assert lines(roads) == {((1, 0), (2, 0)), ((4, 0), (5, 0))}
    counts = roads.report.counts
    assert (counts.broken_ways, counts.missing_nodes) == (2, 4)
    assert any("lack 4 of their nodes" in remark for remark in roads.report.remarks())


def test_ids_beyond_2_to_the_34_stay_apart(made) -> None:
    big = 2**34
    roads = made(
        *row_of_nodes(1, 2), node(big + 1, 0.01, 0.01), node(big + 2, 0.02, 0.01),
        road(1, [1, 2]), road(big + 2, [big + 1, big + 2]),
    )  # fmt: skip
    assert lines(roads) == {((1, 0), (2, 0)), ((1, 1), (2, 1))}


def test_overlapping_extracts_are_one(tmp_path: Path) -> None:
    """The way between them is in both, and the node that it lacks in one is in the other."""
    one = write_osm(tmp_path / "1.osm.pbf", *row_of_nodes(1, 2, 3), road(1, [1, 2]),
                    road(2, [2, 3, 4]))  # fmt: skip
    two = write_osm(tmp_path / "2.osm.pbf", *row_of_nodes(3, 4, 5), road(2, [2, 3, 4]),
                    road(3, [4, 5]))  # fmt: skip
    roads = read_osm_roads([one, two], None, rules=default_roads())
    assert lines(roads) == {((1, 0), (2, 0), (3, 0), (4, 0), (5, 0))}
    assert roads.report.counts.ways == 3
    assert roads.report.counts.missing_nodes == 0


def test_geometry_is_valid(made) -> None:
    roads = made(*row_of_nodes(1, 2, 3), road(1, [1, 2, 3]), road(2, [3, 1]))
    assert shapely.is_valid(roads.links.geometry).all()


def test_a_node_at_the_edge_is_no_other_node_inside(made) -> None:
    """Links that are cut get nodes of their own, however few of all links are cut."""
    roads = made(
        node(1, 0, 0), node(2, 0.01, 0), node(3, 0.02, 0.01), road(1, [1, 2]), road(2, [2, 3]),
        box=Box(0.005, -1.0, 1.0, 1.0),
    )  # fmt: skip
    assert lines(roads) == {((0.5, 0), (1, 0), (2, 1))}
