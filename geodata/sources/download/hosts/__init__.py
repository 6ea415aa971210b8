"""Hosts: requests to them, whole and partial files, and how long they are waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.sources.download.hosts.kinds import KINDS, check_whole, kind_of
    from geodata.sources.download.hosts.partial import Partial, Version, now
    from geodata.sources.download.hosts.patience import Patience
    from geodata.sources.download.hosts.transfer import Meter, Outcome, Request, Transfer
    from geodata.sources.download.hosts.web import Web, proxy_for

__all__ = [
    "KINDS",
    "Meter",
    "Outcome",
    "Partial",
    "Patience",
    "Request",
    "Transfer",
    "Version",
    "Web",
    "check_whole",
    "kind_of",
    "now",
    "proxy_for",
]

__getattr__, __dir__ = offer(__name__)
