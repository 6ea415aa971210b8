"""Tasks on a few threads: answered in their order, ended early, and what is computed once."""

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


# Named as what it stands in for.
class computed_once(cached_property[T]):  # noqa: N801
    """A property that is computed at first use, once for all threads.

    That of functools has had no lock since Python 3.12: two threads that came at the same time
    would have each its own, and arrays that belong together would not be the same. Before, all
    instances had one.
    """

    @overload
    def __get__(self, instance: None, owner: type[Any] | None = None) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type[Any] | None = None) -> T: ...

    def __get__(self, instance: object, owner: type[Any] | None = None) -> Self | T:
        """The value, which is kept with the instance and shadows this from then on.

        So is a lock until then: nobody waits for what another instance computes.
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
