"""Arguments from the shell: texts that no command can use are refused before any command runs."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

import click

from geodata.errors import InputError

MOST_LETTERS = 4096
"""Largest number of letters in an argument, that of a path."""


class Commands(click.Group):
    """A group of commands whose arguments are checked before any command runs."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse arguments that are text.

        Raises
        ------
        InputError
            When an argument is empty, too long, or not valid text.
        """
        check_arguments(args)
        rest: list[str] = super().parse_args(ctx, args)
        return rest


def check_arguments(arguments: Sequence[str]) -> None:
    """Refuse arguments that no command can use.

    Raises
    ------
    InputError
        With the name of the option, or the one before where it is a value of its own.
    """
    before = ""
    for text in arguments:
        option, equals, value = text.partition("=") if text.startswith("--") else ("", "", text)
        field = option if equals else before if before.startswith("-") else "argument"
        remedy = _fault(value if equals or not option else option)
        if remedy:
            raise InputError(_shown(field), _shown(value or option), remedy)
        before = text


def _fault(text: str) -> str:
    """The fault of a text, or an empty text."""
    if not text.strip():
        return "It is empty; give a value, or leave the option out."
    if len(text) > MOST_LETTERS:
        return f"It has {len(text):,} letters; at most {MOST_LETTERS:,} can be used."
    kinds = {unicodedata.category(letter) for letter in text}
    if "Cs" in kinds:
        return "It is no UTF-8; write it in UTF-8, and rename a file that is not."
    if "Cc" in kinds:
        return "It holds a control character, such as a line break; leave it out."
    return ""


def _shown(text: str) -> str:
    """A text short enough for a message; an option without its dashes."""
    return text[:60].removeprefix("--")


class Finite(click.FloatRange):
    """A finite number within bounds."""

    name = "float"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """A float that is finite."""
        number = super().convert(value, param, ctx)
        if number - number != 0:
            self.fail(f"{value!r} is no finite number.", param, ctx)
        return number

    def _describe_range(self) -> str:
        """Bounds for ``--help``; click would write ``x<=None`` for a missing bound."""
        return "" if self.min is None and self.max is None else super()._describe_range()
