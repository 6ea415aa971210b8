"""What all rooms read: the settings, the network and results that they name, addresses of Redis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from service.state.redis_addresses import check_address, pool_of
    from service.state.settings import LOOPBACK, Settings
    from service.state.state import Shelf, State, current, install, make_once, state_of

__all__ = [
    "LOOPBACK", "Settings", "Shelf", "State", "check_address", "current", "install", "make_once",
    "pool_of", "state_of",
]  # fmt: skip

__getattr__, __dir__ = offer(__name__)
