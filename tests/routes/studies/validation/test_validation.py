"""Statistics of validation on small cases, against scipy, and on samples made for the purpose.

No sample here is a record of anything that happened. Points are drawn from a surface, to see
that a perfect model scores high, or evenly over the land, to see that nothing scores by chance.
"""

from __future__ import annotations

import json
import tracemalloc
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
from scipy.stats import binomtest, mannwhitneyu, spearmanr

from geodata.area.study_area import StudyArea
from geodata.cartography.printed.validation_figure import draw_validation
from geodata.errors import DataError, InputError
from geodata.formats.text.json_file import write_json
from routes.router import Router
from routes.scenario.demand import Pair, Share
from routes.scenario.edits import Edit, close
from routes.scenario.ends.end_text import parse_end
from routes.scenario.ends.endpoints import locate
from routes.scenario.profiles import load_profile
from routes.scenario.scenario import Scenario
from routes.studies.validation.boyce_auc import (
    blocked_auc,
    boyce,
    placements,
    smoothed_boyce,
)
from routes.studies.validation.capture_curve import (
    SHARES,
    Placed,
    ValidationCells,
    place,
    rank_cells,
    study_ground,
)
from routes.studies.validation.findings import COLUMNS, estimated, findings, record
from routes.studies.validation.null_models import (
    BLIND,
    NO_ROADS,
    ROADS,
    STRAIGHT,
    blind,
    lay_lines,
    null_surfaces,
    shortest_paths,
    straight_lines,
)
from routes.studies.validation.spatial_bootstrap import Draws, Interval, block_of, interval
from routes.studies.validation.validation import MODEL, Gain, Sample, validate, verdict

AREA = StudyArea(name="square", bbox=(-88.0, 14.0, -86.0, 16.0), countries=("GT", "HN"),
                 neighbours=())  # fmt: skip


