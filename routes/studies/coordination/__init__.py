"""Coordination: what actors achieve alone and together, and whom they burden."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from routes.studies.coordination.actors import MOST_ACTORS, Actor
    from routes.studies.coordination.coordination import Coordination, coordinate
    from routes.studies.coordination.shapley import shapley_values, shapley_weights
    from routes.studies.coordination.strategy_form import Strategy, StrategyForm
    from routes.studies.coordination.tables import (
        LEAST_GAIN,
    )

__all__ = [
    "LEAST_GAIN",
    "MOST_ACTORS",
    "Actor",
    "Coordination",
    "Strategy",
    "StrategyForm",
    "coordinate",
    "shapley_values",
    "shapley_weights",
]

__getattr__, __dir__ = offer(__name__)
