"""Batches on real Dask clusters: the same bytes as without, and workers and schedulers that end."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cli.main import run, vereda
from cli.scenarios import batch_work
from cli.scenarios.engines import choice, cluster
from cli.scenarios.engines.cluster_task import Outcome
from geodata.errors import DataError, InputError, UnreachableError
from geodata.formats.files.store import sha256
from geodata.publication.runs import Runs

distributed = pytest.importorskip("distributed")

TEXT = """
from = ["Ayton"]
to = ["Ceeford"]
outputs = ["corridors", "map", "package"]
[grid]
profile = ["migrants-north", "contraband-west"]
slack = [0.02, 0.05, 0.1]
"""


SHORT = """
from = ["Ayton"]
to = ["Ceeford"]
outputs = ["corridors"]
[grid]
slack = [0.05]
"""


class Room:
    """An operator with a file of scenarios and two directories: of a cluster, and of no cluster."""

    def __init__(self, home: Path, network: Path) -> None:
        self.file, self.output, self.plain = home / "trial.toml", home / "runs", home / "plain"
        self.network, self.store = network, Runs(self.output)
        self.file.write_text(TEXT)

    def batch(self, *options: object, output: Path | None = None) -> tuple[int, Any]:
        words = ["--json", "batch", self.file, "--output", output or self.output, "--network",
                 self.network]  # fmt: skip
        call = CliRunner().invoke(vereda, [*map(str, (*words, *options))])
        if call.exception and not isinstance(call.exception, SystemExit):
            raise call.exception
        return call.exit_code, json.loads(call.stdout)

    def logs(self) -> list[str]:
        return [path.read_text() for path in sorted((self.output / "logs").iterdir())]


def results(home: Path) -> dict[str, str]:
    """Hashes of all files of results."""
    files = [path for path in sorted((home / "results").rglob("*")) if path.is_file()]
    return {str(path.relative_to(home)): sha256(path) for path in files}


@pytest.fixture
def room(tmp_path: Path, isle_dir: Path) -> Room:
    return Room(tmp_path, isle_dir)


@contextmanager
def workers(number: int, **more: Any) -> Iterator[Any]:
    """A cluster of this machine, of worker processes with one thread each."""
    with distributed.LocalCluster(
        n_workers=number, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0",
        silence_logs=50, **more,
    ) as begun:  # fmt: skip
        yield begun


@contextmanager
def after_the_first(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> Iterator[None]:
    """Do something when the first run of a batch has ended."""
    tell, names = batch_work._Progress.tell, []

    def noted(self: Any, name: str) -> None:
        tell(self, name)
        names.append(name)
        if len(names) == 1:
            act()

    with monkeypatch.context() as patch:
        patch.setattr(batch_work._Progress, "tell", noted)
        yield


def busy_worker(client: Any) -> int:
    """Process of a worker that computes a run."""
    place = next(place for place, tasks in client.processing().items() if tasks)
    return int(client.run(os.getpid, workers=[place])[place])


def test_a_worker_that_dies_changes_no_byte(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    assert room.batch(output=room.plain)[0] == 0
    with workers(2) as two, distributed.Client(two, set_as_default=False) as client:
        killed: list[int] = []

        def kill() -> None:
            killed.append(busy_worker(client))
            os.kill(killed[0], signal.SIGKILL)

        with after_the_first(monkeypatch, kill):
            code, report = room.batch("--scheduler", two.scheduler_address)
        client.wait_for_workers(2, timeout=60)
        assert killed[0] not in client.run(os.getpid).values()
    assert (code, report["failed"], len(report["computed"])) == (0, 0, 6) and len(killed) == 1
    ours = results(room.output)
    assert ours == results(room.plain) and len(ours) == 6 * 5
    # A worker reads the network once, whatever it computes.
    logs = "".join(room.logs())
    places = set(re.findall(r"on worker (tcp://.*)", logs))
    assert logs.count("reading the network") <= len(places) + 1 <= 4


def test_a_run_that_kills_its_workers_fails_alone(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The only worker has the network: with it that is lost, and comes again.
    room.file.write_text(SHORT.replace("[0.05]", "[0.05, 0.1]"))
    monkeypatch.setattr(batch_work, "TRIES", 2)
    with preloaded(tmp_path, "if scenario.slack == 0.05: os.kill(os.getpid(), 9)"):
        code, report = room.batch("--dask", "local", "--processes", 1)
    assert (code, report["failed"]) == (70, 1)
    for row in report["runs"]:
        assert (row["status"] == "failed") == (row["slack"] == 0.05)
        assert row["slack"] != 0.05 or "Its worker died, 2 times" in row["error"]
    assert room.batch()[0] == 0


@contextmanager
def preloaded(home: Path, line: str) -> Iterator[None]:
    """Workers that do something first in each run."""
    import dask

    script = home / "preload.py"
    script.write_text(
        "import errno, os\nfrom routes.studies import ensemble\n"
        # A worker may run this twice.
        "def changed(router, scenario, compute=ensemble.run_with_draws, **more):\n"
        f"    {line}\n"
        "    return compute(router, scenario, **more)\n"
        "ensemble.run_with_draws = changed\n"
    )
    with dask.config.set({"distributed.worker.preload": [str(script)]}):
        yield


def test_what_fails_on_a_worker_is_told_as_if_it_were_here(room: Room, tmp_path: Path) -> None:
    room.file.write_text(TEXT.replace("[0.02, 0.05, 0.1]", "[0.05]\nclose = [[], ['Midgat']]"))
    with preloaded(tmp_path, "1 / (scenario.profile.name != 'migrants-north')"):
        code, report = room.batch("--dask", "local", "--processes", 2)
    assert code == 70 and report["failed"] == 3
    errors = {row["name"]: row["error"] for row in report["runs"]}
    assert errors["trial, profile contraband-west, slack 0.05, close none"] is None
    assert "No place" in errors["trial, profile contraband-west, slack 0.05, close Midgat"]
    assert "ZeroDivisionError" in errors["trial, profile migrants-north, slack 0.05, close none"]
    assert any("Traceback" in log for log in room.logs())


def test_a_full_disk_of_a_worker_ends_the_batch(room: Room, tmp_path: Path) -> None:
    room.file.write_text(SHORT)
    with (
        preloaded(tmp_path, "raise OSError(errno.ENOSPC, 'No space left', '/tmp/there')"),
        pytest.raises(OSError, match=r"/tmp/there of worker tcp://") as error,
    ):
        room.batch("--dask", "local", "--processes", 1)
    assert error.value.errno == errno.ENOSPC
    assert results(room.output) == {}


def test_the_end_of_the_scheduler_ends_the_batch_and_the_next_goes_on(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.file.write_text(SHORT.replace("[0.05]", "[0.05, 0.1]"))
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 2.0)
    with (
        workers(1) as begun,
        after_the_first(monkeypatch, begun.close),
        pytest.raises(UnreachableError, match=r"scheduler: 'tcp.*What is finished stays"),
    ):
        room.batch("--scheduler", begun.scheduler_address)
    assert len(room.batch("--dry-run")[1]["due"]) == 1
    assert room.batch()[0] == 0


@pytest.mark.parametrize(
    ("replaced", "words"),
    [
        ("lambda name: '0.0.9'", "has vereda 0.0.9, this is"),
        ("lambda name: importlib.metadata.distribution('no-vereda')", "has no vereda, this is"),
    ],
)
def test_a_worker_of_another_version_is_refused(
    room: Room, tmp_path: Path, replaced: str, words: str
) -> None:
    script = tmp_path / "old.py"
    script.write_text(f"import importlib.metadata\nimportlib.metadata.version = {replaced}\n")
    with (
        workers(1, preload=[str(script)]) as begun,
        pytest.raises(DataError, match=rf"scheduler: 'tcp://.*worker tcp://.* {words}"),
    ):
        room.batch("--scheduler", begun.scheduler_address)
    assert results(room.output) == {}


def test_a_worker_of_another_version_that_comes_later_is_refused_as_well(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "old.py"
    script.write_text("import geodata.network.header\ngeodata.network.header.VERSION = '0.0.9'\n")
    monkeypatch.setattr(cluster.Cluster, "_check_versions", lambda self: None)
    with (
        workers(1, preload=[str(script)]) as begun,
        pytest.raises(DataError, match=r"worker tcp://.* has vereda 0\.0\.9, this is"),
    ):
        room.batch("--scheduler", begun.scheduler_address)
    assert results(room.output) == {}


def test_a_run_that_another_batch_is_at_is_left_to_it(room: Room) -> None:
    room.file.write_text(SHORT.replace("[0.05]", "[0.05, 0.1]"))
    due = room.batch("--dry-run")[1]["due"][0]["address"]
    room.store.prepare()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        with room.store.claim(due):
            os.write(writing, b"!")
            # It ends when the other scenario is there.
            while len(list((room.output / "results").glob("*/result.json"))) < 1:
                signal.sigtimedwait([], 0.1)
        os._exit(0)
    os.read(reading, 1)
    code, report = room.batch("--dask", "local", "--processes", 2)
    os.waitpid(child, 0)
    assert (code, report["failed"], len(report["computed"])) == (0, 0, 2)


def test_a_damaged_network_fails_its_scenarios(room: Room, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    for path in room.network.rglob("*"):
        if path.is_file():
            (copy / path.relative_to(room.network)).parent.mkdir(parents=True, exist_ok=True)
            (copy / path.relative_to(room.network)).write_bytes(path.read_bytes())
    (copy / "links.parquet").write_bytes(b"no table")
    room.network = copy
    room.file.write_text(SHORT)
    code, report = room.batch("--dask", "local", "--processes", 1)
    assert code == 3 and report["failed"] == 1
    assert "links.parquet" in report["runs"][0]["error"]


@pytest.fixture
def silent() -> Iterator[str]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"


def test_a_scheduler_that_is_silent_is_not_waited_for(
    room: Room, silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.5)
    for address in (silent, "tcp://127.0.0.1:9"):
        with pytest.raises(UnreachableError, match=rf"scheduler: '{address}'\. It cannot be reach"):
            room.batch("--scheduler", address)


def test_a_cluster_without_workers_is_not_waited_for(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "WORKER_SECONDS", 0.5)
    with workers(0) as none, pytest.raises(UnreachableError, match="has had no worker for"):
        room.batch("--scheduler", none.scheduler_address)


@pytest.mark.parametrize(
    "address", ["nowhere", "tcp://", "http://127.0.0.1:8786", "tcp://127.0.0.1:99999"]
)
def test_what_is_no_address_is_refused(room: Room, address: str) -> None:
    with pytest.raises(InputError, match=r"scheduler: '.*no address of a scheduler"):
        room.batch("--scheduler", address)


def test_the_exit_code_is_that_of_what_cannot_be_reached(
    room: Room, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.5)
    words = ["batch", str(room.file), "--output", str(room.output), "--network",
             str(room.network), "--scheduler", "tcp://127.0.0.1:9"]  # fmt: skip
    with pytest.raises(SystemExit) as ended:
        run(words)
    assert ended.value.code == 5 and "scheduler" in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        run([*words, "--dask", "local"])
    assert ended.value.code == 2


def test_without_dask_the_install_is_told(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"dask: 'local'\. .*pip install 'vereda\[dask\]'"):
        room.batch("--dask", "local")


def test_nothing_due_begins_no_cluster(room: Room) -> None:
    room.file.write_text(SHORT)
    assert room.batch()[0] == 0
    # There is no scheduler at this address, and nobody looks.
    code, report = room.batch("--scheduler", "tcp://127.0.0.1:9")
    assert (code, report["computed"]) == (0, [])


def test_the_engine_is_the_one_that_was_chosen(tmp_path: Path) -> None:
    store = Runs(tmp_path)
    kinds = [
        type(choice.EngineChoice(2, place).engine(store)).__name__ for place in (None, "local")
    ]
    assert kinds == ["Forks", "Cluster"]
    assert choice.EngineChoice(None, None).at_once == os.cpu_count()


def test_an_outcome_of_another_version_has_nothing_else() -> None:
    assert Outcome("0.0.9", "tcp://there")[2:] == ({}, (), {}, None)