def ground(block_m: float = 20_000.0) -> ValidationCells:
    """All cells of the square, the western half in one country and the eastern in the other."""
    rows, columns = AREA.shape
    cell = np.arange(rows * columns)
    row, column = np.divmod(cell, columns)
    east = AREA.transform.c + (column + 0.5) * AREA.cell_m
    north = AREA.transform.f - (row + 0.5) * AREA.cell_m
    country = np.where(column < columns // 2, "GT", "HN")
    block = block_of(east, north, block_m)
    return ValidationCells(area=AREA, cell=cell, country=country, block=block, block_m=block_m)


def road(column: int) -> np.ndarray:
    """A surface whose usage runs from north to south along one column."""
    surface = np.zeros(AREA.shape)
    surface[:, column] = 1.0
    return surface


def drawn_from(surface: np.ndarray, n: int, seed: int = 1) -> Placed:
    share = surface.ravel() / surface.sum()
    cell = np.random.default_rng(seed).choice(surface.size, n, p=share)
    return Placed(cell=cell, moved=0)


SURFACES = {MODEL: road(30), STRAIGHT: road(80), BLIND: road(60), ROADS: road(95)}


# Rankings and capture curves


def test_a_ranking_passes_ties_evenly():
    surface = np.zeros(AREA.shape)
    surface[0, 0], surface[0, 1] = 2.0, 1.0
    n = surface.size
    ranking = rank_cells(ground(), surface, tolerance_m=0, measure="usage")
    np.testing.assert_allclose(ranking.before[:3], [0, 1 / n, 2 / n])
    np.testing.assert_allclose(ranking.score[:2], [1 - 0.5 / n, 1 - 1.5 / n])
    # Two cells lie next to the core, and tie; the area under any curve of all cells is a half.
    away = rank_cells(ground(), surface, tolerance_m=0, measure="distance")
    assert away.before[2] == 2 / n and away.score.mean() == pytest.approx(0.5)


def test_the_area_under_the_capture_curve_is_the_mean_score():
    ranking = rank_cells(ground(), road(30), tolerance_m=5000, measure="usage")
    cells = drawn_from(np.ones(AREA.shape), 200).cell
    curve = ranking.captured(cells).mean(axis=0)
    assert curve[0] == 0 and curve[-1] == 1 and (np.diff(curve) >= 0).all()
    assert np.trapezoid(curve, SHARES) == pytest.approx(ranking.score[cells].mean(), abs=0.003)


def test_tolerance_reaches_past_the_line():
    near = np.array([50 * AREA.shape[1] + 32])
    sharp = rank_cells(ground(), road(30), tolerance_m=0, measure="usage")
    soft = rank_cells(ground(), road(30), tolerance_m=5000, measure="usage")
    # In both the line and its neighbours come first: a nearer cell never ranks lower.
    assert sharp.before[near] == pytest.approx(3 / AREA.shape[1], abs=1e-9)
    assert soft.score[near] > 0.94


@pytest.mark.parametrize(
    ("surface", "tolerance", "field"),
    [
        (np.ones((2, 2)), 0.0, "surface"),
        (np.zeros(AREA.shape), 0.0, "surface"),
        (np.ones(AREA.shape), -1.0, "tolerance"),
        (np.ones(AREA.shape), np.nan, "tolerance"),
    ],
)
def test_what_cannot_be_ranked_is_refused(surface, tolerance, field):
    with pytest.raises(InputError, match=field):
        rank_cells(ground(), surface, tolerance_m=tolerance, measure="usage")


def test_events_land_in_their_cell_or_the_next_or_nowhere():
    land = ground()
    half = replace(land, cell=land.cell[land.country == "GT"])
    here = half.centres[0]
    points = np.array([here, here - [AREA.cell_m, 0], here - [3 * AREA.cell_m, 0]])
    placed = place(half, *AREA.unproject(*points.T))
    assert placed.cell.tolist() == [0, 0, -1]
    assert (placed.moved, placed.outside) == (1, 1)


def test_events_that_all_lie_outside_are_refused_with_a_hint():
    with pytest.raises(DataError, match="Longitude comes first"):
        place(ground(), [15.0], [-87.0])
    with pytest.raises(DataError, match="None lies on the ground"):
        place(ground(), [2.0], [48.0])


# Blocks


def test_draws_repeat_and_take_one_block_fewer():
    blocks = np.repeat(np.arange(8), 3)
    one, two = (Draws.of(blocks, draws=500, seed=3) for _ in range(2))
    np.testing.assert_array_equal(one.taken, two.taken)
    assert one.taken.shape == (500, 8) and (one.taken.sum(axis=1) == 7).all()
    assert (Draws.of(blocks, draws=500, seed=4).taken != one.taken).any()


def test_the_interval_of_single_events_is_that_of_the_mean():
    values = np.random.default_rng(5).normal(size=40)
    drawn = Draws.of(np.arange(40), draws=4000, seed=1)
    error = values.std(ddof=1) / np.sqrt(40)
    assert drawn.means(values).std() == pytest.approx(error, rel=0.05)
    interval = drawn.mean(values)
    assert interval.low == pytest.approx(interval.estimate - 1.96 * error, abs=0.06)


def test_clusters_widen_the_interval():
    values = np.repeat(np.random.default_rng(5).normal(size=10), 20)
    alone = Draws.of(np.arange(200), draws=1000, seed=1).mean(values)
    blocked = Draws.of(np.repeat(np.arange(10), 20), draws=1000, seed=1).mean(values)
    assert blocked.high - blocked.low > 3 * (alone.high - alone.low)


def test_one_block_gives_no_interval():
    interval = Draws.of(np.zeros(50), draws=100, seed=1).mean(np.ones(50))
    assert interval.estimate == 1 and np.isnan([interval.low, interval.high]).all()


@pytest.mark.parametrize("hits", [0, 10])
def test_a_share_stays_open_where_all_events_agree(hits):
    values = np.full(10, float(hits > 0))
    interval = Draws.of(np.arange(10), draws=200, seed=1).share(values)
    exact = binomtest(hits, 10).proportion_ci(0.95, "exact")
    assert (interval.low, interval.high) == pytest.approx((exact.low, exact.high))


# Boyce index and AUC


def plain_boyce(events: np.ndarray, cells: np.ndarray) -> float:
    """Window by window, as the R package ecospat does by default."""
    lowest, highest = min(cells.min(), events.min()), max(cells.max(), events.max())
    width = (highest - lowest) / 10
    ratios = []
    for left in np.linspace(lowest, highest - width, 101):
        inside = [((v >= left - 1e-12) & (v <= left + width + 1e-12)).mean()
                  for v in (events, cells)]  # fmt: skip
        if inside[1]:
            ratios.append(round(inside[0] / inside[1], 10))
    kept = [k for k in range(len(ratios)) if k + 1 == len(ratios) or ratios[k] != ratios[k + 1]]
    return float(spearmanr([ratios[k] for k in kept], kept).statistic)


@pytest.mark.parametrize("power", [0.5, 1.0, 3.0])
def test_the_boyce_index_is_that_of_the_windows(power):
    rng = np.random.default_rng(7)
    events, cells = rng.uniform(size=150) ** (1 / power), rng.uniform(size=5000)
    curve = boyce(events, cells, Draws.of(np.arange(150) % 40, draws=200, seed=1))
    assert curve.index.estimate == pytest.approx(plain_boyce(events, cells), abs=1e-6)
    assert curve.index.low <= curve.index.estimate <= curve.index.high
    assert (curve.low <= curve.ratio).all() and (curve.ratio <= curve.high).all()


def test_the_boyce_index_tells_a_model_from_its_opposite():
    cells = np.linspace(0, 1, 2000)
    rising = np.sqrt(np.linspace(0, 1, 400))
    drawn = Draws.of(np.arange(400) % 50, draws=100, seed=1)
    assert boyce(rising, cells, drawn).index.estimate > 0.98
    assert boyce(1 - rising, cells, drawn).index.estimate < -0.98


def test_a_ground_of_many_cells_takes_no_room_for_each_window():
    cells = np.linspace(0, 1, 300_000)
    drawn = Draws.of(np.arange(50), draws=20, seed=1)
    tracemalloc.start()
    try:
        boyce(cells[::6000], cells, drawn)
        assert tracemalloc.get_traced_memory()[1] < 30e6
    finally:
        tracemalloc.stop()


def test_placements_average_to_the_mann_whitney_statistic():
    rng = np.random.default_rng(2)
    events, background = rng.integers(0, 12, 60).astype(float), rng.integers(0, 9, 300) * 1.0
    u = mannwhitneyu(events, background).statistic
    assert placements(events, background).mean() == pytest.approx(u / 60 / 300)
    alone = blocked_auc(events, background, Draws.of(np.arange(60), draws=300, seed=1))
    assert alone.auc.estimate == pytest.approx(u / 60 / 300)


def test_a_background_with_weights_is_one_of_repeated_values():
    rng = np.random.default_rng(2)
    events, background = rng.integers(0, 12, 60).astype(float), rng.integers(0, 9, 40) * 1.0
    times = rng.integers(1, 5, 40)
    np.testing.assert_allclose(
        placements(events, background, times.astype(float)),
        placements(events, np.repeat(background, times)),
    )


def test_the_smoothed_boyce_index_is_that_of_a_mirrored_density():
    shares = np.random.default_rng(4).beta(2, 1, size=12)
    index = smoothed_boyce(shares, Draws.of(np.arange(12), draws=200, seed=1))
    at = np.linspace(0, 1, 101)
    mirrored = np.r_[shares, -shares, 2 - shares]
    density = [np.exp(-0.5 * ((x - mirrored) / 0.1) ** 2).sum() for x in at]
    assert index.estimate == pytest.approx(spearmanr(density, at).statistic)
    assert index.low <= index.estimate <= index.high


def test_the_smoothed_boyce_index_tells_a_model_from_its_opposite():
    rising = np.sqrt(np.linspace(0, 1, 40))
    drawn = Draws.of(np.arange(40), draws=100, seed=1)
    index = smoothed_boyce(rising, drawn)
    assert index.estimate > 0.99 and index.low > 0.5
    assert smoothed_boyce(1 - rising, drawn).estimate < -0.99
    one = Draws.of(np.zeros(40), draws=100, seed=1)
    assert np.isnan(smoothed_boyce(rising, one).low), "one block gives no interval"


def test_a_cluster_of_events_counts_once():
    background = np.linspace(0, 1, 101)
    events = np.r_[np.full(90, 0.99), np.full(10, 0.3)]
    block = np.r_[np.zeros(90), np.arange(1, 11)]
    blocked = blocked_auc(events, background, Draws.of(block, draws=300, seed=1))
    cluster, single = placements(np.array([0.99, 0.3]), background)
    assert placements(events, background).mean() > 0.9
    assert blocked.auc.estimate == pytest.approx((cluster + 10 * single) / 11)
    assert blocked.least == pytest.approx(single) and blocked.most > blocked.auc.estimate


# All together


def test_a_perfect_model_is_better_than_every_null():
    events = drawn_from(SURFACES[MODEL], 120)
    validation = validate(ground(), SURFACES, events, draws=300)
    assert {gain.verdict for gain in validation.gains} == {"better"}
    assert validation.headline.startswith(
        "On these events the model does better than straight lines,"
    )
    assert validation.boyce.index.low > 0.5
    west, east = validation.countries
    assert west.blocked.auc.low > 0.9 and east.sample.events == 0


def test_even_events_tell_nothing():
    events = drawn_from(np.ones(AREA.shape), 400)
    validation = validate(ground(), SURFACES, events, draws=300)
    assert {gain.verdict for gain in validation.gains} == {"no better"}
    assert "no better than straight lines" in validation.headline
    for country in validation.countries:
        assert country.blocked.auc.low < 0.5 < country.blocked.auc.high
    model = validation.captures[0]
    assert model.low[50] < 0.5 < model.high[50]


def test_a_model_beaten_by_straight_lines_is_told_so():
    validation = validate(ground(), SURFACES, drawn_from(SURFACES[STRAIGHT], 120), draws=300)
    assert "worse than straight lines" in validation.headline


def test_the_same_seed_gives_the_same_record_and_another_does_not():
    events = drawn_from(np.ones(AREA.shape), 100)
    one, two, other = (
        json.dumps(record(validate(ground(), SURFACES, events, draws=100, seed=seed)))
        for seed in (1, 1, 2)
    )
    assert one == two != other


def test_few_events_are_not_validated_and_get_no_estimate():
    validation = validate(ground(), SURFACES, drawn_from(SURFACES[MODEL], 29), draws=200)
    written = record(validation)
    assert validation.headline == "Not validated: 29 events, fewer than 30. Intervals only."
    assert all(row["estimate"] is None for row in written["findings"])
    assert all("not validated" in row["words"] for row in written["findings"])
    assert all(curve["captured"] is None for curve in written["captures"])
    assert written["boyce"]["ratio"] is None and written["boyce"]["ratio_high"]
    assert written["words"] == validation.words


def test_a_record_says_that_there_was_no_road_to_compare_with():
    surfaces = {name: surface for name, surface in SURFACES.items() if name != ROADS}
    validation = validate(ground(), surfaces, drawn_from(SURFACES[MODEL], 29), draws=20)
    assert record(validation)["words"] == [*validation.words, NO_ROADS]


@pytest.mark.parametrize(
    ("events", "blocks", "words"),
    [
        (0, 0, "not validated: no event"),
        (1, 1, "not validated: 1 event, fewer than 30"),
        (29, 20, "not validated: 29 events, fewer than 30"),
        (30, 9, "not validated: 30 events, but in 9 blocks, fewer than 10"),
        (30, 10, ""),
    ],
)
def test_words_for_small_samples(events, blocks, words):
    assert Sample(events=events, blocks=blocks).words == words


@pytest.mark.parametrize(
    ("low", "high", "verdict"), [(0.1, 0.2, "better"), (-0.1, 0.2, "no better"),
                                 (-0.2, -0.1, "worse"), (np.nan, np.nan, "no better")]
)  # fmt: skip
def test_a_verdict_needs_the_whole_interval(low, high, verdict):
    area = Interval(estimate=0.15, low=low, high=high)
    assert Gain(null=STRAIGHT, measure="usage", area=area).verdict == verdict


@pytest.mark.parametrize(("low", "error"), [(0.0004, 0.0), (0.004, 0.005)])
def test_a_bound_that_is_none_as_printed_or_of_another_seed_is_no_verdict(low, error):
    assert verdict(Interval(estimate=0.1, low=low, high=0.2, error=error)) == "no better"
    assert verdict(Interval(estimate=-0.1, low=-0.2, high=-low, error=error)) == "no better"


def test_the_error_of_a_bound_is_that_of_other_seeds():
    lows = [interval(0.0, np.random.default_rng(seed).normal(size=1000)) for seed in range(200)]
    spread = np.std([each.low for each in lows])
    assert np.mean([each.error for each in lows]) == pytest.approx(2 * spread, rel=0.5)
    assert interval(0.0, np.zeros(1000)).error == 0


def test_under_five_blocks_there_is_no_interval():
    value = Interval(estimate=0.5, low=0.4, high=0.6)
    few, enough = (estimated(value, Sample(events=40, blocks=blocks)) for blocks in (4, 5))
    assert (few["low"], few["high"]) == (None, None) and few["blocks"] == 4
    assert (enough["low"], enough["high"]) == (0.4, 0.6)


def test_a_country_with_few_events_is_not_validated_though_the_whole_is():
    west, east = drawn_from(road(30), 60), drawn_from(road(80), 5)
    events = Placed(cell=np.r_[west.cell, east.cell, -1], moved=2)
    validation = validate(ground(), SURFACES, events, left_out={"undated": 3}, draws=200)
    rows = {row["country"]: row for row in findings(validation) if row["statistic"] == "auc"}
    assert tuple(rows["GT"]) == COLUMNS
    assert rows["GT"]["estimate"] > 0.9 and not rows["GT"]["words"]
    assert rows["HN"]["estimate"] is None and "not validated" in rows["HN"]["words"]
    assert validation.words[0].endswith(
        "Left out: 3 undated, 1 off the ground. 2 moved to the next cell of the ground."
    )
    assert "same events proves nothing" in validation.words[1]


def test_no_events_are_refused():
    with pytest.raises(DataError, match="No event is left"):
        validate(ground(), SURFACES, Placed(cell=np.array([-1]), moved=0))


def test_events_of_one_block_are_refused():
    with pytest.raises(DataError, match=r"events: 40.*one spatial block.*smaller --block"):
        validate(ground(), SURFACES, Placed(cell=np.full(40, 7), moved=0))


# Nulls, on the network


def test_lines_are_laid_by_their_length_in_each_cell():
    left, top, cell = AREA.transform.c, AREA.transform.f, AREA.cell_m
    points = np.array([[left, top - cell / 2], [left + 2.5 * cell, top - cell / 2]])
    grid = lay_lines(AREA, points, np.zeros(2, int), np.array([2.0]))
    np.testing.assert_allclose(grid[0, :4], [2, 2, 1, 0])
    assert grid.sum() == pytest.approx(5)
    outside = lay_lines(AREA, points - [10 * cell, 0], np.zeros(2, int), np.array([2.0]))
    assert outside.sum() == 0


def test_a_scenario_survives_its_record(tmp_path):
    edits = (close("Corinto"), Edit(target="El Florido", factor=2.0, hours=4.0))
    profile = load_profile("cocaine-north")
    pair = Pair(origin=profile.origins[0].name, destination=profile.destinations[0].name, demand=1)
    scenario = Scenario(profile=replace(profile, pairs=(pair,)), slack=0.1, slack_hours=3.0,
                        edits=edits, via=("Izabal",))  # fmt: skip
    again = Scenario.from_record(
        json.loads(write_json(scenario.record(), tmp_path / "s.json").read_text())
    )
    assert again == scenario
    with pytest.raises(DataError, match="compute it again"):
        Scenario.from_record({"profile": "x"})


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


def test_ground_that_an_area_has_not_is_refused(network):
    dry = network.nodes.assign(kind=network.nodes["kind"].astype(str).replace("sea", "junction"))
    with pytest.raises(DataError, match="choose land or all"):
        study_ground(replace(network, nodes=dry), on="water")


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


def test_the_ground_is_what_the_network_covers(network):
    land, water, both = (study_ground(network, on=on) for on in ("land", "water", "all"))
    assert set(land.country) == set(network.area.countries) and set(water.country) == {""}
    assert len(land.cell) + len(water.cell) == len(both.cell)
    square_km = {code: (land.country == code).sum() * 4 for code in network.area.countries}
    # Areas of the countries in the CIA World Factbook, islands and lakes aside.
    for code, area in {"GT": 107_159, "HN": 111_890, "BZ": 22_806, "SV": 20_721}.items():
        assert square_km[code] == pytest.approx(area, rel=0.05)
    with pytest.raises(InputError, match="on"):
        study_ground(network, on="air")
    with pytest.raises(InputError, match="block"):
        study_ground(network, block_m=0)
