"""TOML files of users, read completely or refused with an explanation."""

from __future__ import annotations

import codecs
import tomllib
from pathlib import Path
from typing import Any

from geodata.errors import DataError, InputError, VeredaError

SUFFIX = ".toml"
MOST_BYTES = 1 << 20
"""Size of a file at most."""
DEEPEST = 32
"""Tables and lists within each other at most."""

_OTHERS = {
    "UTF-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE),
    "UTF-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE),
}


def read_toml(path: Path, *, field: str, kind: type[VeredaError] = DataError) -> dict[str, Any]:
    """The tables of a file.

    Parameters
    ----------
    field
        Name of the file's purpose in errors.
    kind
        Class of errors about the content.

    Raises
    ------
    InputError
        When the file is missing, or is a directory, a device or a pipe.
    VeredaError
        When the text is not TOML in UTF-8.
    """
    if path.is_dir():
        raise InputError(field, str(path), "It cannot be read: it is a directory.")
    if not path.exists():
        raise InputError(field, str(path), "It cannot be read: there is no such file.")
    if not path.is_file():
        raise InputError(field, str(path), "It is a device or a pipe; name a plain file.")
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise kind(field, str(path), f"It is too large: give at most {MOST_BYTES:,} bytes.")
    return parse_toml(content, field=field, kind=kind)


def parse_toml(
    content: bytes | str, *, field: str, kind: type[VeredaError] = DataError
) -> dict[str, Any]:
    """The tables of a text, or of the bytes of a file.

    Raises
    ------
    VeredaError
        When the text is not TOML in UTF-8; the message has the line.
    """
    text = content if isinstance(content, str) else _decoded(content, field=field, kind=kind)
    try:
        tables = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise kind(field, str(error), "It is no TOML there; mend it.") from None
    except ValueError:
        remedy = "It holds a number of thousands of digits; give one that is meant."
        raise kind(field, "number", remedy) from None
    except RecursionError:
        raise kind(field, "nesting", _TOO_DEEP) from None
    if is_deeper(tables, DEEPEST):
        raise kind(field, "nesting", _TOO_DEEP)
    return tables


_TOO_DEEP = f"Nest at most {DEEPEST} tables and lists."


def _decoded(content: bytes, *, field: str, kind: type[VeredaError]) -> str:
    for name, marks in _OTHERS.items():
        if content.startswith(marks):
            raise kind(field, name, "Save the file as UTF-8.")
    if b"\0" in content:
        raise kind(field, "zero bytes", "Save the file as UTF-8; this may be UTF-16.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        value = f"byte {content[error.start]:#04x} in line {line}"
        raise kind(field, value, "Save the file as UTF-8; this may be Latin-1.") from None


def is_deeper(value: object, most: int) -> bool:
    """Whether tables and lists nest deeper than a limit."""
    level = [value]
    for _ in range(most + 1):
        inner: list[object] = []
        for each in level:
            if isinstance(each, dict):
                inner.extend(each.values())
            elif isinstance(each, list):
                inner.extend(each)
        if not inner:
            return False
        level = inner
    return True
