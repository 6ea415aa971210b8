"""Errors of ends: they name the key that a user wrote, or the end where it was a text."""

from __future__ import annotations

from geodata.errors import InputError
from routes.scenario.demand import Endpoint


def written_key(end: Endpoint, name: str, *, field: str) -> str:
    """Path of a key of `end.at`, or of `end.at` itself where the name is empty.

    Parameters
    ----------
    end
        The end.
    name
        Name of the key.
    field
        What is returned for an end that was not written with keys.
    """
    return f"{end.path}.at.{name}".rstrip(".") if end.path else field


def wrong_key(end: Endpoint, name: str, value: object, remedy: str, *, field: str) -> InputError:
    """The error that a key of `end.at` is wrong.

    It shows the value of the key, or the name of an end that was not written with keys; see
    `written_key`.
    """
    shown = value if end.path else end.name
    return InputError(written_key(end, name, field=field), shown, remedy)
