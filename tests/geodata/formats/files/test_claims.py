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


def test_blocks_of_one_process_have_several_claims(tmp_path: Path) -> None:
    file, link = tmp_path / ".claims", tmp_path / "link"
    link.symlink_to(file)
    with claim(file, 7):
        with claim(link, 8), claim(file, 7) as again:
            assert again and not is_free(file, 8)
        # The end of one leaves the others as they are, those of the same thing too.
        assert not is_free(file, 7) and is_free(file, 8)
    assert is_free(file, 7)


def test_a_claim_that_another_has_is_not_released_by_who_wanted_it(tmp_path: Path) -> None:
    file = tmp_path / ".claims"

    def want_it_twice() -> bool:
        with claim(file, 7) as first, claim(file, 7) as second, claim(file, 9) as other:
            return other and not first and not second

    with claim(file, 7):
        assert in_child(want_it_twice) == 1
        assert not is_free(file, 7) and is_free(file, 9)
