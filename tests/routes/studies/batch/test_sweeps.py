"""Sweeps: lists and grids of scenarios, and where in the file an error lies."""

from __future__ import annotations

from typing import Any

import pytest

from geodata.errors import DataError
from routes.studies.batch.sweeps import sweep


def names(tables: dict[str, Any]) -> list[str]:
    return [draft.name for draft in sweep(tables, name="trial")]


def test_a_file_without_list_or_grid_is_one_scenario() -> None:
    assert names({"slack": 0.1}) == ["trial"]
    assert names({"name": "mine"}) == ["mine"]


def test_a_list_changes_what_all_share() -> None:
    drafts = sweep(
        {"slack": 0.1, "close": ["A"], "scenario": [{"name": "x"}, {"slack": 0.3}]}, name="trial"
    )
    assert [draft.name for draft in drafts] == ["x", "trial 2"]
    forms = [draft.form() for draft in drafts]
    assert [form.slack for form in forms] == [0.1, 0.3] and forms[1].close == ["A"]


def test_a_grid_is_every_combination_with_its_values_in_the_names() -> None:
    grid = {"profile": ["cocaine-north", "migrants-north"], "close": [[], ["A", "B"]]}
    assert names({"grid": grid}) == [
        "trial, profile cocaine-north, close none",
        "trial, profile cocaine-north, close A + B",
        "trial, profile migrants-north, close none",
        "trial, profile migrants-north, close A + B",
    ]


def test_a_grid_may_change_a_value_of_a_named_profile() -> None:
    values = [{"value": value, "source": "assumption"} for value in (0.5, 1.5)]
    tables = {"profile": "migrants-north", "grid": {"profile": {"weights": {"weakness": values}}}}
    drafts = sweep(tables, name="trial")
    assert [draft.name for draft in drafts] == ["trial, weakness 0.5", "trial, weakness 1.5"]
    weights = [draft.form().scenario().profile.weights["weakness"] for draft in drafts]
    assert weights == [0.5, 1.5]


def test_values_that_look_alike_are_numbered() -> None:
    assert names({"grid": {"from": [["x" * 50], ["y" * 50]]}}) == ["trial, from 1", "trial, from 2"]


def test_names_that_would_be_too_long_have_numbers() -> None:
    grid = {key: [["x" * 30, "y"], ["z" * 30]] for key in ("from", "to", "via", "avoid", "close")}
    drafts = sweep({"grid": grid}, name="trial")
    assert drafts[0].name == "trial, from 1, to 1, via 1, avoid 1, close 1"
    assert drafts[0].form() and len({draft.name for draft in drafts}) == 32


def test_the_label_of_a_value_is_no_source() -> None:
    values = [{"source": "a", "value": 0.5}, {"source": "a", "value": 1.5}]
    drafts = sweep({"grid": {"profile": {"weights": {"weakness": values}}}}, name="trial")
    assert [draft.name for draft in drafts] == ["trial, weakness 0.5", "trial, weakness 1.5"]
    assert [draft.varied for draft in drafts] == [
        {"profile.weights.weakness": 0.5}, {"profile.weights.weakness": 1.5},
    ]  # fmt: skip


def test_the_name_of_a_file_is_that_of_all_its_scenarios() -> None:
    assert names({"name": "mine", "scenario": [{}, {"name": "x"}, {}]}) == ["mine 1", "x", "mine 3"]


def test_the_limit_is_for_several_files_together() -> None:
    with pytest.raises(DataError, match=r"grid: 12\. At most 11 .*, 10 of files before"):
        sweep({"grid": {"slack": [0.1, 0.2]}}, name="trial", most=11, before=10)


