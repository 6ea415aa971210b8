"""Replies: their headers, their conditions, and what pages may load."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from service.web.replies.conditions import file_reply
    from service.web.replies.replies import (
        GEOJSON,
        JSON,
        MAX_AGE,
        OPEN,
        SECURE,
        Link,
        address,
        json_reply,
        license_links,
        link,
        register_headers,
        text_reply,
    )

__all__ = [
    "GEOJSON",
    "JSON",
    "MAX_AGE",
    "OPEN",
    "SECURE",
    "Link",
    "address",
    "file_reply",
    "json_reply",
    "license_links",
    "link",
    "register_headers",
    "text_reply",
]

__getattr__, __dir__ = offer(__name__)
