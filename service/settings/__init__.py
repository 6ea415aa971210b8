"""Settings of the service, and checks of addresses of Redis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from service.settings.redis_addresses import check_address, pool_of
    from service.settings.settings import LOOPBACK, Settings

__all__ = ["LOOPBACK", "Settings", "check_address", "pool_of"]

__getattr__, __dir__ = offer(__name__)
