"""All statistics of events on cells together, and the record of them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from geodata.errors import DataError
from routes.studies.validation.cell_test.findings import findings, record
from routes.studies.validation.cell_test.validation import MODEL, Gain, validate
from routes.studies.validation.null_models import (
    BLIND,
    NO_ROADS,
    ROADS,
    STRAIGHT,
)
from routes.studies.validation.sample import COLUMNS
from routes.studies.validation.spatial_bootstrap import Interval
from routes.studies.validation.validation_cells import Placed
from tests.routes.studies.validation.square import AREA, drawn_from, ground, road

SURFACES = {MODEL: road(30), STRAIGHT: road(80), BLIND: road(60), ROADS: road(95)}


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
    ("low", "high", "verdict"), [(0.1, 0.2, "better"), (-0.1, 0.2, "no better"),
                                 (-0.2, -0.1, "worse"), (np.nan, np.nan, "no better")]
)  # fmt: skip
def test_a_verdict_needs_the_whole_interval(low, high, verdict):
    area = Interval(estimate=0.15, low=low, high=high)
    assert Gain(null=STRAIGHT, measure="usage", area=area).verdict == verdict


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
