"""What the service is told when it starts, and what an address of Redis may be."""

from service.settings.settings import LOOPBACK, Settings, default_result

__all__ = ["LOOPBACK", "Settings", "default_result"]