@pytest.mark.parametrize(
    ("tables", "place"),
    [
        ({"profile": "x"}, "profile"),
        ({"profile": {"base": "x"}}, "profile.base"),
        ({"scenario": [{"profile": "x"}]}, "scenario[0].profile"),
        ({"profile": {"base": "x"}, "scenario": [{"profile": "y"}]}, "scenario[0].profile"),
    ],
)
def test_a_wrong_base_of_what_a_grid_changes_is_told_where_it_stands(
    tables: dict[str, Any], place: str
) -> None:
    values = [{"value": 0.5, "source": "assumption"}]
    (draft,) = sweep({**tables, "grid": {"profile": {"weights": {"weakness": values}}}}, name="a")
    assert draft.origin("profile.base") == place


def test_too_many_are_counted_before_they_are_made() -> None:
    grid = {key: list(range(1000)) for key in ("slack", "seed", "draws", "slack_hours")}
    with pytest.raises(DataError, match=r"grid: 1000000000000\. At most 10,000 .*--most"):
        sweep({"grid": grid}, name="trial")


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ({"slak": 1}, "slak: 1. Did you mean 'slack'"),
        ({"grids": {}}, "grids: .*Did you mean 'grid'"),
        ({"grid": {"slack": 0.1}}, "grid.slack: 0.1. Give a list"),
        ({"grid": {"slack": []}}, r"grid.slack: \[\]. Give a list"),
        ({"grid": {"slack": {"deep": [1]}}}, "grid.slack: .*Give a number"),
        (
            {"slack": 0.1, "grid": {"slack": {"deep": [1]}}},
            "grid.slack.deep: 0.1. slack is no table",
        ),
        ({"scenario": []}, r"scenario: \[\]. Give at least 1"),
    ],
)
def test_a_wrong_file_is_told_by_its_key(tables: dict[str, Any], words: str) -> None:
    with pytest.raises(DataError, match=words):
        [draft.form() for draft in sweep(tables, name="trial")]


@pytest.mark.parametrize(
    ("tables", "place"),
    [
        ({"slack": 9.0}, "slack"),
        ({"scenario": [{}, {"slack": 9.0}]}, r"scenario\[1\].slack"),
        ({"grid": {"slack": [0.1, 9.0]}}, r"grid.slack\[1\]"),
        ({"grid": {"close": [[], ["A", 5]]}}, r"grid.close\[1\]\[1\]"),
        ({"grid": {"outputs": [["admin"], ["mpa"]]}}, r"grid.outputs\[1\]\[0\]"),
    ],
)
def test_a_wrong_value_is_told_where_it_stands(tables: dict[str, Any], place: str) -> None:
    with pytest.raises(DataError, match=f"^{place}: "):
        [draft.form() for draft in sweep(tables, name="trial")]


THETAS = [{"value": value, "source": "assumption"} for value in (5.0, 8.0)]


@pytest.mark.parametrize(
    "choice", [{"model": "weibit"}, {"model": "weibit", "best_share": {**THETAS[0], "value": 0.4}}]
)
def test_a_grid_completes_or_replaces_the_choice_that_its_file_shares(choice: Any) -> None:
    tables = {"profile": {"base": "migrants-north", "choice": choice},
              "grid": {"profile": {"choice": {"theta": THETAS}}}}  # fmt: skip
    flows = [draft.form().scenario().profile for draft in sweep(tables, name="trial")]
    assert [(flow.model, flow.theta, flow.best_share) for flow in flows] == [
        ("weibit", 5.0, None), ("weibit", 8.0, None),
    ]  # fmt: skip


def test_a_grid_that_gives_both_dispersions_is_refused() -> None:
    both = {"theta": THETAS, "best_share": [{**THETAS[0], "value": 0.4}]}
    drafts = sweep({"grid": {"profile": {"choice": both}}}, name="trial")
    with pytest.raises(DataError, match="either theta or best_share"):
        drafts[0].form()


def test_a_shared_name_is_checked_though_scenarios_have_their_own() -> None:
    with pytest.raises(DataError, match=r"^name: 5"):
        sweep({"name": 5, "scenario": [{"name": "x"}]}, name="trial")
