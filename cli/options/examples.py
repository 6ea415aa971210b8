"""Examples in the help of commands, where they name what is of the bundled region."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from geodata.borderlands.examples import COMMANDS


def show_examples(command: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate the function of a command: its examples join the docstring that its help shows.

    Parameters
    ----------
    command
        Name of the command.
    """

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        lines = "\n".join(f"  {line}" for line in COMMANDS[command])
        function.__doc__ = f"{inspect.getdoc(function)}\n\n\b\nExamples:\n{lines}"
        return function

    return add
