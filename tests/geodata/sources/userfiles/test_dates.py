"""Dates as people write them; the day is the one that was written, whatever the zone."""

from __future__ import annotations

import pytest

from geodata.sources.userfiles.dates import UnreadableDateError, iso_dates


@pytest.mark.parametrize(
    ("values", "dates"),
    [
        (
            ["2016-03-01", "2016-03", "2016", "", None],
            ["2016-03-01", "2016-03", "2016", None, None],
        ),
        (["2016-03-01T22:00:00-06:00", "2016-03-01 23:59:59+14"], ["2016-03-01"] * 2),
        (["2016-03-01T00:30:00Z", "2016-03-01Z", "2016-03-01-06:00"], ["2016-03-01"] * 3),
        ([2016, 2016.0, float("nan"), "2016.0", "NaT"], ["2016", "2016", None, "2016", None]),
        (["2016/3/1", "2016.03.01", "20160301"], ["2016-03-01"] * 3),
        (["13/02/2016", "01/02/2016"], ["2016-02-13", "2016-02-01"]),
        (["01/02/2016", "02/13/2016 10:00"], ["2016-01-02", "2016-02-13"]),
        (["20161003T233000", "2016-10-03T23", "20161003T23Z", "2016-10-03 23"], ["2016-10-03"] * 4),
        (["05-05-2016", "03/2016"], ["2016-05-05", "2016-03"]),
    ],
)
def test_dates_of_many_hands(values, dates):
    assert iso_dates(values) == dates


@pytest.mark.parametrize(
    ("values", "position", "words"),
    [
        (["2016", "01/02/2016"], 1, "Day and month cannot be told apart"),
        (["13/02/2016", "02/13/2016"], 0, "told apart"),
        (["2016-02-30"], 0, "YYYY-MM-DD"),
        (["30/02/2016"], 0, "YYYY-MM-DD"),
        (["01/02/16"], 0, "YYYY-MM-DD"),
        (["2016-1T"], 0, "YYYY-MM-DD"),
        (["0000"], 0, "YYYY-MM-DD"),
        (["42430"], 0, "YYYY-MM-DD"),
        (["2016", 2016.5], 1, "YYYY-MM-DD"),
        (["2016.10"], 0, "YYYY-MM-DD"),
        (["0016-10-03"], 0, "from 1900 to"),
        (["3 octubre 2016"], 0, "DD/MM/YYYY is read too"),
        (["spring"], 0, "YYYY-MM-DD"),
        ([float("inf")], 0, "YYYY-MM-DD"),
    ],
)
def test_what_is_no_date_is_named(values, position, words):
    with pytest.raises(UnreadableDateError) as caught:
        iso_dates(values)
    assert caught.value.position == position and words in caught.value.remedy


def test_dates_that_contradict_each_other_are_both_named():
    with pytest.raises(UnreadableDateError) as caught:
        iso_dates(["2016", "13/10/2016", "", "10/13/2016"])
    assert (caught.value.position, caught.value.other) == (1, 3)
