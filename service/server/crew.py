"""Processes that are started again when they end, with longer pauses while they end early."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

_FIRST_SECONDS, _MOST_SECONDS = 1.0, 60.0
_YOUNG_SECONDS = 60.0
"""What has lived for so long does not end of what it was started with."""
logger = logging.getLogger("vereda.access")


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
        Starts the one of a place, counted from 0, and gives its id.
    clock
        Seconds that never run back.
    """

    def __init__(
        self, size: int, start: Callable[[int], int], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._places = [_Place() for _ in range(size)]
        self._start, self._clock = start, clock

    @property
    def pids(self) -> set[int]:
        """Ids of those that live, as far as `ended` was told."""
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
        """Take note that a process of these has ended; seconds until the next one begins."""
        place = next(place for place in self._places if place.pid == pid)
        place.pid = None
        return self._put_off(place, young=self._clock() - place.begun < _YOUNG_SECONDS)

    def _put_off(self, place: _Place, *, young: bool) -> float:
        """Say when the next one is due; seconds until then."""
        place.pause = min(max(_FIRST_SECONDS, 2 * place.pause), _MOST_SECONDS) if young else 0.0
        place.due = self._clock() + place.pause
        return place.pause
