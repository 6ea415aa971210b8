"""Lanes: threads work one at a time, in the order in which they came."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_LOOK_SECONDS = 0.1
"""Seconds between two checks of a waiting thread."""


class Lane:
    """A lock that threads get in the order in which they came.

    A semaphore serves new threads before waiting ones, and a thread that checks its deadline
    meanwhile loses its place: under load some threads would wait many times as long as others.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False

    @contextmanager
    def turn(self, check: Callable[[], None]) -> Iterator[None]:
        """Wait for the turn of this thread, and keep it during the block.

        Parameters
        ----------
        check
            Function called repeatedly while waiting; an exception that it raises ends the wait.
        """
        called = self._enter()
        try:
            while not called.wait(_LOOK_SECONDS):
                check()
        except BaseException:
            self._leave(called)
            raise
        try:
            yield
        finally:
            self._call_next()

    def _enter(self) -> threading.Event:
        """Event that is set when the turn of this thread has come."""
        called = threading.Event()
        with self._lock:
            if self._taken:
                self._waiting.append(called)
            else:
                self._taken = True
                called.set()
        return called

    def _leave(self, called: threading.Event) -> None:
        """Give up waiting; a turn that came in the same moment goes to the next."""
        with self._lock:
            if not called.is_set():
                self._waiting.remove(called)
                return
        self._call_next()

    def _call_next(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False
