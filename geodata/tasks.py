"""Tasks on a few threads, answered in their order, and how they end early."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
Check = Callable[[], None]
"""Called every so often in long work; ends it by what it raises."""


def in_order(work: Callable[[T], R], tasks: Sequence[T], *, threads: int) -> Iterator[R]:
    """What comes of some tasks, in their order; no more are begun ahead than there are threads.

    When the caller stops, or a task fails, those begun are waited for and no other is begun.
    """
    if threads < 2 or len(tasks) < 2:
        yield from map(work, tasks)
        return
    with ThreadPoolExecutor(threads) as pool:
        begun: deque[Future[R]] = deque()
        try:
            for task in tasks:
                begun.append(pool.submit(work, task))
                if len(begun) > threads:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()
        finally:
            for future in begun:
                future.cancel()


def unhindered() -> None:
    """A check that lets the work go on."""
