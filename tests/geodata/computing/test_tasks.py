"""Tasks on a few threads."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from geodata.computing.tasks import computed_once


class Slow:
    """Something whose part takes long to compute."""

    def __init__(self) -> None:
        self.times = 0

    @computed_once
    def part(self) -> object:
        """Another object each time that it is computed."""
        self.times += 1
        threading.Event().wait(0.02)
        return object()


def test_threads_that_come_at_once_have_the_same() -> None:
    """As arrays that belong together must be, on every version of Python."""
    threads = 4
    for _ in range(10):
        slow, together = Slow(), threading.Barrier(threads)

        def part(_: int, slow: Slow = slow, together: threading.Barrier = together) -> object:
            together.wait()
            return slow.part

        with ThreadPoolExecutor(threads) as pool:
            parts = list(pool.map(part, range(threads)))
        assert all(each is parts[0] for each in parts)
        assert slow.times == 1
        assert slow.part is parts[0]


def test_it_can_be_computed_anew() -> None:
    slow = Slow()
    first = slow.part
    del slow.__dict__["part"]
    assert slow.part is not first
    assert isinstance(Slow.part, computed_once)


def test_nobody_waits_for_what_another_computes() -> None:
    """As a band does not for that of another draw."""
    together = threading.Barrier(2)

    class Met:
        @computed_once
        def part(self) -> int:
            return together.wait(timeout=10)

    with ThreadPoolExecutor(2) as pool:
        assert set(pool.map(lambda met: met.part, [Met(), Met()])) == {0, 1}


def test_a_lock_is_kept_no_longer_than_it_is_needed() -> None:
    slow = Slow()
    assert vars(slow) == {"times": 1, "part": slow.part}
