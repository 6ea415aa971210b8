"""Requests: the host that was asked, the address and its parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from service.web.requests.hosts import base, register_hosts
    from service.web.requests.query import MOST, MOST_DIGITS, PAGE, USUAL, Query, read_number
    from service.web.requests.request import LONGEST_LINE, ComposedRequest

__all__ = [
    "LONGEST_LINE",
    "MOST",
    "MOST_DIGITS",
    "PAGE",
    "USUAL",
    "ComposedRequest",
    "Query",
    "base",
    "read_number",
    "register_hosts",
]

__getattr__, __dir__ = offer(__name__)
