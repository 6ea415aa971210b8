"""Temporary directories of processes: those of the dead go, those of the living stay."""

from __future__ import annotations

import os
import signal
import tempfile
from pathlib import Path

import pytest

from geodata.formats.files.temporary import Temporary, sweep_temporary

BEGINS = "vereda-bulk-"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files of this machine are."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def killed() -> None:
    """A process that makes a directory with a file, and is killed."""
    child = os.fork()
    if not child:
        (Temporary(BEGINS).path / "file").write_text("much")
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)


def test_the_next_to_make_one_removes_what_the_dead_left(place: Path) -> None:
    first = Temporary(BEGINS)
    killed()
    (left,) = set(place.iterdir()) - {first.path}
    assert (left / "file").is_file()
    fresh = Temporary(BEGINS)
    assert set(place.iterdir()) == {first.path, fresh.path}
    first.remove()
    fresh.remove()
    assert list(place.iterdir()) == []


def test_only_directories_of_the_name_go(place: Path) -> None:
    for name in ("vereda-bulk-left", "vereda-other", "mine"):
        (place / name).mkdir()
    (place / "vereda-bulk-file").touch()
    (place / "vereda-bulk-link").symlink_to(place / "mine")
    sweep_temporary(BEGINS)
    kept = {"vereda-other", "mine", "vereda-bulk-file", "vereda-bulk-link"}
    assert {each.name for each in place.iterdir()} == kept


def test_a_forked_process_leaves_the_directory_to_its_maker(place: Path) -> None:
    temporary = Temporary(BEGINS)
    child = os.fork()
    if not child:
        temporary.remove()
        os._exit(0)
    os.waitpid(child, 0)
    assert temporary.path.is_dir()
    temporary.remove()
    assert list(place.iterdir()) == []


def test_one_that_was_killed_before_it_had_a_name_goes_in_time(place: Path) -> None:
    old, making = place / ".vereda-bulk-old", place / ".vereda-bulk-making"
    for fresh in (old, making):
        fresh.mkdir()
    os.utime(old, (0, 0))
    sweep_temporary(BEGINS)
    assert list(place.iterdir()) == [making]
