"""Temporary files of the service: none is left, however its processes end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.server.scratch import scratch
from tests.support.servers.running import Running, wait_for

RUN = """
import tempfile
from service.server.scratch import scratch
with scratch() as home:
    tempfile.mkdtemp()
    print(home, flush=True)
    input()
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files of this machine are."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_temporary_files_are_in_one_directory_that_goes(place: Path) -> None:
    with scratch() as home:
        assert home.parent == place
        assert Path(tempfile.mkdtemp()).parent == home
    assert list(place.iterdir()) == []
    assert tempfile.gettempdir() == str(place)


def test_what_a_killed_run_left_goes_and_what_others_hold_stays(place: Path) -> None:
    with run(place) as (killed, left), run(place) as (_, live):
        killed.kill()
        killed.wait()
        link = place / "vereda-serve-link"
        link.symlink_to(live)
        with scratch() as fresh:
            assert set(place.iterdir()) == {live, fresh, link}
            assert list(live.iterdir()) and not left.exists()


@contextmanager
def run(place: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A run in a process of its own, and its directory."""
    with subprocess.Popen(
        [sys.executable, "-c", RUN], env={**os.environ, "TMPDIR": str(place)}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        yield process, Path(process.stdout.readline().strip())
        process.communicate("\n")


def test_a_service_leaves_nothing_behind(isle_dir: Path, tmp_path: Path) -> None:
    """Neither the process that answered with a file, nor one that was killed."""
    place = tmp_path / "temporary"
    place.mkdir()
    service = Running(tmp_path, "--network", str(isle_dir), TMPDIR=str(place))
    for _ in range(2):
        wait_for(lambda: len(service.children()["answering"]) == 1, seconds=20)
        assert service.ask("/bulk/places.fgb")[0] == 200
        assert len(list(place.rglob("places.fgb"))) == 1
        (pid,) = service.children()["answering"]
        os.kill(pid, signal.SIGKILL)
        # What it wrote goes with it, long before the service ends.
        wait_for(lambda: not list(place.rglob("places.fgb")), seconds=20)
        wait_for(lambda pid=pid: pid not in service.children()["answering"], seconds=20)
    assert service.ask("/bulk/places.fgb")[0] == 200
    assert service.ask("/metrics")[0] == 200
    assert service.stop() == 0
    assert list(place.iterdir()) == []
