"""Numbers that processes count in memory that all of them see."""

from __future__ import annotations

import os
import signal

from service.web.metrics.shared_counts import Board


def forked(board: Board, place: int, times: int) -> None:
    """A process that counts, and is killed."""
    child = os.fork()
    if not child:
        for _ in range(times):
            board.tally(place).add(("requests", "GET", "España"), {0: 1, 2: 0.5}, size=3)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)


def test_what_processes_count_is_added_up_and_outlives_them() -> None:
    board = Board(3, shared=True)
    forked(board, 0, 2)
    forked(board, 1, 3)
    # The next at the place of one that died counts on.
    forked(board, 0, 4)
    board.tally(2).add(("deaths",), {0: 7})
    assert board.sums() == {("requests", "GET", "España"): [9, 0, 4.5], ("deaths",): [7]}


def test_processes_that_share_nothing_count_for_themselves() -> None:
    board = Board()
    board.tally(0).add(("requests", "GET", "España"), {1: 1}, size=3)
    forked(board, 0, 2)
    assert board.sums() == {("requests", "GET", "España"): [0, 1, 0]}


def test_what_was_half_begun_is_nothing() -> None:
    board = Board()
    board.tally(0).add(("a",), {0: 1})
    board._places[32:48] = b"x" * 16
    assert board.sums() == {("a",): [1]}
    board.tally(0).add(("b",), {}, size=2)
    assert board.sums() == {("a",): [1], ("b",): [0, 0]}


def test_a_place_that_is_full_counts_what_is_there() -> None:
    board = Board(2)
    tally = board.tally(0)
    for number in range(20_000):
        tally.add((f"key {number}",), {0: 1})
    tally.add(("key 0",), {0: 1})
    sums = board.sums()
    assert 5000 < len(sums) < 20_000
    assert sums["key 0",] == [2]
    assert sums[f"key {len(sums) - 1}",] == [1]
    assert board.tally(1).add(("key 0",), {0: 1}) is None
    assert board.sums()["key 0",] == [3]
