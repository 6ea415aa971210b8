"""``vereda site`` from end to end, on one short trip."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from click.testing import CliRunner

from cli.main import vereda
from geodata.errors import InputError

TRIP = ("--profile", "migrants-north", "--from", "San Pedro Sula", "--to", "Chiquimula")


def call(network_dir, *words, before=()) -> str:
    arguments = [*before, "site", *TRIP, "--network", network_dir, *words]
    done = CliRunner().invoke(vereda, list(map(str, arguments)), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_exact_and_greedy_stand_side_by_side(network_dir, tmp_path):
    file = tmp_path / "sites.csv"
    printed = call(network_dir, "--budget", 2, "--draws", 2, "--output", file)
    assert "exact" in printed and "greedy" in printed and "chosen in 2 draws" in printed
    rows = pd.read_csv(file)
    assert rows["budget"].tolist() == [1, 2] and (rows["gap"] <= 1e-3).all()
    assert rows["places"].iloc[0] in printed


def test_machines_read_the_same(network_dir):
    report = json.loads(call(network_dir, "--budget", 1, before=("--json", "-q")))
    (row,) = report["budgets"]
    assert row["hours_added"] >= 0 and report["guaranteed"] is False and report["chosen"] == []


def test_a_file_that_is_there_is_not_replaced_and_a_budget_of_none_is_refused(
    network_dir, tmp_path
):
    file = tmp_path / "sites.csv"
    file.write_text("mine")
    with pytest.raises(InputError, match="It is there already"):
        call(network_dir, "--output", file)
    done = CliRunner().invoke(vereda, ["site", "--budget", "0"])
    assert done.exit_code == 2 and "budget" in done.output
