"""Rulers taken together: what a regression learns of some blocks and says of others."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from geodata.errors import DataError
from routes.studies.validation.place_test.geography import PENALTY, _fit, folds, geography
from routes.studies.validation.place_test.places import ALL_TOWNS
from routes.studies.validation.place_test.surface_reading import Reader
from tests.routes.studies.validation.square import AREA

ROWS, COLUMNS = AREA.shape


def along(cell: np.ndarray) -> np.ndarray:
    """Events near the middle column, as on a road."""
    row = cell // COLUMNS
    return row * COLUMNS + COLUMNS // 2 + cell % 5


ROAD = np.broadcast_to(-np.abs(np.arange(COLUMNS) - COLUMNS // 2), AREA.shape).astype(float)
NOISE = np.random.default_rng(8).uniform(size=AREA.shape)


def share(places, rulers, seed=0):
    reader = Reader(places)
    compared = {name: reader.compare(surface) for name, surface in rulers.items()}
    pooled = geography(reader, rulers, compared, seed=seed)
    assert np.isfinite(pooled.event).all() and np.isfinite(pooled.length).all()
    return pooled.outscored(places.matched()[ALL_TOWNS])


def test_a_ruler_that_events_follow_is_learned(make_places, anywhere):
    places = make_places(along(anywhere(80, 1)), anywhere(300, 2), radius=2)
    assert share(places, {"road": ROAD, "noise": NOISE}).mean() > 0.9
    # The weight finds its sign: a ruler turned round tells as much.
    assert share(places, {"road": -ROAD, "noise": NOISE}).mean() > 0.9


def test_noise_earns_nothing_out_of_its_blocks(make_places, anywhere):
    rulers = {f"noise {k}": np.random.default_rng(k).uniform(size=AREA.shape) for k in range(5)}
    means = [share(make_places(anywhere(60, k), anywhere(300, k + 50)), rulers).mean()
             for k in range(8)]  # fmt: skip
    assert np.mean(means) == pytest.approx(0.5, abs=0.04)


def test_no_fold_sees_a_block_of_its_events(make_places, anywhere):
    places = make_places(anywhere(50, 1), anywhere(300, 2))
    chosen = []
    for own, events, towns in folds(places, seed=0):
        blocks = set(places.events.block[own])
        assert not blocks & set(places.events.block[events])
        assert not blocks & set(places.towns.block[towns])
        assert len(events) and len(towns)
        chosen += own.tolist()
    assert sorted(chosen) == list(range(50))


def test_the_same_seed_gives_the_same_folds_and_another_does_not(make_places, anywhere):
    places = make_places(anywhere(50, 1), anywhere(300, 2))
    rulers = {"road": ROAD, "noise": NOISE}
    one, two, other = (share(places, rulers, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, two)
    assert (one != other).any()


def test_the_fit_is_that_of_every_town_over_the_disc_of_every_event(make_places, anywhere):
    places = make_places(anywhere(12, 1), anywhere(40, 2), radius=np.arange(12) % 3)
    reader = Reader(places)
    columns = [reader.compare(surface) for surface in (ROAD, NOISE)]
    events = np.stack([column.event for column in columns], axis=1)
    towns = np.concatenate([np.stack([column.towns[column.row[k]] for column in columns], axis=1)
                            for k in range(12)])  # fmt: skip
    features = np.concatenate([events, towns])
    weight = np.r_[np.ones(12), np.full(len(towns), 1 / 40)]
    middle = np.average(features, axis=0, weights=weight)
    spread = np.sqrt(np.average((features - middle) ** 2, axis=0, weights=weight))
    model = LogisticRegression(C=PENALTY).fit(
        (features - middle) / spread, np.arange(len(features)) < 12, sample_weight=weight
    )
    weights = _fit(columns, np.arange(12), np.arange(40))
    np.testing.assert_allclose(weights, model.coef_[0] / spread, rtol=1e-3, atol=1e-6)


def test_events_of_a_fold_without_a_town_to_learn_from_have_no_value(make_places):
    """All towns lie in the block of the first event: nothing is learned of it elsewhere."""
    places = make_places([0, 40, 30 * COLUMNS + 40], [1, 2, COLUMNS + 1])
    reader = Reader(places)
    rulers = {"road": ROAD, "noise": NOISE}
    compared = {name: reader.compare(surface) for name, surface in rulers.items()}
    pooled = geography(reader, rulers, compared, seed=0)
    assert np.isnan(pooled.event).tolist() == [True, False, False]
    share = pooled.outscored(places.matched()[ALL_TOWNS])
    assert np.isnan(share).tolist() == [True, False, False]


def test_events_of_one_block_are_refused(make_places):
    with pytest.raises(DataError, match="one spatial block"):
        list(folds(make_places([0, 1, 2], [500, 40 * COLUMNS]), seed=0))
