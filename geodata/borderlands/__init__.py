"""The bundled region: clipped layers, their sources, and the script that derives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.borderlands.examples import COMMANDS, EXAMPLES
    from geodata.borderlands.region import AREA, BORDERLANDS

__all__ = ["AREA", "BORDERLANDS", "COMMANDS", "EXAMPLES"]

__getattr__, __dir__ = offer(__name__)
