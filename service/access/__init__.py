"""Access: tokens, scopes, limits on rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from service.access.guard import Guard, register_guard, scope_of
    from service.access.privacy import private_directory, private_file, tighten_files
    from service.access.tokens import read_tokens

__all__ = [
    "Guard",
    "private_directory",
    "private_file",
    "read_tokens",
    "register_guard",
    "scope_of",
    "tighten_files",
]

__getattr__, __dir__ = offer(__name__)
