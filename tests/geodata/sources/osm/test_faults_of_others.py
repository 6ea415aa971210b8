"""Faults that users of comparable tools have reported, and the test that keeps each of them out."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[3]
OSM = "geodata/sources/osm"
FAULTS = {
    "a whole country's graph exhausts memory (osmnx 1311, 250)":
        f"{OSM}/test_extract.py::test_memory_is_that_of_the_nodes_and_not_of_their_highest_id",
    "speeds averaged after simplifying (osmnx 717)":
        f"{OSM}/test_roads.py::test_speed_is_settled_before_chains_merge",
    "maxspeed 70|100 read as over 10,000 (osmnx 934)":
        f"{OSM}/test_maxspeed.py::test_all_spellings_are_read",
    "implicit RO:urban ignored (osmnx 1152)":
        f"{OSM}/test_maxspeed.py::test_all_spellings_are_read",
    "two-way edges doubled (osmnx 848)":
        f"{OSM}/test_roads.py::test_two_way_links_stand_once_and_are_not_doubled",
    "reversed edge keeps forward geometry (osmnx 847)":
        f"{OSM}/test_roads.py::test_lines_run_from_u_to_v_whichever_way_they_may_be_driven",
    "direction wrong after simplifying (osmnx 1056)":
        f"{OSM}/test_roads.py::test_chains_keep_their_direction_when_they_merge",
    "smaller components dropped silently (osmnx 1256)":
        f"{OSM}/test_roads.py::test_islands_are_reported_then_kept_joined_or_dropped",
    "edge across the box with both ends outside lost (osmnx 1207)":
        f"{OSM}/test_roads.py::test_a_road_with_both_ends_outside_is_kept_where_it_is_inside",
    "no oneway column crashes (pyrosm 100)":
        "geodata/sources/vectors/test_roads.py::test_classes_of_a_ministry_are_translated",
    "inverted bbox a KeyError (pyrosm 241)":
        "geodata/sources/area_file/test_area_file.py::"
        "test_a_box_that_is_none_is_refused_with_the_one_meant",
    "disjoint bbox a KeyError (pyrosm 241)":
        f"{OSM}/test_extract.py::test_an_extract_of_another_place_is_refused",
    "edge ends missing at the box edge (pyrosm 199)":
        f"{OSM}/test_roads.py::test_roads_are_cut_at_the_edge",
    "graphs called compatible that fail to save (pyrosm 370)":
        "geodata/publication/test_osmnx_graph.py::test_functions_of_osmnx_accept_it",
    "one-way lost on load (GOSTnets 39)":
        "cli/networks/test_area.py::test_a_build_says_what_became_of_the_roads_and_says_it_again",
    "origins snap to disconnected fragments (GOSTnets 8)":
        "routes/search/test_connectivity.py::"
        "test_land_and_sea_are_one_strongly_connected_component",
    "ids overflow 2^32 and 2^33 (osrm 2803, 6034)":
        f"{OSM}/test_roads.py::test_ids_beyond_2_to_the_34_stay_apart",
    "ferry duration wrong or ignored (osrm 7313, 1405)":
        f"{OSM}/test_roads.py::test_a_ferry_takes_its_duration_and_one_wait",
    "crossing cost at the wrong place (valhalla 352)":
        "geodata/builder/roads/test_mapped.py::"
        "test_crossings_of_a_table_are_where_the_road_meets_the_border",
    "untagged barrier at a port forces a detour (openrouteservice 2299)":
        f"{OSM}/test_roads.py::"
        "test_a_barrier_of_which_nothing_is_said_does_not_close_the_road_to_a_port",
    "gaps between merged extracts (valhalla 3925)":
        f"{OSM}/test_extract.py::test_two_overlapping_halves_are_the_whole",
    "missing nodes crash (tilemaker 335)":
        f"{OSM}/test_extract.py::test_a_rough_cut_is_read_and_what_it_lacks_reported",
    "antimeridian extract built, nothing written (r5r 405, 407)":
        "cli/networks/test_area.py::test_an_area_across_the_antimeridian_is_built_as_any_other",
    "population of slightly other resolution loses people (accessmod 200)":
        "geodata/sources/rasters/test_surface.py::test_all_people_on_the_grid_are_counted_once",
    "CRS assigned instead of reprojected (accessmod 271)":
        "geodata/sources/rasters/test_files.py::test_a_crs_that_contradicts_the_file_is_refused",
    "rasters of unlike shape only warned about (Circuitscape 285)":
        "geodata/sources/rasters/test_surface.py::test_tiles_of_unlike_shape_make_one_surface",
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_each_has_a_test_that_is_there(fault: str) -> None:
    file, _, name = FAULTS[fault].partition("::")
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    assert name in {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}
