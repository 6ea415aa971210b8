"""Lines of a TOML text: where its keys and tables stand, for errors to tell."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

_TOKEN = re.compile(
    r'''"""(?:\\.|[^\\])*?"{3,5}|"(?:\\.|[^"\\\n])*"|#[^\n]*|[\[\]{}\n]'''
    r"""|'{3}.*?'{3,5}|'[^'\n]*'""",
    re.DOTALL,
)
"""Texts and comments, in which brackets say nothing; brackets; ends of lines."""


def key_lines(text: str) -> dict[str, int]:
    r"""Where keys and tables stand in a text that can be read: lines by path, as forms name it.

    Examples
    --------
    >>> from geodata.formats.text.toml_lines import key_lines
    >>> key_lines("slack = 0.1\n[[scenario]]\nvia = [\n]")
    {'slack': 1, 'scenario[0]': 2, 'scenario[0].via': 3}
    """
    lines: dict[str, int] = {}
    counts: dict[str, int] = {}
    table = ""
    for line, statement in _statements(text.removeprefix("\ufeff")):
        parsed = tomllib.loads(statement)
        if statement.lstrip().startswith("["):
            table = _header(parsed, counts)
            lines[table] = line
        else:
            lines.update(dict.fromkeys(_paths(parsed, table), line))
    return lines


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Statements with their lines: each ends with a line at which no bracket is open."""
    line, begin, depth = 1, 0, 0
    for token in _TOKEN.finditer(f"{text}\n"):
        sign = token[0]
        depth += (sign in "[{") - (sign in "]}")
        if sign == "\n" and not depth:
            statement = text[begin : token.end()]
            yield line, statement
            line, begin = line + statement.count("\n"), token.end()


def line_of(lines: Mapping[str, int], path: str) -> int | None:
    """The line of a key, or else of the nearest table or list around it."""
    while path and path not in lines:
        # A name may hold brackets and points itself: every cut makes the path shorter all the same.
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
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
