"""The one family of errors. Each names the field, the value and the remedy."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Iterable
from typing import Any

LONGEST = 200
"""Largest number of characters of a value, or of a field, in an error."""

_PASSWORD = re.compile(r"(://[^\s/@:]*):(?!PASSWORD@)[^\s/@]*@")
"""The user name in an address, and its password, except the placeholder in a remedy."""
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class _Brief(reprlib.Repr):
    """Writes the beginning of a value, in time that does not depend on its size."""

    def repr_int(self, value: int, level: int) -> str:
        try:
            text = repr(value)
        except ValueError:
            # Python writes no decimals of a number so large.
            text = hex(value)
        return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


_BRIEF = _Brief()
_BRIEF.maxstring = _BRIEF.maxother = LONGEST


class VeredaError(Exception):
    """Base of every error that Vereda raises on purpose.

    Parameters
    ----------
    field
        The wrong parameter, column or file.
    value
        The wrong value.
    remedy
        A sentence on how the user can mend it.

    Examples
    --------
    >>> from geodata import VeredaError
    >>> from routes import load_profile
    >>> try:
    ...     load_profile("no-such-flow")
    ... except VeredaError as error:
    ...     print(error.field, error.value)
    profile no-such-flow
    """

    def __init__(self, field: str, value: object, remedy: str) -> None:
        # Keys and headings of files may have line breaks; a message has to be one line.
        field, remedy = (without_password(_CONTROLS.sub(" ", text)) for text in (field, remedy))
        self.field = field if len(field) <= LONGEST else f"...{field[-LONGEST:]}"
        self.value, self.remedy = shortened(value), remedy
        super().__init__(f"{self.field}: {self.value!r}. {remedy}")


def without_password(text: str) -> str:
    """A text in which no address shows its password."""
    return _PASSWORD.sub(r"\1:***@", text) if "://" in text else text


def shortened(value: object) -> object:
    """A value as text for an error, cut after its beginning, for values of any size and depth."""
    if isinstance(value, str):
        value = without_password(value[: 10 * LONGEST])
        return value if len(value) <= LONGEST else f"{value[:LONGEST]}..."
    if isinstance(value, int) and value.bit_length() > 4 * LONGEST:
        return _BRIEF.repr(value)
    if not isinstance(value, dict | list | tuple | set | frozenset):
        return value
    brief = _BRIEF.repr(value)
    return value if len(brief) <= LONGEST and "..." not in brief else brief[:LONGEST]


class InputError(VeredaError, ValueError):
    """Wrong use: the author of the request can correct it.

    Examples
    --------
    >>> from geodata import read_events
    >>> read_events("missing.csv")
    Traceback (most recent call last):
        ...
    geodata.errors.InputError: events: 'missing.csv'. There is no such file.
    """


def require_kind(value: object, kind: type | tuple[type, ...], *, field: str, remedy: str) -> None:
    """Refuse a value of another type; calls from notebooks are not checked by a type checker.

    Parameters
    ----------
    kind
        Required type; `numbers.Real` for numbers, which excludes True and False.
    field, remedy
        Field and remedy in the error.

    Raises
    ------
    InputError
        With the value if it is short, else with its type.
    """
    if isinstance(value, kind) and not isinstance(value, bool):
        return
    brief = value is None or isinstance(value, str | int | float)
    raise InputError(field, value if brief else type(value), remedy)


def require_all(values: Iterable[Any], kind: type, *, field: str, remedy: str) -> tuple[Any, ...]:
    """A tuple of values, all of one type; a single text is refused.

    Parameters
    ----------
    field, remedy
        Field and remedy in the error.

    Raises
    ------
    InputError
        As `require_kind`.
    """
    if isinstance(values, str):
        raise InputError(field, values, remedy)
    require_kind(values, Iterable, field=field, remedy=remedy)
    several = tuple(values)
    for value in several:
        require_kind(value, kind, field=field, remedy=remedy)
    return several


class DataError(VeredaError, ValueError):
    """A file, layer, network or result that cannot be used as it stands.

    Examples
    --------
    >>> from geodata import load_network
    >>> load_network("no such directory")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    geodata.errors.DataError: network: 'no such directory'. There is no network.json here. ...
    """


class LostError(DataError):
    """A file that was correct when first read, and has since been removed or changed."""


class UnreachableError(VeredaError, OSError):
    """A host that cannot be reached, or does not return a file; a later attempt may succeed.

    Examples
    --------
    >>> from geodata.errors import UnreachableError
    >>> from geodata.sources.download.hosts.web import Web
    >>> try:
    ...     Web().open("http://127.0.0.1:9/roads.osm.pbf")
    ... except UnreachableError as error:
    ...     print(error.field, error.value)
    host 127.0.0.1:9
    """


class NoPathError(VeredaError, LookupError):
    """A valid question to which no path is the answer.

    Examples
    --------
    >>> from geodata import NoPathError
    >>> from routes import Router, Scenario, close, load_network, load_profile
    >>> router, profile = Router(load_network("network")), load_profile("migrants-north")
    >>> gateways = router.network.gateways["id"]
    >>> shut = tuple(close(gateway, field="close") for gateway in gateways)
    >>> try:
    ...     router.brief(Scenario(profile=profile, edits=shut))
    ... except NoPathError as error:
    ...     print(error.field)
    close
    """
