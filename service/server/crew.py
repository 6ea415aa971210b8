"""Processes that are started again when they end, later and later while they die young."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

_FIRST_SECONDS, _MOST_SECONDS = 1.0, 60.0
_YOUNG_SECONDS = 60.0
"""What has lived for so long does not end of what it was started with."""


@dataclass
class _Place:
    """One of the processes: its id while it lives, and when the next one is due."""

    pid: int | None = None
    begun: float = 0.0
    pause: float = 0.0
    due: float = 0.0


class Crew:
    """As many processes as are wanted.

    Parameters
    ----------
    size
        How many.
    start
        Starts one, and gives its id.
    clock
        Seconds that never run back.
    """

    def __init__(
        self, size: int, start: Callable[[], int], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._places = [_Place() for _ in range(size)]
        self._start, self._clock = start, clock

    @property
    def pids(self) -> set[int]:
        """Ids of those that live, as far as `ended` was told."""
        return {place.pid for place in self._places if place.pid is not None}

    def fill(self) -> None:
        """Start those that are missing and due."""
        for place in self._places:
            if place.pid is None and self._clock() >= place.due:
                place.pid, place.begun = self._start(), self._clock()

    def ended(self, pid: int) -> float:
        """Take note that a process of these has ended; seconds until the next one begins."""
        place = next(place for place in self._places if place.pid == pid)
        now = self._clock()
        old = now - place.begun >= _YOUNG_SECONDS
        place.pause = 0.0 if old else min(max(_FIRST_SECONDS, 2 * place.pause), _MOST_SECONDS)
        place.pid, place.due = None, now + place.pause
        return place.pause
