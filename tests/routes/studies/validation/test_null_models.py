"""Rules that know nothing of scores, on the network."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest

from geodata.cartography.printed.validation_figure import draw_validation
from routes.router import Router
from routes.scenario.demand import Pair, Share
from routes.scenario.edits import Edit, close
from routes.scenario.ends.end_text import parse_end
from routes.scenario.ends.endpoints import locate
from routes.scenario.profiles import load_profile
from routes.scenario.scenario import Scenario
from routes.studies.validation.cell_test.findings import record
from routes.studies.validation.cell_test.validation import MODEL, validate
from routes.studies.validation.null_models import (
    BLIND,
    ROADS,
    STRAIGHT,
    blind,
    lay_lines,
    null_surfaces,
    shortest_paths,
    straight_lines,
)
from routes.studies.validation.validation_cells import study_ground
from tests.routes.studies.validation.square import AREA, drawn_from


def test_lines_are_laid_by_their_length_in_each_cell():
    left, top, cell = AREA.transform.c, AREA.transform.f, AREA.cell_m
    points = np.array([[left, top - cell / 2], [left + 2.5 * cell, top - cell / 2]])
    grid = lay_lines(AREA, points, np.zeros(2, int), np.array([2.0]))
    np.testing.assert_allclose(grid[0, :4], [2, 2, 1, 0])
    assert grid.sum() == pytest.approx(5)
    outside = lay_lines(AREA, points - [10 * cell, 0], np.zeros(2, int), np.array([2.0]))
    assert outside.sum() == 0


def test_the_blind_profile_knows_hours_only():
    timed = blind(load_profile("cocaine-north"))
    assert set(timed.rates.values()) == {1.0}
    assert set(timed.weights.values()) == set(timed.fees.values()) == {0.0}
    assert timed.name != "cocaine-north"


@pytest.fixture(scope="module")
def trip():
    ends = [parse_end(t, field="from") for t in ("San Pedro Sula", "Chiquimula")]
    return Scenario(profile=load_profile("migrants-north").between(ends[:1], ends[1:]), slack=0.1)


def test_the_three_nulls_lie_where_their_rules_say(network, trip):
    nulls, cut_off = null_surfaces(network, trip)
    assert cut_off == ""
    assert tuple(nulls) == (STRAIGHT, BLIND, ROADS)
    assert {surface.shape for surface in nulls.values()} == {network.area.shape}
    start, end = (
        np.array(network.area.project(*network.nodes.loc[network.nodes["name"] == name, ["x", "y"]]
                                      .iloc[0]))
        for name in ("San Pedro Sula", "Chiquimula")
    )  # fmt: skip
    straight = np.hypot(*(end - start)) / network.area.cell_m
    assert nulls[STRAIGHT].sum() == pytest.approx(straight, rel=0.02)
    assert nulls[BLIND].sum() > straight
    roads = network.links["mode"] == "road"
    drawn = gpd.GeoSeries(network.lines(np.flatnonzero(roads)), crs="OGC:CRS84")
    metres = drawn.to_crs(network.area.crs).length.sum()
    assert nulls[ROADS].sum() * network.area.cell_m == pytest.approx(metres, rel=0.001)


def test_where_there_is_no_road_there_is_no_null_of_roads(network, trip, tmp_path):
    """As on islands: their model is held against the other two, in tables and figures."""
    mode = network.links["mode"].astype(str).replace("road", "trail").astype("category")
    wild = replace(network, links=network.links.assign(mode=mode))
    nulls = null_surfaces(wild, trip).surfaces
    assert tuple(nulls) == (STRAIGHT, BLIND)
    cells = study_ground(wild)
    surfaces = {MODEL: nulls[BLIND], **nulls}
    events = drawn_from(np.ones((1, len(cells.cell))), 40)
    written = record(validate(cells, surfaces, events, draws=20))
    assert {row["against"] for row in written["findings"]} == {"", STRAIGHT, BLIND}
    figure = tmp_path / "validation.png"
    draw_validation(written, figure, subtitle="", attribution="", titles=network.titles)
    assert figure.stat().st_size > 10_000


def test_blind_paths_are_the_fastest(network, trip):
    router = Router(network)
    fastest = router.run(replace(trip, profile=blind(trip.profile))).corridors["hours"].min()
    assert fastest <= router.run(trip).corridors["hours"].min() + 1e-6


def test_straight_lines_share_demand_among_origins(network):
    profile = load_profile("cocaine-north")
    one = straight_lines(network, Scenario(profile=replace(profile, origins=profile.origins[:1])))
    all_three = straight_lines(network, Scenario(profile=profile))
    assert (one > 0).sum() < (all_three > 0).sum()
    assert all_three.max() <= 1.5
    pair = Pair(origin="Caribbean approach", destination="Quintana Roo", demand=2)
    paired = straight_lines(network, Scenario(profile=replace(profile, pairs=(pair,))))
    assert (paired > 0).sum() < (one > 0).sum()
    share = Share(origin="Caribbean approach", destinations=("Quintana Roo",), share=1.0)
    shared = straight_lines(network, Scenario(profile=replace(profile, shares=(share,))))
    rest = replace(profile, origins=profile.origins[1:])
    others = straight_lines(network, Scenario(profile=rest))
    np.testing.assert_allclose(shared, 0.5 * paired + 0.5 * others, atol=1e-12)


def test_straight_lines_run_between_nodes_that_the_flow_may_use(network):
    """Who has no boat begins on the shore, though a node at sea is nearer."""
    off_shore = parse_end("-87.45,15.84")
    profile = load_profile("migrants-north")
    trip = Scenario(profile=profile.between([off_shore], [parse_end("Chiquimula")]))
    (afloat,) = locate(network, off_shore, field="from").nodes
    (ashore,) = Router(network).ends(trip)[0][0].nodes
    lines = straight_lines(network, trip)
    x, y = (network.nodes[name].to_numpy()[[afloat, ashore]] for name in ("x", "y"))
    row, column = network.area.cell_of(x, y)
    assert network.nodes["kind"][afloat] == "sea"
    assert (lines[row, column] > 0).tolist() == [False, True]


def test_what_is_closed_stays_closed_for_the_blind(network, trip):
    free, _ = shortest_paths(network, trip)
    dearer = replace(trip, edits=(Edit(target="GT", factor=3.0),))
    np.testing.assert_array_equal(shortest_paths(network, dearer)[0], free)
    shut, _ = shortest_paths(network, replace(trip, edits=(close("El Florido"),)))
    assert (shut != free).any()
