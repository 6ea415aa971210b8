"""Siting: where a limited effort raises the cost of a flow most, after it has moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from routes.studies.siting.interdiction import KnownFamilies, Site, choose_greedily, interdict
    from routes.studies.siting.siting import (
        Siting,
        site,
        siting_table,
        stability_table,
    )

__all__ = [
    "KnownFamilies",
    "Site",
    "Siting",
    "choose_greedily",
    "interdict",
    "site",
    "siting_table",
    "stability_table",
]

__getattr__, __dir__ = offer(__name__)
