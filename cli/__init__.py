"""The command line."""

from __future__ import annotations

import signal

__all__ = ["run"]


def run() -> None:
    """Begin the command ``vereda``; Ctrl+C ends it in silence from its first moment on.

    Until all is imported the system itself ends the process: in the middle of an import Python
    would tell of it as an error of a library.
    """
    usual = signal.getsignal(signal.SIGINT)
    if usual is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from cli.main import run as begin

    signal.signal(signal.SIGINT, usual)
    begin()
