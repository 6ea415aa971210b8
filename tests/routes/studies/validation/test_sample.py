"""What a sample of events bears."""

from __future__ import annotations

import pytest

from routes.studies.validation.sample import Sample, estimated, verdict
from routes.studies.validation.spatial_bootstrap import Interval


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


@pytest.mark.parametrize(("low", "error"), [(0.0004, 0.0), (0.004, 0.005)])
def test_a_bound_that_is_none_as_printed_or_of_another_seed_is_no_verdict(low, error):
    assert verdict(Interval(estimate=0.1, low=low, high=0.2, error=error)) == "no better"
    assert verdict(Interval(estimate=-0.1, low=-0.2, high=-low, error=error)) == "no better"


def test_under_five_blocks_there_is_no_interval():
    value = Interval(estimate=0.5, low=0.4, high=0.6)
    few, enough = (estimated(value, Sample(events=40, blocks=blocks)) for blocks in (4, 5))
    assert (few["low"], few["high"]) == (None, None) and few["blocks"] == 4
    assert (enough["low"], enough["high"]) == (0.4, 0.6)
