"""What costs are made of is bounded in one place, and refused by its key beyond it."""

from __future__ import annotations

import math
from importlib import resources

import numpy as np
import pytest

from geodata.errors import DataError, InputError
from routes.scenario.costs.draws import Uncertainty
from routes.scenario.edits import Edit, parse_strengthening
from routes.scenario.profiles import parse_profile
from routes.scenario.ranges import ARC, DEMAND, FACTOR, HOURS, RATE, THETA, WEIGHT, Range

TEXT = resources.files("routes").joinpath("flows", "cocaine-north.toml").read_text("utf-8")


@pytest.mark.parametrize("span", [RATE, WEIGHT, HOURS, FACTOR, THETA, DEMAND, ARC])
def test_a_range_holds_its_bounds_and_zero_where_that_means_something(span: Range):
    assert span.least in span
    assert span.most in span
    assert (0.0 in span) is span.zero
    beyond = [-1.0, span.least / 2, span.most * 2, 10**400, math.inf, math.nan, True, "1", None]
    assert not any(value in span for value in beyond)
    values = np.array([0.0, span.least, span.most, span.most * 2, np.inf, np.nan])
    np.testing.assert_array_equal(span.holds(values), [span.zero, True, True, False, False, False])
    assert [span.nearest(v) for v in (span.least / 2, span.most * 2)] == [span.least, span.most]


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("rate = 1.3", "rate = 1e-7", "modes.trail.rate"),
        ("rate = 1.3", "rate = 5e5", "modes.trail.rate"),
        ("value = 0.8", "value = 1e5", "weights.remoteness.value"),
        ("hours = 8.0", "hours = 123456.7", "fees.port.hours"),
        ("theta = { value = 1.0", "theta = { value = 1e-9", "choice.theta.value"),
        ("theta = { value", "best_share = { value", "choice.best_share.value"),
        ("entry = 1.0", "entry = 1e5", "destinations[0].entry"),
        ("demand = 0.3", "demand = 1e-9", "origins[1].demand"),
    ],
)
def test_a_profile_beyond_a_range_is_refused_by_its_key(old, new, key):
    assert old in TEXT
    with pytest.raises(DataError) as caught:
        parse_profile(TEXT.replace(old, new, 1))
    assert caught.value.field == key


def test_a_mode_may_cost_nothing():
    assert parse_profile(TEXT.replace("rate = 1.3", "rate = 0")).rates["trail"] == 0


@pytest.mark.parametrize("amount", ["x1e-7", "x1e9", "123456.7", "1e-9"])
def test_a_strengthening_beyond_its_range_is_refused(amount):
    with pytest.raises(InputError, match="close sea") as caught:
        parse_strengthening(f"sea={amount}", field="strengthen")
    assert caught.value.field == "strengthen"


def test_an_edit_is_held_to_the_same_ranges():
    for wrong in ({"factor": 1e4}, {"hours": -1.0}, {"hours": np.inf}, {"factor": np.nan}):
        with pytest.raises(InputError, match="edit"):
            Edit(target="sea", **wrong)
    assert np.isinf(Edit(target="sea", factor=np.inf).factor)


def test_an_uncertainty_beyond_its_range_is_refused():
    with pytest.raises(InputError, match="rates"):
        Uncertainty(rates=10.0)
