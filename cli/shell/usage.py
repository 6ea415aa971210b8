"""Errors of usage of a command, with field, value and remedy like every other error."""

from __future__ import annotations

import re
from collections.abc import Sequence

import click


def usage_record(error: click.ClickException, arguments: Sequence[str]) -> dict[str, object]:
    """What was wrong, what was given, and what to do.

    Parameters
    ----------
    arguments
        All arguments of the call, because click has a value only in its message.
    """
    context = getattr(error, "ctx", None)
    field, value = _field_and_value(error, arguments)
    message = _message(error)
    return {
        "error": message if value is None or value in message else f"{message} Given: {value!r}.",
        "field": field,
        "value": value,
        "remedy": f"See {context.command_path if context else 'vereda'} --help.",
    }


def is_help(error: Exception) -> bool:
    """Whether click only shows help, because a group of commands was called without one."""
    return isinstance(error, click.exceptions.NoArgsIsHelpError)


def _message(error: click.ClickException) -> str:
    """One line; that of a group alone is its whole help."""
    return "Missing command." if is_help(error) else " ".join(error.format_message().split())


def _field_and_value(
    error: click.ClickException, arguments: Sequence[str]
) -> tuple[str, str | None]:
    if isinstance(error, click.BadParameter) and error.param is not None:
        return _name(error.param), _option_value(error, error.param, arguments)
    if isinstance(error, click.NoSuchOption):
        return error.option_name, error.option_name
    if isinstance(error, click.BadOptionUsage):
        return error.option_name.removeprefix("--"), _after(error.option_name, arguments)
    if isinstance(error, click.NoSuchCommand):
        return "command", error.command_name
    if is_help(error):
        return "command", None
    extra = re.search(r"\((.*)\)", error.message)
    return "argument", extra[1] if extra else None


def _name(parameter: click.Parameter) -> str:
    """An option as it is written, without its dashes."""
    return parameter.opts[-1].removeprefix("--")


def _option_value(
    error: click.BadParameter, parameter: click.Parameter, arguments: Sequence[str]
) -> str | None:
    """The value that an option was given; of several the one that the message tells of."""
    values: list[str] = []
    for at, text in enumerate(arguments):
        option, equals, value = text.partition("=")
        if option in parameter.opts:
            values += [value] if equals else arguments[at + 1 : at + 2]
    shown = [value for value in values if value in error.message] or values
    return shown[-1] if shown else None


def _after(option: str, arguments: Sequence[str]) -> str | None:
    """What stands behind the equals sign of an option that takes no value."""
    texts = (text.partition("=") for text in arguments)
    return next((value for name, equals, value in texts if name == option and equals), None)
