"""Turns: one process has it at a time, and nothing that goes wrong holds the others up."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from geodata.computing import turn
from geodata.computing.turn import Turn

HOLDING = """
import sys
from pathlib import Path
from geodata.computing.turn import Turn
own = Turn(Path(sys.argv[1]))
own.take()
print("has it", flush=True)
sys.stdin.read()
"""


def waited(own: Turn, *, patience: float = 60.0) -> float:
    """Seconds that it takes to go on."""
    begun = time.monotonic()
    own.take(patience=patience)
    return time.monotonic() - begun


def test_another_waits_until_it_is_left(tmp_path: Path) -> None:
    first, second = Turn(tmp_path / "lock"), Turn(tmp_path / "lock")
    first.take()
    first.take()
    assert waited(second, patience=0.3) >= 0.3
    second.end()
    first.end()
    assert waited(second) < 30
    assert waited(first, patience=0.3) >= 0.3
    first.end()
    second.end()
    second.end()
    assert (tmp_path / "lock").read_bytes() == b""


def test_who_is_killed_holds_nobody_up(tmp_path: Path) -> None:
    words = [sys.executable, "-c", HOLDING, str(tmp_path / "lock")]
    with subprocess.Popen(words, stdin=-1, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "has it\n"
        own = Turn(tmp_path / "lock")
        assert waited(own, patience=0.3) >= 0.3
        own.end()
        holder.kill()
        holder.wait()
        assert waited(own) < 30
        own.end()


def test_a_fork_has_no_turn_and_ends_none(tmp_path: Path) -> None:
    own = Turn(tmp_path / "lock")
    own.take()
    child = os.fork()
    if not child:
        own.end()
        own.take(patience=0.3)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    other = Turn(tmp_path / "lock")
    assert waited(other, patience=0.3) >= 0.3
    other.end()
    own.end()
    assert waited(other) < 30
    other.end()


def test_where_no_file_can_be_written_nobody_waits(tmp_path: Path) -> None:
    own = Turn(tmp_path / "none" / "lock")
    assert waited(own) < 30
    own.end()


def test_where_there_are_no_locks_nobody_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unlocked(*_: object) -> None:
        raise OSError(errno.ENOLCK, "no locks")

    flock: Callable[..., None] = unlocked
    monkeypatch.setattr(turn, "flock", flock)
    own = Turn(tmp_path / "lock")
    assert waited(own) < 30
    own.end()
