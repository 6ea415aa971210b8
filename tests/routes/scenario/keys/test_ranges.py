"""What costs are made of is bounded in one place, and refused by its key beyond it."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from importlib import resources

import numpy as np
import pytest

from geodata.errors import DataError, InputError
from routes.scenario.costs.draws import Uncertainty
from routes.scenario.demand import Pair, Share
from routes.scenario.edits import Edit, parse_strengthening
from routes.scenario.keys.ranges import (
    ARC,
    DEMAND,
    FACTOR,
    HOURS,
    PORTION,
    RATE,
    THETA,
    WEIGHT,
    Range,
)
from routes.scenario.profiles import parse_profile
from routes.scenario.scenario import Scenario
from routes.studies.sensitivity import parameters, scale_parameters

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


COCAINE = parse_profile(TEXT)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rates": {"road": 1e300}}, "rates.road"),
        ({"rates": {"road": -1}}, "rates.road"),
        ({"rates": {"road": "1"}}, "rates.road"),
        ({"rates": {"raod": 1.0}}, "rates.raod"),
        ({"rates": None}, "rates"),
        ({"weights": {"remoteness": 1.0}}, "weights.weakness"),
        ({"fees": {**COCAINE.fees, "port": math.nan}}, "fees.port"),
        ({"theta": 1e300}, "theta"),
        ({"theta": None}, "theta"),
        ({"theta": None, "best_share": 1.0}, "best_share"),
        ({"title": 3}, "title"),
        ({"origins": "Tela"}, "origins"),
        ({"pairs": (3,)}, "pairs"),
        ({"shares": (3,)}, "shares"),
        ({"model": "probit"}, "model"),
        ({"model": None}, "model"),
    ],
)
def test_a_profile_of_a_notebook_is_held_to_the_same_ranges(change, field):
    with pytest.raises(InputError) as caught:
        replace(COCAINE, **change)
    assert caught.value.field == field


def test_ends_of_a_notebook_are_held_to_the_same_ranges():
    origin = COCAINE.origins[0]
    for change in ({"demand": -1.0}, {"demand": math.inf}, {"entry": 1e300}, {"entry": "1"}):
        with pytest.raises(InputError, match=f"{origin.name}.{next(iter(change))}: "):
            replace(origin, **change)
    with pytest.raises(InputError, match=r"pair.demand: 0\."):
        Pair(origin="a", destination="b", demand=0)
    for share in (0, 1.5, -1.0, math.nan, "1"):
        with pytest.raises(InputError, match=r"share\.share: "):
            Share(origin="a", destinations=("b",), share=share)
    for destinations in ((), "b", (3,)):
        with pytest.raises(InputError, match=r"share\.destinations: "):
            Share(origin="a", destinations=destinations, share=1.0)


def test_small_shares_of_small_demand_may_be_parted_and_moved():
    """By shares, by places and by means, flow falls below what a file may give."""
    origins = (replace(COCAINE.origins[0], demand=DEMAND.least),
               replace(COCAINE.origins[1], demand=DEMAND.most))  # fmt: skip
    names = [(end.name,) for end in COCAINE.destinations[:2]]
    shares = (
        Share(origin=origins[0].name, destinations=names[0], share=PORTION.least),
        Share(origin=origins[0].name, destinations=names[1], share=1 - PORTION.least),
        Share(origin=origins[1].name, destinations=names[1], share=1.0),
    )
    profile = replace(COCAINE, origins=origins, shares=shares)
    parts = [replace(origins[0], demand=each.demand / 500) for each in profile.demands()]
    assert min(part.demand for part in parts) == pytest.approx(2e-15)
    moved = Scenario(profile=profile.between([COCAINE.origins[2]]))
    assert moved.profile.shares[0].share == pytest.approx(1e-18)
    assert Scenario.from_record(json.loads(json.dumps(moved.record()))) == moved


def test_profiles_of_a_sensitivity_stay_within_the_ranges():
    rates = {**COCAINE.rates, "trail": RATE.most, "sea": RATE.least}
    dear = replace(COCAINE, rates=rates)
    most, least = (scale_parameters(dear, parameters(dear), np.full(99, f)[: len(parameters(dear))])
                   for f in (1.5, 1 / 1.5))  # fmt: skip
    assert most.rates["trail"] == RATE.most and most.rates["sea"] == 1.5 * RATE.least
    assert least.rates["sea"] == RATE.least and least.rates["trail"] < RATE.most


def sharing(**changes: object) -> dict[str, object]:
    """A share of a record."""
    names = {"origin": COCAINE.origins[0].name, "destinations": [COCAINE.destinations[0].name]}
    return {**names, "share": 1.0, **changes}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (
            {"origins": [{"name": "a", "at": {"layer": "border", "country": 3}}]},
            "origins[0].demand",
        ),
        ({"origins": []}, "origins"),
        ({"destinations": 3}, "destinations"),
        ({"pairs": [{"origin": "a", "destination": "b", "demand": 1}]}, "pairs[0].origin"),
        ({"shares": [{"origin": "a", "destinations": ["b"], "share": 1}]}, "shares[0].origin"),
        ({"shares": [sharing(destinations=["b"])]}, "shares[0].destinations"),
        ({"shares": [sharing(destinations=[])]}, "shares[0].destinations"),
        ({"shares": [sharing(), sharing()]}, "shares[1].destinations"),
        ({"shares": [sharing(share=0.5)]}, "shares"),
        ({"shares": [sharing(share=2)]}, "shares[0].share"),
        ({"shares": 3}, "shares"),
        ({"model": "probit"}, "model"),
        ({"model": 3}, "model"),
        ({"theta": "x"}, "theta"),
        ({"rates": {"road": 1e300}}, "rates.road"),
        ({"rates": [1]}, ""),
        ({"edits": [3]}, ""),
        ({"edits": [{"target": "a", "factor": 1e300, "hours": 0}]}, "edit"),
        ({"via": 3}, ""),
        ({"slack": "x"}, ""),
        ({"slack_hours": "x"}, "slack_hours"),
        ({"title": None}, "title"),
    ],
)
def test_a_record_of_somebody_else_is_held_to_them_too(change, field):
    record = Scenario(profile=COCAINE).record()
    with pytest.raises(DataError, match="compute it again: vereda corridors") as caught:
        Scenario.from_record({**record, **change})
    assert caught.value.field == f"scenario.{field}".rstrip(".")


@pytest.mark.parametrize("key", [("country", 3), ("layer", "moon"), ("layer", None), ("x", 1.0)])
def test_where_an_end_of_a_record_is_must_be_a_place(key):
    record = Scenario(profile=COCAINE).record()
    at = {"layer": "port", **dict([key])}
    record["destinations"][0]["at"] = at
    with pytest.raises(DataError, match=r"scenario.destinations\[0\].at"):
        Scenario.from_record(record)


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
