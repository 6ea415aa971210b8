"""Processes that end are started again; those that die young, later and later."""

from __future__ import annotations

from service.server.crew import Crew


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def crew(size: int, clock: Clock) -> tuple[Crew, list[int]]:
    begun: list[int] = []

    def start(place: int) -> int:
        begun.append(100 + len(begun))
        return begun[-1]

    return Crew(size, start, clock=clock), begun


def test_what_dies_at_once_is_started_later_and_later() -> None:
    clock = Clock()
    ours, begun = crew(1, clock)
    pauses = []
    for _ in range(9):
        ours.fill()
        pauses.append(ours.ended(begun[-1]))
        assert ours.pids == set()
        clock.now += pauses[-1] - 0.1
        ours.fill()
        assert ours.pids == set()
        clock.now += 0.1
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert len(begun) == 9


def test_what_has_lived_a_minute_is_started_again_at_once() -> None:
    clock = Clock()
    ours, begun = crew(1, clock)
    for seconds, pause in ((0, 1), (59, 2), (60, 0), (0, 1), (3600, 0)):
        ours.fill()
        clock.now += seconds
        assert ours.ended(begun[-1]) == pause
        clock.now += pause
    ours.fill()
    assert ours.pids == {begun[-1]}


def test_what_the_system_does_not_start_is_started_later_and_later() -> None:
    clock, calls, room = Clock(), [], []

    def start(place: int) -> int:
        calls.append(clock.now)
        if not room:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        return 100

    ours = Crew(1, start, clock=clock)
    for _ in range(80):
        ours.fill()
        clock.now += 1
    assert [int(each) - 1000 for each in calls] == [0, 1, 3, 7, 15, 31, 63]
    room.append(True)
    clock.now += 60
    ours.fill()
    assert ours.pids == {100}


def test_one_that_dies_holds_no_other_up() -> None:
    clock = Clock()
    ours, begun = crew(3, clock)
    ours.fill()
    assert ours.pids == {100, 101, 102}
    ours.ended(101)
    ours.ended(102)
    ours.fill()
    assert (ours.pids, len(begun)) == ({100}, 3)
    clock.now += 1
    ours.fill()
    assert ours.pids == {100, 103, 104}
