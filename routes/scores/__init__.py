"""Remoteness and governance weakness, as composite indicators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from routes.scores.remoteness import population_density
    from routes.scores.scoring import score_network

__all__ = ["population_density", "score_network"]

__getattr__, __dir__ = offer(__name__)
