"""Commands for networks: study areas, data to fetch, the build, and what is in a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from cli.networks.area import area_group
    from cli.networks.build import build_command
    from cli.networks.fetch import fetch_command
    from cli.networks.inspection import inspect_command
    from cli.networks.sources import sources_command

__all__ = [
    "area_group",
    "build_command",
    "fetch_command",
    "inspect_command",
    "sources_command",
]

__getattr__, __dir__ = offer(__name__)
