"""The one family of errors. Each names the field, the value and the remedy."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Iterable
from typing import Any

LONGEST = 200
"""Signs of a value, or of a field, that an error shows at most."""

_PASSWORD = re.compile(r"(://[^\s/@:]*):(?!PASSWORD@)[^\s/@]*@")
"""Of an address, the name before a password; and the password, but for the word in a remedy."""
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
        What was wrong: a parameter, a column, a file.
    value
        What was given.
    remedy
        What the user can do about it, as a sentence.

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
        # Keys and headings of files may hold line breaks; what is said of them is one line.
        field, remedy = (without_password(_CONTROLS.sub(" ", text)) for text in (field, remedy))
        self.field = field if len(field) <= LONGEST else f"...{field[-LONGEST:]}"
        self.value, self.remedy = shortened(value), remedy
        super().__init__(f"{self.field}: {self.value!r}. {remedy}")


def without_password(text: str) -> str:
    """A text in which no address shows its password."""
    return _PASSWORD.sub(r"\1:***@", text) if "://" in text else text


def shortened(value: object) -> object:
    """A value as an error shows it: itself, or its beginning; whatever its size and depth."""
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
    """Wrong use: the request can be mended by its author.

    Examples
    --------
    >>> from geodata import read_events
    >>> read_events("missing.csv")
    Traceback (most recent call last):
        ...
    geodata.errors.InputError: events: 'missing.csv'. There is no such file.
    """


def require_kind(value: object, kind: type | tuple[type, ...], *, field: str, remedy: str) -> None:
    """Refuse a value of another kind: notebooks hand in what no checker of types has seen.

    Parameters
    ----------
    kind
        What it has to be; for a number, which True and False are not, `numbers.Real` will do.
    field, remedy
        As errors tell them.

    Raises
    ------
    InputError
        With the value where it is short, and else its type: a table in full says nothing.
    """
    if isinstance(value, kind) and not isinstance(value, bool):
        return
    brief = value is None or isinstance(value, str | int | float)
    raise InputError(field, value if brief else type(value), remedy)


def require_all(values: Iterable[Any], kind: type, *, field: str, remedy: str) -> tuple[Any, ...]:
    """Values that are of one kind each, in a tuple; one text is not several.

    Parameters
    ----------
    field, remedy
        What the error names, and says.

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
    """A file that was as it has to be, and is gone or changed by now."""


class UnreachableError(VeredaError, OSError):
    """A host that cannot be reached, or that does not hand a file out; another time it may.

    Examples
    --------
    >>> from geodata.errors import UnreachableError
    >>> from geodata.sources.download.web import Web
    >>> try:
    ...     Web().open("http://127.0.0.1:9/roads.osm.pbf")
    ... except UnreachableError as error:
    ...     print(error.field, error.value)
    host 127.0.0.1:9
    """


class NoPathError(VeredaError, LookupError):
    """The question is sound, and no path answers it.

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
