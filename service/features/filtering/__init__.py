"""Filters by box, property, time and CQL2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from service.features.filtering.cql2 import LONGEST
    from service.features.filtering.selection import FILTERING, LANGUAGE, PAGING, Selection, select

__all__ = ["FILTERING", "LANGUAGE", "LONGEST", "PAGING", "Selection", "select"]

__getattr__, __dir__ = offer(__name__)
