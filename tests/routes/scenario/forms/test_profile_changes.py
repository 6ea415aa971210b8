"""Changes to a flow profile in a scenario."""

from __future__ import annotations

from dataclasses import replace

import pytest

from geodata.entries.forms import read_form
from geodata.errors import DataError, InputError
from routes.scenario.forms.profile_changes import (
    ChoiceChanges,
    FeeChanges,
    ProfileChanges,
    WeightChanges,
)
from routes.scenario.forms.scenario_form import ScenarioForm
from routes.scenario.keys.profile_form import ProfileForm
from routes.scenario.profiles import is_shipped, load_profile

SECTIONS = {"weights": WeightChanges, "fees": FeeChanges, "choice": ChoiceChanges}
WARY = {"value": 2.5, "source": "assumption: a trial"}


def test_what_is_changed_has_its_source_and_the_rest_stays() -> None:
    changes = {
        "base": "cocaine-north", "weights": {"weakness": WARY},
        "choice": {"best_share": {"value": 0.4, "source": "assumption"}},
    }  # fmt: skip
    flow = read_form(ScenarioForm, {"profile": changes}).scenario().profile
    base = load_profile("cocaine-north")
    assert flow.weights == {"remoteness": base.weights["remoteness"], "weakness": 2.5}
    assert flow.sources["weights.weakness"] == WARY["source"]
    assert (flow.theta, flow.best_share) == (None, 0.4)
    assert "choice.theta" not in flow.sources and "choice.best_share" in flow.sources
    assert (flow.rates, flow.origins, flow.name) == (
        base.rates, base.origins, "cocaine-north, changed",
    )  # fmt: skip


@pytest.mark.parametrize(("named", "model"), [({}, "weibit"), ({"model": "logit"}, "logit")])
def test_a_theta_is_of_the_model_of_the_base_unless_it_names_another(
    named: dict, model: str
) -> None:
    form = read_form(ProfileChanges, {"base": "own", "choice": {"theta": WARY, **named}})
    base = replace(load_profile("cocaine-north"), model="weibit", theta=8.0)
    assert (form.of(base).model, form.of(base).theta) == (model, 2.5)
    schema = ProfileChanges.model_json_schema()["$defs"]["ChoiceChanges"]
    assert schema["properties"]["model"]["default"] is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"weights": {"weaknes": WARY}}, "profile.weights.weaknes: .*Did you mean 'weakness'"),
        ({"weights": {"weakness": {"value": 1.0}}}, "profile.weights.weakness.source: None"),
        ({"modes": {"sea": {"rate": -1.0, "source": "x"}}}, "profile.modes.sea.rate: -1.0"),
    ],
)
def test_a_wrong_change_is_told_by_its_path(changes: dict, words: str) -> None:
    with pytest.raises(DataError, match=words):
        read_form(ScenarioForm, {"profile": {"base": "cocaine-north", **changes}})


def test_an_unknown_base_is_told_with_the_nearest() -> None:
    form = read_form(ScenarioForm, {"profile": {"base": "cocaine-nort"}})
    with pytest.raises(InputError, match=r"profile\.base: .*Did you mean 'cocaine-north'"):
        form.scenario()


def test_ends_of_a_shipped_profile_are_known_in_one_that_changes_it() -> None:
    form = read_form(ScenarioForm, {"profile": {"base": "cocaine-north", "name": "wary"}})
    profile = form.scenario().profile
    assert is_shipped(profile.origins) and is_shipped(profile.destinations)
    assert not is_shipped(profile.origins[:1])


def test_a_title_stays_where_the_ends_are_others() -> None:
    changes = {"base": "cocaine-north", "title": "Wary traffickers"}
    form = read_form(ScenarioForm, {"profile": changes, "from": ["Tela"]})
    assert form.scenario().profile.title == "Wary traffickers"


@pytest.mark.parametrize("section", SECTIONS)
def test_whatever_a_profile_has_can_be_changed(section: str) -> None:
    """A fee or weight that is new in profiles is new in changes to them, or fails here."""
    full = ProfileForm.model_fields[section].annotation
    changes = SECTIONS[section].model_fields
    assert changes.keys() == full.model_fields.keys()
    assert not any(field.is_required() for field in changes.values())
