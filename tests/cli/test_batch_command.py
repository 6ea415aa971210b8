"""``vereda batch``: what is out of date is computed, each in its process, and all is indexed."""

from __future__ import annotations

import errno
import json
import os
import signal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

from cli import batch_work
from cli.main import vereda
from geodata.errors import DataError, InputError
from geodata.formats.files.store import sha256
from geodata.publication.runs import Runs
from routes.studies import ensemble

TEXT = """
from = ["Ayton"]
to = ["Ceeford"]
outputs = ["corridors"]
[grid]
profile = ["migrants-north", "contraband-west"]
slack = [0.05, 0.1]
"""


class Desk:
    """An operator with a file of scenarios and a directory of runs."""

    def __init__(self, home: Path, network: Path) -> None:
        self.file, self.output, self.network = home / "trial.toml", home / "runs", network
        self.store = Runs(self.output)
        self.file.write_text(TEXT)

    def batch(self, *options: object) -> tuple[int, Any]:
        words = ["--json", "batch", self.file, "--output", self.output, "--network", self.network]
        run = CliRunner().invoke(vereda, [*map(str, (*words, *options))])
        if run.exception and not isinstance(run.exception, SystemExit):
            raise run.exception
        return run.exit_code, json.loads(run.stdout)

    def results(self) -> dict[str, str]:
        """Hashes of all files of results."""
        home = self.output / "results"
        files = [path for path in sorted(home.rglob("*")) if path.is_file()]
        return {str(path.relative_to(home)): sha256(path) for path in files}


@pytest.fixture
def desk(tmp_path: Path, isle_dir: Path) -> Desk:
    return Desk(tmp_path, isle_dir)


def test_a_batch_from_nothing_to_a_second_call(desk: Desk, tmp_path: Path) -> None:
    code, planned = desk.batch("--dry-run")
    assert code == 0 and not desk.output.exists()
    assert [each["reason"] for each in planned["due"]] == ["it is new"] * 4

    code, told = desk.batch("--processes", 2)
    assert (code, told["failed"], len(told["computed"])) == (0, 0, 4)
    table = pd.read_parquet(desk.output / "runs.parquet")
    assert list(table["name"]) == sorted(each["name"] for each in planned["due"])
    assert set(table["status"]) == {"done"} and (table["seconds"] > 0).all()
    assert set(table["slack"]) == {0.05, 0.1} and set(table["from"]) == {"Ayton"}
    assert len(pd.read_csv(desk.output / "runs.csv")) == 4
    first = table.iloc[0]
    assert {path.name for path in (desk.output / first["result"]).iterdir()} == {
        "corridors.geojson", "corridors.qml", "result.json",
    }  # fmt: skip
    assert first["name"] in desk.store.log(first["address"]).read_text()

    # The same result as that of the command for one scenario.
    CliRunner().invoke(vereda, [*map(str, (
        "corridors", "--network", desk.network, "--profile", first["profile"], "--from", "Ayton",
        "--to", "Ceeford", "--slack", first["slack"], "--output", tmp_path / "out",
    ))], catch_exceptions=False)  # fmt: skip
    ours, theirs = (
        sha256(home / "corridors.geojson")
        for home in (desk.output / first["result"], tmp_path / "out")
    )
    assert ours == theirs

    before = desk.results()
    _, planned = desk.batch("--dry-run")
    assert planned["due"] == [] and len(planned["up_to_date"]) == 4
    code, told = desk.batch()
    assert (code, told["computed"]) == (0, []) and desk.results() == before

    desk.file.write_text(TEXT.replace("0.05", "0.06"))
    _, planned = desk.batch("--dry-run")
    assert [each["reason"] for each in planned["due"]] == ["it is new"] * 2
    assert planned["seconds"] > 0
    desk.file.write_text(TEXT.replace("Ayton", "Beeville"))
    _, planned = desk.batch("--dry-run")
    assert [each["reason"] for each in planned["due"]] == ["its scenario changed"] * 4


