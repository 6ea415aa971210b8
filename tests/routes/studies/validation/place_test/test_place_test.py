"""The test at places: gains that are there are seen, others are not."""

from __future__ import annotations

import json

import numpy as np
import pytest

from geodata.errors import DataError
from routes.studies.validation.place_test import place_findings
from routes.studies.validation.place_test.answers import (
    ANSWER,
    GATEWAY,
    HOURS,
    USAGE,
    WAY,
    WEIGHTLESS,
    Answer,
)
from routes.studies.validation.place_test.geography import GEOGRAPHY
from routes.studies.validation.place_test.place_findings import place_record
from routes.studies.validation.place_test.place_test import (
    FINER,
    Surfaces,
    compare_at_places,
)
from routes.studies.validation.place_test.places import ALL_TOWNS, COUNTRY
from routes.studies.validation.spatial_bootstrap import Draws
from tests.routes.studies.validation.square import AREA

ROWS, COLUMNS = AREA.shape
ROAD = np.exp(-np.abs(np.arange(COLUMNS) - COLUMNS // 2) / 10) * np.ones((ROWS, 1))
NOISE = np.random.default_rng(8).uniform(size=AREA.shape)


def surfaces(network, *, answer=ROAD, twin=NOISE, ruler=NOISE) -> Surfaces:
    none = np.zeros(len(network.gateways))
    return Surfaces(
        answer=Answer(cell=answer, gateway=none.copy()), usage=answer,
        twins={WEIGHTLESS: Answer(cell=twin, gateway=none),
               HOURS: Answer(cell=NOISE, gateway=none)},
        rulers={"ruler": ruler, "other": np.random.default_rng(3).uniform(size=AREA.shape)},
    )  # fmt: skip


class Gateways:
    """The part of a network that surfaces look at, on the square."""

    def __init__(self) -> None:
        import geopandas as gpd

        self.area = AREA
        self.gateways = gpd.GeoDataFrame(
            {"kind": ["port", "port"]}, geometry=gpd.points_from_xy([-87.5, -86.5], [15, 15])
        )
        self.gateway_shapes = self.gateways.geometry.to_numpy()


@pytest.fixture
def square():
    return Gateways()


def events_on_road(n, seed=1):
    rng = np.random.default_rng(seed)
    return rng.integers(0, ROWS, n) * COLUMNS + COLUMNS // 2 + rng.integers(-3, 4, n)


def figure(test, **columns):
    (one,) = test.select(**columns)
    return one


def test_an_answer_that_knows_more_than_the_map_is_better(square, make_places, anywhere):
    places = make_places(events_on_road(60), anywhere(300, 2), radius=2)
    test = compare_at_places(square, places, surfaces(square), draws=200)
    record = place_record(test)
    auc = figure(test, statistic="auc", of=ANSWER, background=ALL_TOWNS, country="", role="")
    assert auc.value.estimate > 0.9 and auc.sample.events == 60
    for null in (GEOGRAPHY, WEIGHTLESS):
        assert f"better than {null}" in record["headline"]
        gain = figure(test, statistic="gain", background=ALL_TOWNS, of=ANSWER, against=null,
                      country="", role="")  # fmt: skip
        other = figure(test, statistic="auc", of=null, background=ALL_TOWNS, country="", role="")
        assert gain.value.estimate == pytest.approx(auc.value.estimate - other.value.estimate)
        assert gain.value.low > 0.2


def test_an_answer_that_is_a_ruler_gains_nothing(square, make_places, anywhere):
    places = make_places(events_on_road(60), anywhere(300, 2), radius=2)
    test = compare_at_places(square, places, surfaces(square, twin=ROAD, ruler=ROAD), draws=200)
    gain = figure(test, statistic="gain", background=ALL_TOWNS, of=ANSWER, against=WEIGHTLESS,
                  country="", role="")  # fmt: skip
    assert (gain.value.low, gain.value.estimate, gain.value.high) == (0, 0, 0)
    assert f"no better than {GEOGRAPHY}" in place_record(test)["headline"]


def test_every_surface_has_every_statistic(square, make_places, anywhere):
    places = make_places(events_on_road(60), anywhere(300, 2))
    test = compare_at_places(square, places, surfaces(square), draws=50)
    names = {ANSWER, WAY, GATEWAY, USAGE, WEIGHTLESS, HOURS, "ruler", "other", GEOGRAPHY}
    for background in places.matched():
        rows = test.select(statistic="auc", background=background, country="", role="")
        assert {row.of for row in rows} == names
        gains = test.select(statistic="gain", background=background, country="", role="")
        assert {row.against for row in gains} == names - {ANSWER, WAY, GATEWAY, USAGE}
    tops = [f"captured in top {share}% of length" for share in (5, 10, 20)]
    for statistic in ("smoothed boyce index", *tops):
        assert {row.of for row in test.select(statistic=statistic)} == names
    captured = [figure(test, statistic=top, of=WAY).value.estimate for top in tops]
    assert captured[2] == 1.0 and captured == sorted(captured)
    assert {row.country for row in test.select(statistic="auc", background=COUNTRY)} == {
        "", "GT", "HN",
    }  # fmt: skip


def test_countries_with_few_events_get_intervals_only(square, make_places, anywhere):
    places = make_places(events_on_road(40), anywhere(300, 2))
    record = place_record(compare_at_places(square, places, surfaces(square), draws=50))
    for row in record["findings"]:
        assert (row["estimate"] is None) == bool(row["country"])
        assert row["words"].startswith("not validated") == bool(row["country"])
    few = place_record(compare_at_places(square, make_places(events_on_road(20), anywhere(90, 2)),
                                         surfaces(square), draws=50))  # fmt: skip
    assert few["headline"].startswith("At places not validated: 20 events")
    assert all(row["estimate"] is None for row in few["findings"])
    assert json.loads(json.dumps(few, allow_nan=False)) == few


def test_roles_are_judged_by_ways_or_by_gateways(square, make_places, anywhere):
    places = make_places(events_on_road(60), anywhere(300, 2))
    places.role[:] = np.where(np.arange(60) % 2, "transit", "ports")
    places.xy[:30] = np.c_[AREA.project(-87.5, 15.0)]
    made = surfaces(square)
    made.answer.gateway[:] = (1.0, 0.5)
    test = compare_at_places(square, places, made, draws=50)
    ways = figure(test, role="transit", statistic="auc")
    assert ways.of == WAY and ways.sample.events == 30
    ranks = figure(test, role="ports", statistic="rank within kind")
    assert (ranks.value.estimate, ranks.sample.events) == (1.0, 15)
    gains = test.select(role="ports", statistic="gain")
    assert [(row.against, row.value.estimate) for row in gains] == [(WEIGHTLESS, 0.5), (HOURS, 0.5)]


def test_events_without_geography_are_left_out_of_it_and_counted(square, make_places):
    """All towns lie in one block, that of ten of the events."""
    events = np.r_[np.arange(10), np.arange(20, 60)]
    test = compare_at_places(square, make_places(events, np.arange(10) + COLUMNS),
                             surfaces(square), draws=50)  # fmt: skip
    for statistic, of in (("auc", GEOGRAPHY), ("smoothed boyce index", GEOGRAPHY), ("auc", WAY),
                          ("captured in top 5% of length", GEOGRAPHY)):  # fmt: skip
        (row, *_) = test.select(statistic=statistic, of=of)
        assert row.sample.events == (50 if of == WAY else 40)
    (gain,) = test.select(statistic="gain", background=ALL_TOWNS, against=GEOGRAPHY, country="")
    assert gain.sample.events == 40
    assert f"against {GEOGRAPHY} not validated: 40 events, but in" in "".join(
        place_findings._gain(gain, test.sample)
    )


def test_gains_of_the_headline_have_more_draws(square, make_places, anywhere, monkeypatch):
    drawn = []
    of = Draws.of
    monkeypatch.setattr(Draws, "of", lambda *each, draws, seed: drawn.append(draws) or of(
        *each, draws=draws, seed=seed))  # fmt: skip
    places = make_places(events_on_road(40), anywhere(90, 2))
    compare_at_places(square, places, surfaces(square), draws=20)
    assert set(drawn) == {20, 20 * FINER}


def test_without_a_town_there_is_no_test(square, make_places):
    with pytest.raises(DataError, match="No town of the districts"):
        compare_at_places(square, make_places([3, 5000], []), surfaces(square))
