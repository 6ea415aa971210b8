"""Processes that are started again when they end, with longer pauses after early ends."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

_FIRST_SECONDS, _MOST_SECONDS = 1.0, 60.0
_YOUNG_SECONDS = 60.0
"""Seconds after which the end of a process no longer counts as early."""
logger = logging.getLogger("vereda.access")


@dataclass
class _Place:
    """One of the processes: its id while it lives, and when the next one is due."""

    pid: int | None = None
    begun: float = 0.0
    pause: float = 0.0
    due: float = 0.0


class Crew:
    """A fixed number of processes.

    Parameters
    ----------
    size
        Number of processes.
    start
        Starts the one of a place, counted from 0, and gives its id.
    clock
        Monotonic clock in seconds.
    """

    def __init__(
        self, size: int, start: Callable[[int], int], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._places = [_Place() for _ in range(size)]
        self._start, self._clock = start, clock

    @property
    def pids(self) -> set[int]:
        """Ids of the living processes, according to calls of `ended`."""
        return {place.pid for place in self._places if place.pid is not None}

    def fill(self) -> None:
        """Start those that are missing and due; one that cannot be started is tried again later."""
        for number, place in enumerate(self._places):
            if place.pid is None and self._clock() >= place.due:
                try:
                    place.pid, place.begun = self._start(number), self._clock()
                except OSError:
                    pause = self._put_off(place, young=True)
                    more = {"pause_seconds": pause}
                    logger.exception("a worker of the queue cannot be started", extra=more)

    def ended(self, pid: int) -> float:
        """Note that one of the processes has ended; returns the seconds until the next start."""
        place = next(place for place in self._places if place.pid == pid)
        place.pid = None
        return self._put_off(place, young=self._clock() - place.begun < _YOUNG_SECONDS)

    def _put_off(self, place: _Place, *, young: bool) -> float:
        """Set the time of the next start; returns the seconds until then."""
        place.pause = min(max(_FIRST_SECONDS, 2 * place.pause), _MOST_SECONDS) if young else 0.0
        place.due = self._clock() + place.pause
        return place.pause
