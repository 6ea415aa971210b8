"""Ctrl+C: notes that it came, even if a library swallows the exception."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_AGAIN_SECONDS = 0.01
"""Seconds until a lost Ctrl+C is raised again, outside the code that lost it."""


class Interrupts:
    """Takes note of Ctrl+C before Python raises `KeyboardInterrupt` for it.

    numpy, for example, drops an exception raised while it reads the items of a sequence, and
    continues differently, which may cause further errors. An exception in a callback from C, such
    as the one with which LLVM reports compiled code, can only be printed by Python: Ctrl+C would
    then not end the process, so it is raised again a moment later.
    """

    def __init__(self) -> None:
        self.came = False
        self._in_hook = self._lost = False
        self._usual_hook = sys.unraisablehook
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            # Signals reach the main thread only.
            with suppress(ValueError):
                signal.signal(signal.SIGINT, self._note)
                sys.unraisablehook = self._raise_again

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.came = True
        if self._in_hook:
            # Raised there, it would be printed and lost as the one before.
            self._lost = True
            return
        signal.default_int_handler(number, frame)

    def _raise_again(self, unraisable: UnraisableHookArgs) -> None:
        if not isinstance(unraisable.exc_value, KeyboardInterrupt):
            self._usual_hook(unraisable)
            return
        self._in_hook = self._lost = True
        while self._lost:
            # On a busy machine the timer may be up before it is seen to have started.
            self._lost = False
            timer = threading.Timer(_AGAIN_SECONDS, os.kill, (os.getpid(), signal.SIGINT))
            timer.daemon = True
            timer.start()
        self._in_hook = False
