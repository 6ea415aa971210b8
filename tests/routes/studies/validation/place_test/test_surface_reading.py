"""Events and towns read over discs, against scipy and against chance."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from routes.studies.validation.boyce_auc import placements
from routes.studies.validation.place_test.places import ALL_TOWNS, COUNTRY, DISTRICT, SETTING
from routes.studies.validation.place_test.surface_reading import Reader
from tests.routes.studies.validation.square import AREA


def test_the_mean_share_outscored_is_the_mann_whitney_statistic(make_places, anywhere):
    places = make_places(anywhere(40, 1), anywhere(200, 2))
    surface = np.random.default_rng(3).integers(0, 9, AREA.shape).astype(float)
    compared = Reader(places).compare(surface)
    share = compared.outscored(places.matched()[ALL_TOWNS])
    values = surface.ravel()
    u = mannwhitneyu(values[places.events.cell], values[places.towns.cell]).statistic
    assert share.mean() == pytest.approx(u / 40 / 200)


def test_a_matched_background_has_only_what_matches(make_places, anywhere):
    places = make_places(anywhere(30, 1), anywhere(300, 2))
    compared = Reader(places).compare(np.random.default_rng(3).uniform(size=AREA.shape))
    for name, column in ((COUNTRY, "country"), (SETTING, "setting"), (DISTRICT, "district")):
        share = compared.outscored(places.matched()[name])
        for event, value in enumerate(share):
            own = getattr(places.towns, column) == getattr(places.events, column)[event]
            expected = placements(compared.event[event : event + 1], compared.towns[0, own])
            assert value == pytest.approx(expected[0])


def test_an_event_without_a_match_has_no_share(make_places):
    west, east = 5, AREA.shape[1] - 5
    places = make_places([west, east], [west + 1, west + 2])
    share = Reader(places).compare(np.ones(AREA.shape)).outscored(places.matched()[COUNTRY])
    assert share[0] == 0.5 and np.isnan(share[1])


def test_an_inexact_event_gains_nothing(make_places, anywhere):
    """Events that lie anywhere score by chance, be they known to a cell or to ten."""
    surface = (np.random.default_rng(5).uniform(size=AREA.shape) < 0.01).astype(float)
    for radius in (0, 3, 10):
        places = make_places(anywhere(600, 1), anywhere(400, 2), radius=radius)
        share = Reader(places).compare(surface).outscored(places.matched()[ALL_TOWNS])
        assert share.mean() == pytest.approx(0.5, abs=0.04)


def test_each_event_is_read_over_its_own_disc(make_places, anywhere):
    cells, towns = anywhere(12, 1), anywhere(30, 2)
    surface = np.random.default_rng(4).uniform(size=AREA.shape)
    mixed = Reader(make_places(cells, towns, radius=np.arange(12) % 3)).compare(surface)
    for radius in range(3):
        alone = Reader(make_places(cells, towns, radius=radius)).compare(surface)
        own = np.arange(12) % 3 == radius
        np.testing.assert_array_equal(mixed.event[own], alone.event[own])
        np.testing.assert_array_equal(mixed.towns[radius], alone.towns[0])
        assert (mixed.row[own] == radius).all()
        np.testing.assert_array_equal(mixed.length[own], alone.length[own])


def test_the_length_outscored_counts_every_link_by_its_length(make_places):
    surface = np.arange(AREA.shape[0] * AREA.shape[1], dtype=float).reshape(AREA.shape)
    places = make_places([10], [3])
    places.way_km[:10] = 5.0
    compared = Reader(places).compare(surface)
    assert compared.length[0] == pytest.approx(50.5 / places.way_km.sum())


def test_towns_are_read_once_for_all_events_of_a_disc(make_places, anywhere):
    """A million events and ten thousand towns would be more than memory holds."""
    places = make_places(anywhere(500, 1), anywhere(30, 2), radius=np.arange(500) % 3)
    compared = Reader(places).compare(np.ones(AREA.shape))
    assert compared.towns.shape == (3, 30)
    sizes = {len(codes) for each in places.matched().values() for codes in vars(each).values()}
    assert sizes == {500, 30}


def test_an_event_without_a_value_has_no_share(make_places):
    compared = Reader(make_places([5, 9], [6, 7])).compare(np.ones(AREA.shape))
    compared.event[1] = np.nan
    share = compared.outscored(make_places([5, 9], [6, 7]).matched()[ALL_TOWNS])
    assert share[0] == 0.5 and np.isnan(share[1])
