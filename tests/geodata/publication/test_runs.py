"""The directory of runs: list, records, index."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from geodata.errors import DataError, InputError
from geodata.publication.runs import Runs

COLUMNS = {"name": "str", "status": "str", "slack": "float", "draws": "int", "result": "str"}
ONE, OTHER = "0" * 16, "f" * 16


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    runs = Runs(tmp_path / "runs")
    runs.prepare()
    runs.add({
        "a": {"name": "a", "file": "f", "address": ONE, "slack": 0.1, "weights.weakness": 0.5},
        "b": {"name": "b", "file": "f", "address": OTHER, "draws": 2},
    })  # fmt: skip
    return runs


def finish(runs: Runs, address: str) -> None:
    runs.tell(address, {"status": "done"})
    runs.result(address).mkdir()
    (runs.result(address) / "result.json").write_text("{}")


def test_the_index_has_a_row_of_its_types_for_each_scenario(runs: Runs) -> None:
    finish(runs, OTHER)
    runs.write_index(COLUMNS)
    table = pd.read_parquet(runs.home / "runs.parquet")
    assert list(table.columns) == [*COLUMNS, "weights.weakness"]
    assert list(table["weights.weakness"].dropna()) == [0.5]
    assert list(table["status"]) == ["pending", "done"]
    assert table["slack"].dtype == "float64" and table["result"][1] == f"results/{OTHER}"
    plain = pd.read_csv(runs.home / "runs.csv")
    assert list(plain["name"]) == ["a", "b"] and plain["draws"][1] == 2


def test_an_index_that_is_as_it_has_to_be_stays(runs: Runs) -> None:
    runs.write_index(COLUMNS)
    before = [(runs.home / name).stat().st_ino for name in ("runs.csv", "runs.parquet")]
    runs.write_index(COLUMNS)
    assert before == [(runs.home / name).stat().st_ino for name in ("runs.csv", "runs.parquet")]
    runs.tell(ONE, {"status": "failed"})
    runs.write_index(COLUMNS)
    assert "failed" in (runs.home / "runs.csv").read_text()


def listed(runs: Runs) -> dict[str, str]:
    return {entry: keys["address"] for entry, keys in runs.scenarios().items()}


def test_a_file_replaces_its_own_scenarios_and_no_others(runs: Runs) -> None:
    runs.add({"c": {"name": "c", "file": "g", "address": ONE}})
    assert listed(runs) == {"a": ONE, "b": OTHER, "c": ONE}
    runs.add({"a": {"name": "a", "file": "f", "address": OTHER}})
    assert listed(runs) == {"a": OTHER, "c": ONE}
    runs.add({"a elsewhere": {"name": "a", "file": "f", "network": "n", "address": ONE}})
    assert listed(runs) == {"a": OTHER, "a elsewhere": ONE, "c": ONE}


def test_a_value_that_is_a_number_here_and_a_text_there_has_a_column_of_texts(runs: Runs) -> None:
    runs.add({
        name: {"name": name, "file": "f", "address": ONE, "modes.sea": value}
        for name, value in (("a", 2), ("b", "none"), ("c", 0.5))
    })  # fmt: skip
    runs.write_index(COLUMNS)
    assert list(pd.read_parquet(runs.home / "runs.parquet")["modes.sea"]) == ["2", "none", "0.5"]


def test_what_is_of_the_past_is_told_as_outdated(runs: Runs) -> None:
    finish(runs, OTHER)
    runs.write_index(COLUMNS, outdated=lambda keys: keys["name"] == "b")
    table = pd.read_csv(runs.home / "runs.csv")
    assert list(table["status"]) == ["pending", "outdated"] and table["result"][1]


def test_a_record_without_its_result_is_none_and_a_result_without_its_record_is_done(
    runs: Runs,
) -> None:
    runs.tell(ONE, {"status": "done", "seconds": 1.0})
    assert runs.record(ONE) == {}
    finish(runs, OTHER)
    (runs.home / "records" / f"{OTHER}.json").unlink()
    assert runs.record(OTHER) == {"status": "done"}


def test_a_directory_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").write_text("mine")
    with pytest.raises(InputError, match=r"no scenarios\.json; name a new"):
        Runs(tmp_path).check()
    with pytest.raises(InputError, match="It is a file"):
        Runs(tmp_path / "thesis.odt").check()


def test_a_directory_that_was_begun_and_no_more_is_one_of_runs(tmp_path: Path) -> None:
    Runs(tmp_path / "runs").prepare()
    Runs(tmp_path / "runs").check()


def test_a_list_that_cannot_be_read_is_told_with_what_to_do(runs: Runs) -> None:
    (runs.home / "scenarios.json").write_text("[1]")
    with pytest.raises(DataError, match=r"remove it, .*results stay"):
        runs.scenarios()
    (runs.home / "scenarios.json").unlink()
    Runs(runs.home).prepare()
    assert Runs(runs.home).scenarios() == {}
