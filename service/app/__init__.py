"""The application, and its OpenAPI document, put together from what each room serves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from service.app.application import create_app

__all__ = ["create_app"]

__getattr__, __dir__ = offer(__name__)
