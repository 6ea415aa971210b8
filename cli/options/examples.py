"""Examples in the help of commands, where they name what is of the bundled region."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from geodata.borderlands.examples import COMMANDS


def show_examples(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the examples of a command to its docstring, which is what its help shows."""
    lines = "\n".join(f"  {line}" for line in COMMANDS[function.__name__])
    function.__doc__ = f"{inspect.getdoc(function)}\n\n\b\nExamples:\n{lines}"
    return function
