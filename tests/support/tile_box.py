"""Where a tile lies, for tests that look at what is in one."""

from __future__ import annotations

from geodata.area.box import Box
from geodata.formats.tiles.web_mercator import degrees


def tile_box(z: int, x: int, y: int) -> Box:
    """West, south, east and north of a tile in degrees."""
    side = 1 / 2**z
    west, north = degrees(x * side, y * side)
    east, south = degrees((x + 1) * side, (y + 1) * side)
    return Box(west, south, east, north)
