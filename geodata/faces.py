"""Faces of rooms: each offers names of its modules, imported at their first use."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import find_spec


def offer(room: str) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """``__getattr__`` and ``__dir__`` of a package for the names in its ``__all__`` (PEP 562).

    The module of each name is written in the package once, for type checkers and editors: in its
    imports under ``if TYPE_CHECKING``, which are parsed at the first use of a name.

    Parameters
    ----------
    room
        Name of the package.

    Examples
    --------
    >>> import geodata.network
    >>> geodata.network.Network.__module__
    'geodata.network.network'
    """

    def get(name: str) -> object:
        home = homes_of(room).get(name)
        if home is None:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        return getattr(import_module(home), name)

    def names() -> list[str]:
        return list(sys.modules[room].__all__)

    return get, names


@cache
def homes_of(room: str) -> dict[str, str]:
    """The module of each name that a package offers."""
    spec = find_spec(room)
    source = getattr(spec and spec.loader, "get_source", lambda _: "")(room)
    if source is None:
        raise ImportError(f"{room} finds what it offers in its source, which is not here.")
    guarded = [each for each in ast.parse(source).body if isinstance(each, ast.If)]
    imports = [each for block in guarded for each in block.body if isinstance(each, ast.ImportFrom)]
    return {name.name: str(each.module) for each in imports for name in each.names}
