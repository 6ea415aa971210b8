"""``vereda batch``: what is out of date is computed, each in its process, and all is indexed."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

from cli.main import run, vereda
from cli.scenarios import batch_work
from cli.scenarios.engines import forks
from cli.scenarios.scenario_files import Networks, read_runs
from cli.shell.processes import run_in_forks
from geodata.errors import DataError, InputError
from geodata.formats.files.store import sha256
from geodata.formats.files.temporary import Temporary
from geodata.network import store
from geodata.network.header import read_header
from geodata.network.known_names import known_names
from geodata.network.network import Network
from geodata.publication.results.result_files import OUTPUTS
from geodata.publication.runs import Runs
from geodata.sources.userfiles import points
from routes.studies import ensemble

ROOT = Path(__file__).parents[3]
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
        self.store, self.isle = Runs(self.output), network
        self.file.write_text(TEXT)

    def batch(self, *options: object) -> tuple[int, Any]:
        words = ["--json", "batch", self.file, "--output", self.output, "--network", self.network]
        call = CliRunner().invoke(vereda, [*map(str, (*words, *options))])
        if call.exception and not isinstance(call.exception, SystemExit):
            raise call.exception
        return call.exit_code, json.loads(call.stdout)

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

    code, report = desk.batch("--processes", 2)
    assert (code, report["failed"], len(report["computed"])) == (0, 0, 4)
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
    code, report = desk.batch()
    assert (code, report["computed"]) == (0, []) and desk.results() == before

    desk.file.write_text(TEXT.replace("0.05", "0.06"))
    _, planned = desk.batch("--dry-run")
    assert [each["reason"] for each in planned["due"]] == ["it is new"] * 2
    assert planned["seconds"] > 0
    desk.file.write_text(TEXT.replace("Ayton", "Beeville"))
    _, planned = desk.batch("--dry-run")
    assert [each["reason"] for each in planned["due"]] == ["its scenario changed"] * 4


def test_one_that_fails_stops_no_other_and_its_code_is_that_of_the_batch(desk: Desk) -> None:
    desk.file.write_text(TEXT.replace("slack = [0.05, 0.1]", 'close = [[], ["Midgat"]]'))
    code, report = desk.batch()
    assert (code, report["failed"], len(report["computed"])) == (2, 2, 2)
    status = {row["name"]: row for row in report["runs"]}
    assert status["trial, profile migrants-north, close none"]["status"] == "done"
    wrong = status["trial, profile migrants-north, close Midgat"]
    assert wrong["status"] == "failed" and "close: 'Midgat'. No place" in wrong["error"]
    _, planned = desk.batch("--dry-run")
    assert [each["reason"] for each in planned["due"]] == ["it failed"] * 2


def test_scenarios_that_come_to_the_same_are_computed_once(desk: Desk) -> None:
    desk.file.write_text(TEXT.replace("slack = [0.05, 0.1]", "seed = [1, 2, 3]"))
    code, report = desk.batch()
    assert code == 0 and len(report["computed"]) == 2 and len(report["runs"]) == 6
    assert {row["status"] for row in report["runs"]} == {"done"}


def test_one_whose_process_dies_is_begun_again(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compute = ensemble.run_with_draws

    def dying(*words: Any, **more: Any) -> Any:
        try:
            (tmp_path / "died").touch(exist_ok=False)
        except FileExistsError:
            return compute(*words, **more)
        return os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(ensemble, "run_with_draws", dying)
    code, report = desk.batch()
    assert (code, report["failed"]) == (0, 0) and (tmp_path / "died").exists()


def test_one_whose_process_always_dies_fails_with_the_signal(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        ensemble, "run_with_draws", lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
    )
    monkeypatch.setattr(batch_work, "TRIES", 2)
    code, report = desk.batch()
    assert (code, report["failed"]) == (70, 4)
    assert "signal 9, 2 times" in report["runs"][0]["error"]


def test_a_fault_is_told_and_its_trace_is_in_the_log(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ensemble, "run_with_draws", lambda *_, **__: 1 / 0)
    code, report = desk.batch()
    assert code == 70 and "ZeroDivisionError" in report["runs"][0]["error"]
    assert "Traceback" in desk.store.log(report["runs"][0]["address"]).read_text()


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


@contextmanager
def another_batch(store: Runs, address: str) -> Iterator[int]:
    """A process that is at a run until it is killed; its number."""
    store.prepare()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        with store.claim(address):
            os.write(writing, b"!")
            signal.pause()
    os.read(reading, 1)
    try:
        yield child
    finally:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(child, 0)
        os.close(reading)
        os.close(writing)


def test_a_run_that_another_batch_is_at_is_waited_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, planned = desk.batch("--dry-run")
    pauses, codes = [], []

    def noted(*words: Any, **more: Any) -> Any:
        for each, code in run_in_forks(*words, **more):
            codes.append(code)
            yield each, code

    monkeypatch.setattr(forks, "run_in_forks", noted)
    with another_batch(desk.store, planned["due"][0]["address"]) as other:

        def pause(seconds: float) -> None:
            pauses.append(seconds)
            if len(pauses) == 3:
                os.kill(other, signal.SIGKILL)
                os.waitpid(other, 0)

        monkeypatch.setattr(batch_work.time, "sleep", pause)
        code, report = desk.batch()
    assert (code, report["failed"]) == (0, 0) and len(pauses) >= 3
    # One process learns that it is busy; the others wait for nothing.
    assert sorted(codes) == [0, 0, 0, 0, 75]


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


def test_what_a_batch_has_to_say_is_of_its_own_scenarios(desk: Desk, tmp_path: Path) -> None:
    # The same names on another network, by another batch.
    desk.file.write_text(TEXT.replace("slack = [0.05, 0.1]", "slack = [0.05]"))
    assert desk.batch()[0] == 0
    desk.network = tmp_path / "isle"
    desk.network.symlink_to(Path(desk.isle))
    code, report = desk.batch()
    assert (code, report["failed"], report["computed"]) == (0, 0, [])
    table = pd.read_csv(desk.output / "runs.csv")
    assert len(table) == 4 and set(table["network"]) == {str(desk.isle), str(desk.network)}


def test_a_network_is_known_by_where_it_is_from_whatever_folder_it_is_named(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("one", "other"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "network").symlink_to(desk.network)
        monkeypatch.chdir(tmp_path / folder)
        home = str(tmp_path / folder / "network")
        for named in ("network", f"../{folder}/network"):
            runs = read_runs([desk.file], Networks(Path(named)), most=4)
            assert {run.network for run in runs} == {home}


def test_the_index_has_no_scenarios_that_their_file_no_longer_has(desk: Desk) -> None:
    desk.file.write_text(TEXT.replace("[0.05, 0.1]", "[0.05]"))
    desk.batch()
    desk.file.write_text(TEXT.replace("[0.05, 0.1]", "[0.06]"))
    desk.batch()
    assert set(pd.read_csv(desk.output / "runs.csv")["slack"]) == {0.06}


def test_results_of_a_network_that_was_replaced_are_outdated(desk: Desk) -> None:
    desk.file.write_text(TEXT.replace("[0.05, 0.1]", "[0.05]"))
    desk.batch()
    listed = {
        entry: {**keys, "file": "gone.toml", "network_digest": "old"}
        for entry, keys in desk.store.scenarios().items()
    }
    (desk.output / "scenarios.json").write_text(json.dumps(listed))
    desk.file.write_text('from = ["Ayton"]\nto = ["Ceeford"]\noutputs = ["corridors"]')
    code, report = desk.batch()
    assert code == 0 and [row["status"] for row in report["runs"]] == ["done"]
    table = pd.read_csv(desk.output / "runs.csv").set_index("name")
    assert table["status"].to_dict() == {
        "trial": "done",
        "trial, profile contraband-west, slack 0.05": "outdated",
        "trial, profile migrants-north, slack 0.05": "outdated",
    }


def test_a_value_of_a_profile_has_its_column(desk: Desk) -> None:
    desk.file.write_text(
        'from = ["Ayton"]\nto = ["Ceeford"]\noutputs = ["corridors"]\n[grid]\n'
        'profile.weights.weakness = [{ source = "a", value = 0.5 }, { source = "b", value = 1 }]'
    )
    code, report = desk.batch()
    assert code == 0
    assert [row["profile.weights.weakness"] for row in report["runs"]] == [0.5, 1]
    table = pd.read_csv(desk.output / "runs.csv")
    assert sorted(table["profile.weights.weakness"]) == [0.5, 1.0]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (DataError("network", "copy", "It is damaged; build it again."), 3),
        (PermissionError(errno.EACCES, "It is damaged"), 5),
    ],
)
def test_a_network_that_cannot_be_read_stops_no_scenario_on_another(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int
) -> None:
    (tmp_path / "copy").symlink_to(desk.network)
    desk.file.write_text(
        'from = ["Ayton"]\nto = ["Ceeford"]\noutputs = ["corridors"]\n'
        f'[grid]\nnetwork = ["copy", "{desk.network}"]\nslack = [0.05, 0.1]'
    )
    read = store.load_network

    def damaged(home: Any) -> Any:
        if Path(home).name == "copy":
            raise error
        return read(home)

    # Both are of the same bytes: their runs would have one address each.
    monkeypatch.setattr(store, "load_network", damaged)
    header = read_header(desk.network)
    monkeypatch.setattr(
        "geodata.network.header.read_header",
        lambda home: {**header, "digest": "other"} if Path(home).name == "copy" else header,
    )
    ended, report = desk.batch()
    assert (ended, report["failed"]) == (code, 2)
    assert {row["status"] for row in report["runs"][2:]} == {"done"}
    assert "It is damaged" in report["runs"][0]["error"]


def test_a_directory_may_hold_profiles_that_its_scenarios_name(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        (ROOT / "routes/flows/migrants-north.toml").read_text("utf-8"), "utf-8"
    )
    desk.file.write_text('profile = "own.toml"\nfrom = ["Ayton"]\nto = ["Ceeford"]')
    desk.file = tmp_path
    assert [each["name"] for each in desk.batch("--dry-run")[1]["due"]] == ["trial"]


def test_the_limit_is_that_of_all_files_together(desk: Desk) -> None:
    other = desk.file.with_name("zother.toml")
    other.write_text("[grid]\nslack = [0.1, 0.2]")
    with pytest.raises(DataError, match=r"zother.toml, line 1: grid: 6\. At most 5 .*, 4 of files"):
        desk.batch(other, "--most", 5)


def test_points_of_a_file_are_read_once_for_all_scenarios(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "farms.csv").write_text("lon,lat\n10.3,-40.7\n")
    desk.file.write_text(TEXT.replace('"Ayton"', '"farms.csv"'))
    read, times = points.read_points, []
    monkeypatch.setattr(points, "read_points", lambda file: times.append(1) or read(file))
    assert len(desk.batch("--dry-run")[1]["due"]) == 4 and len(times) == 1


def test_without_a_place_to_warm_up_all_is_as_well(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(forks, "_warm_up", full)
    desk.file.write_text(TEXT.replace("[0.05, 0.1]", "[0.05]"))
    assert desk.batch()[0] == 0


def test_what_a_killed_batch_left_of_warming_up_is_swept(
    network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    child = os.fork()
    if not child:
        # Its answer is not written: the process ends in the directory that waits for it.
        answer = SimpleNamespace(
            network=network, run=lambda _: os.kill(os.getpid(), signal.SIGKILL)
        )
        try:
            forks._warm_up(answer, set())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    (left,) = tmp_path.iterdir()
    Temporary("vereda-warm-").remove()
    assert not left.exists() and [*tmp_path.iterdir()] == []


def test_a_run_that_another_batch_has_done_meanwhile_has_not_failed(desk: Desk) -> None:
    desk.file.write_text('from = ["Ayton"]\nto = ["Ceeford"]\noutputs = ["corridors"]')
    runs = read_runs([desk.file], Networks(desk.network), most=1)
    work = batch_work.Batch(runs, desk.store, processes=1)
    due = work.due()
    assert desk.batch()[0] == 0
    before = desk.store.record(runs[0].address)
    assert work._fail(due[0].run, {"error": "Its process ended.", "code": 70})
    assert desk.store.record(runs[0].address) == before


def test_a_run_that_another_batch_is_at_has_not_failed(desk: Desk) -> None:
    runs = read_runs([desk.file], Networks(desk.network), most=4)
    work = batch_work.Batch(runs, desk.store, processes=1)
    run = work.due()[0].run
    with another_batch(desk.store, run.address):
        assert not work._fail(run, {"error": "Its process ended.", "code": 70})
    assert desk.store.record(run.address) == {}


def test_the_program_ends_with_the_code_of_the_command(desk: Desk) -> None:
    network = ["--network", str(desk.network)]
    run(["scenario", "check", str(desk.file), *network])
    desk.file.write_text('from = ["Ayton"]\nto = ["Ceeford"]\nclose = ["Midgat"]')
    with pytest.raises(SystemExit) as checked:
        run(["scenario", "check", str(desk.file), *network])
    with pytest.raises(SystemExit) as ended:
        run(["batch", str(desk.file), "--output", str(desk.output), *network])
    assert (checked.value.code, ended.value.code) == (3, 2)


@pytest.mark.trials
def test_every_file_of_a_result_is_that_of_the_command(desk: Desk, tmp_path: Path) -> None:
    # The first asks what a batch answers beforehand, to warm up: what that keeps changes nothing.
    known = known_names(store.load_network(desk.network))
    flows = [("cocaine-north", known.origin, known.destination),
             ("migrants-north", "Ayton", "Ceeford")]  # fmt: skip
    desk.file.write_text(f"outputs = {list(OUTPUTS)}\ndraws = 2\nseed = 3\n" + "".join(
        f"[[scenario]]\nname = '{flow}'\nprofile = '{flow}'\nfrom = ['{origin}']\nto = ['{end}']\n"
        for flow, origin, end in flows
    ))  # fmt: skip
    code, report = desk.batch()
    assert code == 0
    for (flow, origin, end), row in zip(flows, report["runs"], strict=True):
        words = ("corridors", "--network", desk.network, "--profile", flow, "--from", origin,
                 "--to", end, "--draws", 2, "--seed", 3, "--output", tmp_path / flow)  # fmt: skip
        CliRunner().invoke(vereda, [*map(str, words)], catch_exceptions=False)
        theirs = {path.name: sha256(path) for path in (tmp_path / flow).iterdir()}
        ours = {path.name: sha256(path) for path in (desk.output / row["result"]).iterdir()}
        assert ours == theirs and len(ours) > len(OUTPUTS)


def test_to_see_that_nothing_is_due_needs_no_tables_and_no_compiler() -> None:
    """What these take to be imported is longer than to read a thousand scenarios."""
    ours = "cli.scenarios.batch_work, cli.scenarios.scenario_files"
    theirs = "routes.scenario.forms.scenario_file, routes.studies.batch.sweeps"
    words = f"import sys, {ours}, {theirs}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    heavy = {"pandas", "geopandas", "numba", "scipy", "shapely", "matplotlib"}
    assert not {name.partition(".")[0] for name in done.stdout.split()} & heavy
