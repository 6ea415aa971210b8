"""Choice of a path: among families by their cost and overlap, and among the paths of one family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from routes.corridors.choice.family_choice import FamilyChoice
    from routes.corridors.choice.path_size import Overlap
    from routes.corridors.choice.usage import spread_family

__all__ = [
    "FamilyChoice",
    "Overlap",
    "spread_family",
]

__getattr__, __dir__ = offer(__name__)
