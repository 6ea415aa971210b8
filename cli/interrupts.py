"""Ctrl+C: whether it came, also where a library takes its exception for one of its own."""

from __future__ import annotations

import signal
from contextlib import suppress
from types import FrameType


class Interrupts:
    """Takes note of Ctrl+C before Python raises `KeyboardInterrupt` for it.

    numpy, for one, drops what is raised while it asks a sequence for its items, and goes on with
    something else: what comes of that is no fault of ours.
    """

    def __init__(self) -> None:
        self.came = False
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            # Only the main thread is told of it.
            with suppress(ValueError):
                signal.signal(signal.SIGINT, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.came = True
        signal.default_int_handler(number, frame)
