"""Claims of processes on numbered things."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from geodata.formats.files.claims import claim


def in_child(work) -> int:
    """The exit code of a process that does something."""
    child = os.fork()
    if child == 0:
        os._exit(int(work()))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def is_free(file: Path, number: int) -> bool:
    def look() -> bool:
        with claim(file, number) as free:
            return free

    return in_child(look) == 1


def test_what_one_has_claimed_others_leave_alone(tmp_path: Path) -> None:
    file = tmp_path / ".claims"
    with claim(file, 2**64 - 1) as free:
        assert free and not is_free(file, 2**64 - 1) and is_free(file, 5)
    assert is_free(file, 2**64 - 1)


def test_a_claim_ends_with_its_process(tmp_path: Path) -> None:
    file, (reading, writing) = tmp_path / ".claims", os.pipe()
    child = os.fork()
    if child == 0:
        with claim(file, 7):
            os.write(writing, b"!")
            signal.pause()
    os.read(reading, 1)
    assert not is_free(file, 7)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert is_free(file, 7)
    os.close(reading)
    os.close(writing)
