"""Lanes: one at a time, in the order in which they came, whoever gives up waiting."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from service.web.lanes import Lane
from tests.support.servers.running import wait_for


def test_those_who_wait_are_served_in_order() -> None:
    lane, served = Lane(), []

    def wait(number: int) -> None:
        with lane.turn(lambda: None):
            served.append(number)

    with ThreadPoolExecutor(12) as pool, lane.turn(lambda: None):
        for number in range(12):
            pool.submit(wait, number)
            wait_for(lambda count=number + 1: len(lane._waiting) == count, seconds=60)
        # Longer than it takes until they look whether it is still worth it.
        time.sleep(0.25)
    assert served == list(range(12))


def test_one_who_gives_up_holds_nobody_up() -> None:
    lane = Lane()

    def give_up() -> None:
        raise TimeoutError

    with lane.turn(lambda: None), pytest.raises(TimeoutError), lane.turn(give_up):
        raise AssertionError("two at a time")
    with lane.turn(give_up):
        assert lane._taken
    assert not lane._taken


def test_it_is_never_two_at_a_time_and_never_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some give up at every moment there is, also at that in which they are called."""
    monkeypatch.setattr("service.web.lanes._LOOK_SECONDS", 0.0001)
    lane, inside, most, counts = Lane(), [0], [0], [0, 0]

    def come(number: int) -> None:
        patience = iter(range(number % 3))

        def check() -> None:
            if next(patience, None) is None:
                raise TimeoutError

        for _ in range(200):
            try:
                with lane.turn(check):
                    inside[0] += 1
                    most[0] = max(most[0], inside[0])
                    time.sleep(0.0002)
                    inside[0] -= 1
                    counts[0] += 1
            except TimeoutError:
                counts[1] += 1

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(come, range(8))) == [None] * 8
    assert most == [1]
    assert not lane._taken
    assert not lane._waiting
    assert min(counts) > 0
