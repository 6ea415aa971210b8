"""Tasks on a few threads: results in order, early ends, and values computed once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from threading import RLock
from typing import Any, Self, TypeVar, overload

T = TypeVar("T")
R = TypeVar("R")
Check = Callable[[], None]
"""Function that long work calls repeatedly; an exception that it raises ends the work."""
Notice = Callable[[str], None]
"""Function called with a sentence for users on what became of their data."""


def in_order(work: Callable[[T], R], tasks: Sequence[T], *, threads: int) -> Iterator[R]:
    """Results of some tasks, in order; at most as many tasks run ahead as there are threads.

    When the caller stops or a task fails, running tasks are awaited and no other task begins.
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


# The name is that of the function that this class replaces.
class computed_once(cached_property[T]):  # noqa: N801
    """A property that is computed at its first use, only once for all threads.

    That of functools has no lock since Python 3.12: two threads at the same time would each compute
    a value of their own, and arrays that belong together would differ. Before Python 3.12, all
    instances shared one lock.
    """

    @overload
    def __get__(self, instance: None, owner: type[Any] | None = None) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type[Any] | None = None) -> T: ...

    def __get__(self, instance: object, owner: type[Any] | None = None) -> Self | T:
        """The value, which is stored in the instance and from then on shadows this property.

        Until then the instance stores a lock of its own, so that threads never wait for another
        instance.
        """
        if instance is None:
            return self
        known, name, lock = instance.__dict__, str(self.attrname), f"_computing_{self.attrname}"
        with known.setdefault(lock, RLock()):
            if name not in known:
                known[name] = self.func(instance)
        known.pop(lock, None)
        value: T = known[name]
        return value
