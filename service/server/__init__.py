"""gunicorn, its connections, and monitoring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from service.server.gunicorn import Server

__all__ = ["Server"]

__getattr__, __dir__ = offer(__name__)
