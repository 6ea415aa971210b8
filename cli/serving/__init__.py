"""Commands for the web: the service, its jobs and tokens, and tiles for a page without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from cli.serving.serve import serve_command, work_command
    from cli.serving.tiles import tiles_command
    from cli.serving.token import token_group

__all__ = [
    "serve_command",
    "tiles_command",
    "token_group",
    "work_command",
]

__getattr__, __dir__ = offer(__name__)
