"""Computing: compiled functions with their code on disk, and work on threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.computing.compiled import kernel
    from geodata.computing.tasks import Check, Notice, computed_once, in_order, unhindered

__all__ = ["Check", "Notice", "computed_once", "in_order", "kernel", "unhindered"]

__getattr__, __dir__ = offer(__name__)
