"""The form of a scenario, in files and in requests."""

from __future__ import annotations

from typing import Any

import pytest

from geodata.entries.forms import read_form
from geodata.errors import DataError
from routes.scenario.forms.scenario_file import FiledScenario
from routes.scenario.forms.scenario_form import Inputs, ScenarioForm

NAMES = [f"Place {number}" for number in range(60)]


@pytest.mark.parametrize("key", ["from", "to", "via", "avoid", "close"])
def test_a_file_may_name_more_than_a_request(key: str) -> None:
    assert read_form(FiledScenario, {key: NAMES}).scenario()
    with pytest.raises(DataError, match=f"^{key}: .*Give at most "):
        read_form(Inputs, {key: NAMES})


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"draws": 100_001}, "draws: 100001. Give .*100,?000"),
        ({"outputs": ["admin", "admin"]}, r"outputs\[1\]: 'admin'. It is given twice"),
        ({"from": ["A", "A"]}, r"from\[1\]: 'A'. It is given twice"),
    ],
)
def test_a_file_has_bounds_of_its_own(keys: dict[str, Any], words: str) -> None:
    with pytest.raises(DataError, match=words):
        read_form(FiledScenario, keys)


@pytest.mark.parametrize("name", ScenarioForm.model_fields)
def test_a_request_has_the_keys_of_a_file(name: str) -> None:
    """Those with bounds of their own in requests are otherwise the same."""
    filed, requested = ScenarioForm.model_fields[name], Inputs.model_fields[name]
    for what in ("alias", "description", "default"):
        assert getattr(filed, what) == getattr(requested, what)
