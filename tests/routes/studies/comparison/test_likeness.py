"""Which results can be compared, and which draws they share."""

from __future__ import annotations

import pytest

from geodata.errors import DataError, InputError
from geodata.network.header import VERSION
from routes.scenario.costs.draws import Uncertainty
from routes.studies.comparison.likeness import (
    differences,
    require_alike,
    require_logit,
    require_version,
    shared_draws,
)

SCENARIO = {"origins": [{"name": "a"}], "destinations": [], "pairs": [], "edits": [], "slack": 0.1,
            "title": "A"}  # fmt: skip
BASE = {"network": "1f", "vereda": VERSION, "scenario": SCENARIO}


def with_draws(count, **changes):
    return {**BASE, "ensemble": {"draws": count, "seed": 3, **vars(Uncertainty()), **changes}}


def test_results_may_differ_in_edits_slack_and_costs():
    other = {**BASE, "scenario": {**SCENARIO, "edits": ["x"], "slack": 0.2, "title": "B"}}
    require_alike(BASE, other, name="out")
    assert differences(BASE, other) == ["edits", "slack"]


def test_what_else_differs_is_named():
    other = {**BASE, "network": "2e", "scenario": {**SCENARIO, "origins": [{"name": "b"}]}}
    with pytest.raises(DataError, match=r"out.*differs from the base in network and origins"):
        require_alike(BASE, other, name="out")
    with pytest.raises(DataError, match=f"version 0.0, this is {VERSION}"):
        require_version({**BASE, "vereda": "0.0"}, name="out")


def test_shares_are_of_the_flow_and_a_choice_free_of_scale_is_refused():
    shared = {**BASE, "scenario": {**SCENARIO, "shares": [{"origin": "a", "share": 1.0}]}}
    with pytest.raises(DataError, match="differs from the base in shares"):
        require_alike(BASE, shared, name="out")
    require_logit(BASE, name="out")
    with pytest.raises(DataError, match="by the model weibit: results of a logit"):
        require_logit({**BASE, "scenario": {**SCENARIO, "model": "weibit"}}, name="out")


def test_draws_are_as_many_as_all_have():
    draws = shared_draws([with_draws(30), with_draws(20)])
    assert (draws.count, draws.seed, draws.spread) == (20, 3, Uncertainty())
    assert shared_draws([with_draws(30), BASE]).count == 0
    assert shared_draws([with_draws(30), BASE], count=8).count == 8
    assert shared_draws([BASE, BASE], count=8).seed == 1


def test_draws_that_cannot_be_paired_are_refused_unless_none_are_wanted():
    apart = [with_draws(30), with_draws(30, seed=4, links=0.3)]
    with pytest.raises(DataError, match="differ from those before in seed and links"):
        shared_draws(apart)
    assert shared_draws(apart, count=0).count == 0
    with pytest.raises(InputError, match="two at least"):
        shared_draws([BASE, BASE], count=1)
