"""The map page and the landing page, and what browsers are sent with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from service.pages.map_background import background_of
    from service.pages.map_page import untracked
    from service.pages.sketch import sketch_of

__all__ = ["background_of", "sketch_of", "untracked"]

__getattr__, __dir__ = offer(__name__)
