"""The shell: arguments, streams, signals, processes and exit codes, the same for all commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from cli.shell.arguments import Commands, Finite
    from cli.shell.compilation import place_compiled_code
    from cli.shell.console import Session, json_line, note, table
    from cli.shell.exit_codes import FAULT, exit_code
    from cli.shell.interrupts import Interrupts
    from cli.shell.processes import run_in_forks
    from cli.shell.streams import drop, echo, open_streams
    from cli.shell.usage import is_help, usage_record

__all__ = [
    "FAULT",
    "Commands",
    "Finite",
    "Interrupts",
    "Session",
    "drop",
    "echo",
    "exit_code",
    "is_help",
    "json_line",
    "note",
    "open_streams",
    "place_compiled_code",
    "run_in_forks",
    "table",
    "usage_record",
]

__getattr__, __dir__ = offer(__name__)
