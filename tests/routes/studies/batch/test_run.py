"""Addresses of runs."""

from __future__ import annotations

from typing import Any

from geodata.entries.forms import read_form
from routes.scenario.forms.scenario_file import FiledScenario
from routes.studies.batch.run import Run


def address(digest: str = "n", name: str = "x", **keys: Any) -> str:
    form = read_form(FiledScenario, keys)
    return Run(
        name=name, form=form, scenario=form.scenario(), network="network", digest=digest
    ).address


def test_what_decides_the_result_decides_the_address() -> None:
    assert address() == address(name="y") == address(seed=5) == address(slack=0.15)
    others = {
        address("m"), address(slack=0.2), address(close=["A"]), address(draws=2),
        address(draws=2, seed=5), address(outputs=["map"]), address(profile="migrants-north"),
    }  # fmt: skip
    assert len(others | {address()}) == 8


def test_the_order_of_outputs_does_not_matter() -> None:
    assert address(outputs=["map", "admin"]) == address(outputs=["admin", "map"])
