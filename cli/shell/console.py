"""Output of all commands: progress, and results as text or JSON."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import click

from cli.shell.streams import echo


@dataclass
class Session:
    """One call of the command line.

    Parameters
    ----------
    quiet
        No progress.
    verbose
        The time of every step, also when standard error is no terminal.
    as_json
        Results as JSON.
    """

    quiet: bool = False
    verbose: bool = False
    as_json: bool = False
    started: float = field(default_factory=time.monotonic)
    step: str = ""

    def progress(self, step: str) -> None:
        """Show that a step begins: on a terminal, or when verbose."""
        if self.quiet or not (self.verbose or sys.stderr.isatty()):
            return
        seconds = time.monotonic() - self.started
        echo(f"{seconds:7.1f} s  {step} ...", err=True)

    def say(self, text: str) -> None:
        """Print a line for people; nothing is printed with JSON output."""
        if not self.as_json and not self.quiet:
            echo(text)

    def show(self, record: Any, lines: Sequence[str]) -> None:
        """Print a result: the record for machines, the lines for people."""
        if self.as_json:
            echo(json_line(record))
        else:
            for line in lines:
                echo(line)


def json_line(record: Any, *, none: Callable[[str], str | None] = lambda _: None) -> str:
    """A record as one line of JSON.

    Parameters
    ----------
    none
        Replacement for NaN and infinity, which JSON does not have; null by default.
    """
    plain = json.loads(json.dumps(record, default=str), parse_constant=none)
    # Letters that a stream lacks are written as Python escapes, some of which JSON does not know.
    encoding = (sys.stdout.encoding or "utf-8").lower()
    return json.dumps(plain, ensure_ascii=not encoding.startswith("utf"))


def note(text: str) -> None:
    """Print a line beside the result, on standard error, unless the call is to be quiet."""
    context = click.get_current_context(silent=True)
    session = context.find_object(Session) if context else None
    if session is None or not session.quiet:
        echo(text, err=True)


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Rows as aligned text; numbers to the right."""
    cells = [[str(value) for value in row] for row in rows]
    widths = [max(len(row[k]) for row in [list(header), *cells]) for k in range(len(header))]
    numeric = [
        all(isinstance(row[k], int | float) or str(row[k])[:1].isdigit() for row in rows)
        for k in range(len(header))
    ]
    aligned = [
        "  ".join(
            text.rjust(width) if right else text.ljust(width)
            for text, width, right in zip(row, widths, numeric, strict=True)
        ).rstrip()
        for row in [list(header), *cells]
    ]
    return [aligned[0], "-" * len(aligned[0]), *aligned[1:]]
