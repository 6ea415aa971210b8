"""Lines of a TOML text: where its keys and tables stand, for errors to tell."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

_LAST = re.compile(r"(\.[^.\[]*|\[\d+\]|^[^.\[]*)$")


def key_lines(text: str) -> dict[str, int]:
    r"""Where keys and tables stand in a text that can be read: lines by path, as forms name it.

    A statement ends with the first line up to which its lines can be read by themselves.

    Examples
    --------
    >>> from geodata.formats.toml_lines import key_lines
    >>> key_lines("slack = 0.1\n[[scenario]]\nvia = [\n]")
    {'slack': 1, 'scenario[0]': 2, 'scenario[0].via': 3}
    """
    lines: dict[str, int] = {}
    counts: dict[str, int] = {}
    table, statement, begin = "", "", 1
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        statement += f"{line}\n"
        try:
            parsed = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        if statement.lstrip().startswith("["):
            table = _header(parsed, counts)
            lines[table] = begin
        else:
            lines |= dict.fromkeys(_paths(parsed, table), begin)
        statement, begin = "", number + 1
    return lines


def line_of(lines: Mapping[str, int], path: str) -> int | None:
    """The line of a key, or else of the nearest table or list around it."""
    while path and path not in lines:
        path = _LAST.sub("", path)
    return lines.get(path)


def _header(parsed: Mapping[str, Any], counts: dict[str, int]) -> str:
    """Path of the table that a line in brackets begins; of a list of tables it is the last."""
    path, inner = "", parsed
    while inner:
        key, value = next(iter(inner.items()))
        path = f"{path}.{key}".lstrip(".")
        if isinstance(value, list):
            counts[path] = counts.get(path, 0) + 1
            value = value[0]
        if path in counts:
            path = f"{path}[{counts[path] - 1}]"
        inner = value
    return path


def _paths(parsed: Mapping[str, Any], table: str) -> Iterator[str]:
    """Paths of keys, and of those in tables that they give."""
    for key, value in parsed.items():
        path = f"{table}.{key}".lstrip(".")
        yield path
        if isinstance(value, dict):
            yield from _paths(value, path)