def test_one_that_fails_stops_no_other_and_its_code_is_that_of_the_batch(desk: Desk) -> None:
    desk.file.write_text(TEXT.replace("slack = [0.05, 0.1]", 'close = [[], ["Midgat"]]'))
    code, told = desk.batch()
    assert (code, told["failed"]) == (2, 2)
    status = {row["name"]: row for row in told["runs"]}
    assert status["trial, profile migrants-north, close none"]["status"] == "done"
    wrong = status["trial, profile migrants-north, close Midgat"]
    assert wrong["status"] == "failed" and "close: 'Midgat'. No place" in wrong["error"]
    _, planned = desk.batch("--dry-run")
    assert [each["reason"] for each in planned["due"]] == ["it failed"] * 2


def test_scenarios_that_come_to_the_same_are_computed_once(desk: Desk) -> None:
    desk.file.write_text(TEXT.replace("slack = [0.05, 0.1]", "seed = [1, 2, 3]"))
    code, told = desk.batch()
    assert code == 0 and len(told["computed"]) == 2 and len(told["runs"]) == 6
    assert {row["status"] for row in told["runs"]} == {"done"}


def test_one_whose_process_dies_is_begun_again(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compute = ensemble.run_with_draws

    def dying(*given: Any, **more: Any) -> Any:
        try:
            (tmp_path / "died").touch(exist_ok=False)
        except FileExistsError:
            return compute(*given, **more)
        return os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(ensemble, "run_with_draws", dying)
    code, told = desk.batch()
    assert (code, told["failed"]) == (0, 0) and (tmp_path / "died").exists()


def test_one_whose_process_always_dies_fails_with_the_signal(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        ensemble, "run_with_draws", lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
    )
    monkeypatch.setattr(batch_work, "TRIES", 2)
    code, told = desk.batch()
    assert (code, told["failed"]) == (70, 4)
    assert "signal 9, 2 times" in told["runs"][0]["error"]


def test_a_fault_is_told_and_its_trace_is_in_the_log(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ensemble, "run_with_draws", lambda *_, **__: 1 / 0)
    code, told = desk.batch()
    assert code == 70 and "ZeroDivisionError" in told["runs"][0]["error"]
    assert "Traceback" in desk.store.log(told["runs"][0]["address"]).read_text()


def test_a_full_disk_ends_the_batch_and_the_next_goes_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(ensemble, "run_with_draws", full)
        with pytest.raises(OSError, match="No space left") as error:
            desk.batch()
        assert error.value.filename.startswith(str(desk.output))
    assert desk.batch()[0] == 0


def test_a_run_that_another_batch_is_at_is_waited_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, planned = desk.batch("--dry-run")
    address = planned["due"][0]["address"]
    desk.store.prepare()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        with desk.store.claim(address):
            os.write(writing, b"!")
            signal.pause()
    os.read(reading, 1)
    pauses = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)

    monkeypatch.setattr(batch_work.time, "sleep", pause)
    code, told = desk.batch()
    assert (code, told["failed"]) == (0, 0) and len(pauses) >= 3
    os.close(reading)
    os.close(writing)


def no_file(desk: Desk) -> None:
    desk.file.unlink()


def empty_directory(desk: Desk) -> None:
    desk.file.unlink()
    desk.file.mkdir()


def other_output(desk: Desk) -> None:
    desk.output.mkdir()
    (desk.output / "thesis.odt").touch()


def no_network(desk: Desk) -> None:
    desk.network = desk.output


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (no_file, InputError, "no such file"),
        (empty_directory, InputError, "without files"),
        (other_output, InputError, "holds other"),
        (no_network, DataError, "no network.json"),
    ],
)
def test_what_cannot_be_begun_is_told_at_once(desk: Desk, make, error, words: str) -> None:
    make(desk)
    with pytest.raises(error, match=words):
        desk.batch("--dry-run")


def test_a_sweep_that_explodes_says_how_many_and_where_the_limit_is(desk: Desk) -> None:
    with pytest.raises(DataError, match=r"trial.toml, line 5: grid: 4\. At most 3 .*raise --most"):
        desk.batch("--most", 3)


def test_two_scenarios_of_one_name_are_refused(desk: Desk) -> None:
    other = desk.file.with_name("other.toml")
    other.write_text('name = "trial, profile migrants-north, slack 0.05"\nfrom = ["Ayton"]\n')
    with pytest.raises(DataError, match=r"other.toml, line 1: name: .*trial\.toml has this name"):
        desk.batch(other)
